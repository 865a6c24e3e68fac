"""The final tables of a database, and their differences from the contracts."""

import re
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from alembic.migration import MigrationContext

from loader.schema.casts import is_other_default, is_other_type
from loader.schema.changes import Changes, compare

SCHEMA = "bookkeeping"
_LEDGER = sa.table("applied_loads", sa.column("applied_at"), schema=SCHEMA)
_WAIT = (
    "set local lock_timeout = '60s'",
    "select pg_advisory_xact_lock(hashtextextended('schema', 0))",  # same as in macros/locks.sql
)
# Ignore comments: a user may have written them.
_PLUGINS = (
    "alembic.autogenerate.*",
    "~alembic.autogenerate.comments",
    "alembic.ext.checkconstraint_byname",
)


class FinalTables:
    """The final tables of a database.

    Args:
        connection: An open transaction on the database, or recorded tables.
        contracts: The contracts of the final tables.
        names: The tables to compare and change; by default all. Others are never compared.
        views: Views that depend on them; each build recreates them.
    """

    def __init__(
        self,
        connection: Any,  # noqa: ANN401 - SQLAlchemy's connection, or a stand-in
        contracts: sa.MetaData,
        names: Collection[str] | None = None,
        views: Sequence[str] = (),
    ) -> None:
        self.views = views
        self.connection = connection
        self.contracts = contracts
        self._names = frozenset(contracts.tables if names is None else names)
        self.context = MigrationContext.configure(
            connection,
            opts={
                "version_table_schema": SCHEMA,
                # One takes tables of the database, the other those of the contracts.
                "include_name": lambda name, kind, _: kind != "table" or name in self._names,
                "include_object": lambda _, name, kind, *__: kind != "table" or name in self._names,
                "compare_type": is_other_type,
                "compare_server_default": is_other_default,
                "autogenerate_plugins": _PLUGINS,
            },
        )

    def changes(self, allowed: Collection[str] = ()) -> Changes:
        """Return the differences; `allowed` names objects that may be removed or narrowed."""
        return compare(self.context, self.contracts, allowed)

    def exist(self) -> bool:
        """Return whether any of the tables exists."""
        return bool(self._there())

    def are_recorded(self) -> bool:
        """Return whether the database has a record of its migration, even of none."""
        inspector: sa.Inspector = sa.inspect(self.connection)
        return inspector.has_table("alembic_version", schema=SCHEMA)

    def are_foreign(self) -> bool:
        """Return whether another system created them.

        A ledger alone proves nothing, because a refused build creates one. In that case no load is
        applied, and the tables lack objects that every build creates.
        """
        if not self._there() or self.context.get_current_revision() is not None:
            return False
        inspector = sa.inspect(self.connection)
        if not inspector.has_table(_LEDGER.name, schema=SCHEMA):
            return True
        applied = sa.exists().where(_LEDGER.c.applied_at.is_not(None))
        if self.connection.scalar(sa.select(applied)):
            return False
        found = inspector.get_multi_columns(filter_names=list(self._there()))
        return any(
            "loaded_at" in self.contracts.tables[table].c
            and "loaded_at" not in {column["name"] for column in columns}
            for (_, table), columns in found.items()
        )

    def wait_for_builds(self) -> None:
        """Keep builds from creating tables, and limit the wait for readers."""
        for statement in _WAIT:
            self.connection.execute(sa.text(statement))

    def transaction(self, statements: str) -> str:
        """Return statements as one transaction, with the settings and locks of `migrate`."""
        path = self.connection.scalars(sa.text("show search_path")).one()
        lines = [line for line in statements.splitlines() if line not in {"BEGIN;", "COMMIT;"}]
        begin = ["begin", f"set local search_path to {path}", "set local timezone to 'UTC'", *_WAIT]
        head = "".join(f"{statement};\n" for statement in begin)
        return re.sub(r"\n{3,}", "\n\n", "\n".join([head, *lines, "commit;", ""]))

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """Roll back all changes made inside, and release their locks."""
        savepoint = self.connection.begin_nested()
        try:
            yield
        finally:
            savepoint.rollback()

    def _there(self) -> set[str]:
        return set(sa.inspect(self.connection).get_table_names()) & self._names
