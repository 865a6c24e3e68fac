"""Drift between contracts and database, and the migrations that end it.

A migration is a file in `dbt_project/migrations/versions`, with an upgrade and a downgrade.
`generate` writes it, and people review it. `bookkeeping.alembic_version` records the migration that
a database is at. A database that `dbt build` has just made has no record: it is at the latest.
"""

import io
from argparse import Namespace
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError

from loader.errors import SchemaError
from loader.schema.changes import Changes, compare, is_other_type
from loader.schema.connection import VERSIONS_NAME

VERSIONS = Path(__file__).resolve().parents[2] / VERSIONS_NAME
_SCHEMA = "bookkeeping"
_LOCK_TIMEOUT = 60_000  # milliseconds


@dataclass(frozen=True, slots=True)
class Revision:
    """A migration.

    Args:
        id: Its id in `bookkeeping.alembic_version`.
        message: The message that it was generated with.
        file: Its path, relative to the project.
        is_current: Whether it is the database's latest migration.
        is_applied: Whether the database has it.
    """

    id: str
    message: str
    file: str
    is_current: bool
    is_applied: bool


class Migrations:
    """The migrations of a database, and its drift from the contracts.

    Args:
        connection: An open transaction on the database.
        contracts: The final tables.
        views: Views that depend on the final tables, and that each build makes again.
        versions: The folder of the migrations; by default the project's.
    """

    def __init__(
        self,
        connection: sa.Connection,
        contracts: sa.MetaData,
        views: Sequence[str] = (),
        versions: Path | None = None,
    ) -> None:
        self._connection = connection
        self._contracts = contracts
        self._views = views
        self._config = Config(
            cmd_opts=Namespace(quiet=True),
            attributes={"connection": connection, "takes_over": False},
        )
        self._config.set_main_option("script_location", "loader.schema:alembic")
        self._config.set_main_option("path_separator", "newline")
        self._config.set_main_option("version_locations", str(versions or VERSIONS))
        self._context = MigrationContext.configure(
            connection,
            opts={
                "version_table_schema": _SCHEMA,
                "include_name": lambda name, kind, _: kind != "table" or name in contracts.tables,
                "compare_type": is_other_type,
                "compare_server_default": True,
            },
        )

    def drift(self) -> list[str]:
        """Return how the final tables differ from the contracts, one line per difference."""
        return list(self._changes().described())

    def generate(self, message: str) -> tuple[Path, str]:
        """Write the migration that ends the drift; return its path and text.

        Args:
            message: What the migration is for.

        Raises:
            SchemaError: There is no drift, the database is not at the latest migration, or a change
                is impossible on a table that has rows.
        """
        is_takeover = self._is_foreign()
        if self._current() is not None and self.pending():
            raise SchemaError(
                "the database lacks migrations that there are. Apply them first:"
                " python -m loader schema migrate"
            )
        changes = self._changes()
        if not changes:
            raise SchemaError("there is nothing to do: the final tables are as the contracts say.")
        for table, column in changes.columns_without_a_value():
            if self._has_rows(table):
                raise SchemaError(
                    f"{table}.{column} is not null and has no default, and the table has rows. Give"
                    " it one in the contract, as: {type: custom, expression: default ''}"
                )
        if is_takeover:
            changes = changes.without_losses()
        upgrade, downgrade = changes.rendered(self._context, self._views)
        revision = f"{len(self._newest_first()) + 1:04}"
        self._config.attributes.update(upgrade=upgrade, downgrade=downgrade, takes_over=is_takeover)
        try:
            command.revision(self._config, message, rev_id=revision)
        except CommandError as error:
            raise SchemaError(f"the migration cannot be written: {error}") from error
        path = Path(self._scripts.get_revision(revision).path)
        return path, path.read_text()

    def pending(self) -> list[str]:
        """Return the ids of the migrations that the database lacks, oldest first."""
        current = self._current()
        if current is None and not self._changes():
            return []  # a build has just made everything
        newer = self._scripts.walk_revisions(current or "base", "head")
        return [script.revision for script in newer if script.revision != current][::-1]

    def migrate(self) -> list[str]:
        """Bring the database to the latest migration; return the ids of those applied.

        If the database has no record of a migration, apply the fewest of the latest migrations that
        bring it to the contracts.

        Raises:
            SchemaError: A migration fails, or none leads to the contracts. Nothing is changed.
        """
        if not self._newest_first():
            return []
        self._wait_for_builds()
        if self._current() is None:
            return self._migrate_unknown()
        applied = self.pending()
        command.upgrade(self._config, "head")
        return applied

    def _migrate_unknown(self) -> list[str]:
        is_foreign = self._is_foreign()
        self._config.attributes["takes_over"] = is_foreign
        revisions = self._newest_first()
        problem = ""
        for count, start in enumerate([*revisions, "base"]):  # the fewest first
            savepoint = self._connection.begin_nested()
            try:
                command.stamp(self._config, start)
                command.upgrade(self._config, "head")
                changes = self._changes()
                is_there = not changes or (is_foreign and changes.is_enough)
                if is_there or not self._has_tables():
                    savepoint.commit()
                    return revisions[:count][::-1] if self._has_tables() else []
                problem = problem or "; ".join(self.drift()[:3])
            except (sa.exc.DBAPIError, CommandError) as error:
                problem = " ".join(str(getattr(error, "orig", error)).split())
            savepoint.rollback()
        raise SchemaError(
            f"no migration brings this database to the contracts: {problem}\n"
            'See python -m loader schema diff; write one: schema generate -m "…"'
        )

    def rollback(self) -> str:
        """Undo the database's latest migration; return its id.

        Raises:
            SchemaError: There is none, or it cannot be undone. Nothing is changed.
        """
        current = self._latest()
        self._wait_for_builds()
        if self._current() is None:
            command.stamp(self._config, current)
        command.downgrade(self._config, "-1")
        return current

    def sql(self, *, is_rollback: bool = False) -> str:
        """Return the statements that `migrate` or `rollback` would run.

        Raises:
            SchemaError: No migration leads to the contracts, or there is nothing to undo.
        """
        revisions = [*self._newest_first(), "base"]
        if is_rollback:
            start = self._latest()
            end = revisions[revisions.index(start) + 1]
        else:
            pending = self._pending_of_unknown() if self._current() is None else self.pending()
            if not pending:
                return ""
            start, end = revisions[len(pending)], revisions[0]
        self._config.output_buffer = output = io.StringIO()
        if self._current() is None:
            if sa.inspect(self._connection).has_table("alembic_version", schema=_SCHEMA):
                # It has no row. What follows creates it.
                output.write(f"DROP TABLE {_SCHEMA}.alembic_version;\n\n")
            if start != "base":
                command.stamp(self._config, f"base:{start}", sql=True)
        run = command.downgrade if is_rollback else command.upgrade
        run(self._config, f"{start}:{end}", sql=True)
        return output.getvalue().expandtabs(4)  # the command line shows tabs as escapes

    def _pending_of_unknown(self) -> list[str]:
        """Return the migrations that `migrate` would apply to a database without a record."""
        attempt = self._connection.begin_nested()
        pending = self._migrate_unknown() if self._newest_first() else []
        attempt.rollback()
        return pending

    def history(self) -> list[Revision]:
        """Return all migrations, oldest first."""
        pending = set(self.pending())
        applied = [each for each in self._newest_first() if each not in pending]
        return [
            Revision(
                script.revision,
                script.doc,
                f"{VERSIONS_NAME}/{Path(script.path).name}",
                script.revision in applied[:1],
                script.revision in applied,
            )
            for script in reversed(list(self._scripts.walk_revisions()))
        ]

    @property
    def _scripts(self) -> ScriptDirectory:
        return ScriptDirectory.from_config(self._config)

    def _newest_first(self) -> list[str]:
        return [script.revision for script in self._scripts.walk_revisions()]

    def _changes(self) -> Changes:
        return compare(self._context, self._contracts)

    def _current(self) -> str | None:
        return self._context.get_current_revision()

    def _latest(self) -> str:
        """Return the database's latest migration, recorded or not.

        Raises:
            SchemaError: It has none.
        """
        applied = [each.id for each in self.history() if each.is_current]
        if not applied:
            raise SchemaError("there is no migration to undo: python -m loader schema history")
        return applied[0]

    def _has_tables(self) -> bool:
        return bool(
            set(sa.inspect(self._connection).get_table_names()) & set(self._contracts.tables)
        )

    def _has_rows(self, table: str) -> bool:
        query = sa.select(sa.exists().select_from(self._contracts.tables[table]))
        return bool(self._connection.execute(query).scalar())

    def _is_foreign(self) -> bool:
        """Return whether another system made the final tables."""
        has_ledger = sa.inspect(self._connection).has_table("applied_loads", schema=_SCHEMA)
        return self._has_tables() and not has_ledger and self._current() is None

    def _wait_for_builds(self) -> None:
        """Keep builds from creating tables, and limit how long to wait for readers."""
        self._connection.execute(sa.text(f"set lock_timeout = {_LOCK_TIMEOUT}"))
        # The lock of macros/locks.sql.
        lock = "select pg_advisory_xact_lock(hashtextextended('schema', 0))"
        self._connection.execute(sa.text(lock))
