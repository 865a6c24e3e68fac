"""The final tables of a database, and how they differ from the contracts."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from alembic.migration import MigrationContext

from loader.schema.casts import is_other_default, is_other_type
from loader.schema.changes import Changes, compare

SCHEMA = "bookkeeping"
_LEDGER = sa.table("applied_loads", sa.column("applied_at"), schema=SCHEMA)
_LOCK_TIMEOUT = 60_000  # milliseconds
# Comments are whoever's who wrote them.
_PLUGINS = (
    "alembic.autogenerate.*",
    "~alembic.autogenerate.comments",
    "alembic.ext.checkconstraint_byname",
)


class FinalTables:
    """The final tables of a database.

    Args:
        connection: An open transaction on the database.
        contracts: The final tables as they should be.
        names: Those that may be touched; by default all. The others are never compared.
    """

    def __init__(
        self,
        connection: sa.Connection,
        contracts: sa.MetaData,
        names: Collection[str] | None = None,
    ) -> None:
        self.connection = connection
        self.contracts = contracts
        self._names = frozenset(contracts.tables if names is None else names)
        self.context = MigrationContext.configure(
            connection,
            opts={
                "version_table_schema": SCHEMA,
                # One is asked about tables of the database, the other about those of the contracts.
                "include_name": lambda name, kind, _: kind != "table" or name in self._names,
                "include_object": lambda _, name, kind, *__: kind != "table" or name in self._names,
                "compare_type": is_other_type,
                "compare_server_default": is_other_default,
                "autogenerate_plugins": _PLUGINS,
            },
        )

    def changes(self, allowed: Collection[str] = ()) -> Changes:
        """Return how they differ; `allowed` names what may be removed or narrowed."""
        return compare(self.context, self.contracts, allowed)

    def exist(self) -> bool:
        """Return whether any of them is there."""
        return bool(self._there())

    def are_foreign(self) -> bool:
        """Return whether another system made them.

        A build that was refused leaves a ledger, too. No load is applied then, and tables lack what
        all builds give them.
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
        """Keep builds from creating tables, and limit how long to wait for readers."""
        self.connection.execute(sa.text(f"set lock_timeout = {_LOCK_TIMEOUT}"))
        # The lock of macros/locks.sql.
        lock = "select pg_advisory_xact_lock(hashtextextended('schema', 0))"
        self.connection.execute(sa.text(lock))

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """Undo what is done within, and give back its locks."""
        savepoint = self.connection.begin_nested()
        try:
            yield
        finally:
            savepoint.rollback()

    def _there(self) -> set[str]:
        return set(sa.inspect(self.connection).get_table_names()) & self._names
