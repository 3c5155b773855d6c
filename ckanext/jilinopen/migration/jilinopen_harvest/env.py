"""Alembic environment of the harvest room's tables."""

from pathlib import Path

from alembic import context
from sqlalchemy import engine_from_config, pool

VERSION_TABLE = f"{Path(__file__).parent.name}_alembic_version"


def run_migrations() -> None:
    """Apply the migrations over a connection of their own."""
    engine = engine_from_config(
        context.config.get_section(context.config.config_ini_section) or {},
        prefix="sqlalchemy.",
        poolclass=pool.NullPool,
    )
    with engine.connect() as connection:
        context.configure(connection=connection, version_table=VERSION_TABLE)
        with context.begin_transaction():
            context.run_migrations()


run_migrations()
