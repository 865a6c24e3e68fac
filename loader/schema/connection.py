"""The connection of the schema commands, and user-readable errors."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from alembic.util import CommandError

from loader.database.connect import connect_postgres
from loader.database.refusals import of_statement, state_of
from loader.errors import SchemaError
from loader.settings import Settings

VERSIONS_NAME = "dbt_project/migrations/versions"


@contextmanager
def connected(settings: Settings) -> Iterator[sa.Connection]:
    """Connect to the target's database in a transaction that the caller commits.

    Raises:
        SchemaError: The target is DuckDB, or the database rejects a statement.
        WarehouseError: The database cannot be reached.
    """
    database = settings.database
    if not database:
        message = (
            "The schema commands are for PostgreSQL. DuckDB takes changes of the models at a"
            " rebuild: python -m loader drop --target local, then load and build.\n"
            "Name a Neon target: --target dev, staging or prod"
        )
        raise SchemaError(message)

    def connect() -> Any:  # noqa: ANN401 - the driver's connection
        connection = connect_postgres(database)
        connection.autocommit = False
        return connection

    engine = sa.create_engine("postgresql+psycopg://", creator=connect, poolclass=sa.NullPool)
    try:
        with engine.connect() as connection, warnings.catch_warnings():
            # Columns of other writers may have types that SQLAlchemy does not know.
            warnings.filterwarnings("ignore", "Did not recognize type", sa.exc.SAWarning)
            yield connection
    except sa.exc.DBAPIError as error:
        text = settings.redacted(str(error.orig).strip())
        said = of_statement(text, state_of(error.orig), settings)
        raise SchemaError(said or f"The database refused a statement: {text}") from None
    except CommandError as error:
        message = (
            f"The database and {VERSIONS_NAME} do not match: {error}\n"
            "If the database was migrated from a newer checkout, run that one."
        )
        raise SchemaError(message) from error
    finally:
        engine.dispose()
