# ruff: noqa: INP001 - no package: Alembic finds it by its path
"""Alembic's environment: run migrations on the caller's connection, or print them (`--sql`).

`Migrations` calls Alembic's commands and passes its connection and options in `config.attributes`.
"""

import sqlalchemy as sa
from alembic import context

_SCHEMA = "bookkeeping"

_attributes = context.config.attributes
_connection = _attributes["connection"]
context.configure(
    connection=_connection,
    version_table_schema=_SCHEMA,
    takes_over=_attributes["takes_over"],  # read by migrations that take over a database
)
with context.begin_transaction():
    # Check first: even `if not exists` needs a right that a build's role lacks.
    if not sa.inspect(_connection).has_schema(_SCHEMA):
        context.execute(sa.schema.CreateSchema(_SCHEMA, if_not_exists=True))
    context.run_migrations()
