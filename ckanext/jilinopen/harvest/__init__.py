"""Harvesting of municipal portals: from the wire to the catalogue.

``records errors client portals mapping rules plan`` know nothing of CKAN; ``sink runs harvester``
are the CKAN side.
"""
