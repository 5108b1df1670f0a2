"""Alembic's entry: on the connection `db.migrate` hands over, or by hand on the catalog of AGEGAP_CATALOG."""

import sys
from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection

from agegap.environment import catalog_url
from agegap.errors import CatalogUnreachable
from db.migrate import migrating
from db.models import Base
from db.session import connect, parse_catalog_url


def render_item(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:
    """Write our column types into a migration as the plain types they are made of, so that it stays true for ever."""
    if kind == "type" and type(item).__module__ == "db.types":
        return f"sa.{item.impl!r}"
    return False


def run_on(connection: Connection) -> None:
    """Run the migrations Alembic was asked for on `connection`, whose transaction the caller commits."""
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        render_item=render_item,
        compare_server_default=True,
    )
    with context.begin_transaction():
        context.run_migrations()


def print_sql() -> None:
    """Print the SQL of the migrations (`alembic upgrade head --sql`) and touch no database."""
    url = parse_catalog_url(catalog_url())
    context.configure(
        url=url,
        target_metadata=Base.metadata,
        literal_binds=True,
        render_as_batch=url.get_backend_name() == "sqlite",
        dialect_opts={"paramstyle": "named"},
    )
    with context.begin_transaction():
        context.run_migrations()


def run_by_hand() -> None:
    """Run the migrations on the catalog of the environment; end with its one sentence when it cannot be reached."""
    try:
        engine = connect()
    except CatalogUnreachable as error:
        sys.stderr.write(f"alembic: {error}\n")
        sys.exit(error.exit_code)
    with migrating(engine) as connection:
        run_on(connection)
    engine.dispose()


def main() -> None:
    """Choose among the three ways Alembic comes here."""
    given = context.config.attributes.get("connection")
    if context.is_offline_mode():
        print_sql()
    elif given is not None:
        run_on(given)
    else:
        run_by_hand()


main()
