"""Bringing a catalog to the newest schema; `alembic upgrade head` at the root does the same by hand."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine

SCRIPTS = Path(__file__).parent / "migrations"


def upgrade(engine: Engine) -> None:
    """Migrate the catalog behind `engine` to head; does nothing when it is there already."""
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            # Two workers that start together must not both create the tables.
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(727201)")
        config = Config()
        config.set_main_option("script_location", str(SCRIPTS))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
