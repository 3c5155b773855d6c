"""Alembic migrations, one folder a plugin.

CKAN looks for them beside the package's top, not inside a room: see ``ckan db upgrade -p``.
"""
