"""CKAN-side logic of the catalogue: validators, actions and their authorisation."""
