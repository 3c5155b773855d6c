"""Metadata schemas, vocabularies, naming and validators: what every other room stands on."""
