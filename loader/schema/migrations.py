"""Compare database and contracts, and write and run migrations.

A migration is a file in `dbt_project/migrations/versions`, with an upgrade and a downgrade.
`generate` writes it, and people review it. `bookkeeping.alembic_version` records the migration of
a database, which determines the pending ones. A build writes this record in a new database.
Databases of another system, or of early releases, have no record.
"""

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import NamedTuple

import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.util import CommandError

from loader.errors import SchemaError
from loader.project import CORE
from loader.schema.connection import VERSIONS_NAME
from loader.schema.final_tables import FinalTables
from loader.schema.losses import Loss, losses, recorded
from loader.schema.plan import Plan, plan, write
from loader.schema.rendering import described
from loader.schema.revisions import Revision, Revisions
from loader.settings import Target

VERSIONS = CORE / VERSIONS_NAME


class _Position(NamedTuple):
    """The position of a database without a record in the migrations.

    Args:
        lacks: The migrations that it lacks, oldest first.
        differs: The number of contract differences that remain after them.
        problem: Why the migrations do not lead to the contracts; empty if they do.
    """

    lacks: list[str]
    differs: int
    problem: str


class Migrations:
    """The migrations of a database, and its differences from the contracts.

    Args:
        connection: An open transaction on the database.
        contracts: The final tables.
        target: The target of the database, for commands in messages.
        views: Views that depend on the final tables; each build recreates them.
        tables: Names of the tables that a migration may change; by default all of the contracts.
        versions: The folder of the migrations; by default the project's.
    """

    def __init__(  # noqa: PLR0913 - all but two are options
        self,
        connection: sa.Connection,
        contracts: sa.MetaData,
        *,
        target: Target,
        views: Sequence[str] = (),
        tables: Collection[str] | None = None,
        versions: Path | None = None,
    ) -> None:
        self._connection = connection
        self._tables = FinalTables(connection, contracts, tables, views)
        self._revisions = Revisions(connection, versions or VERSIONS)
        self._target = target

    def drift(self) -> list[str]:
        """Return the differences that a migration must fix, one line each."""
        return list(described(self._tables.changes().lacking))

    def extras(self) -> list[str]:
        """Return extra objects of the database, which may stay, one line each."""
        return list(described(self._tables.changes().extras))

    def generate(self, message: str, allowed: Collection[str] = ()) -> tuple[Path, Plan]:
        """Write a migration from the database to the contracts; return its file and its plan.

        Args:
            message: The purpose of the migration.
            allowed: Names of objects that it may remove or narrow: `table.column`, or the name of
                an index or a constraint.

        Raises:
            SchemaError: The database lacks a migration, a name matches nothing removable, rows
                violate a change, or nothing differs.
        """
        is_takeover = self._tables.are_foreign()
        lacks = self._lacks()
        if lacks:
            raise SchemaError(
                f"The database lacks migrations: {', '.join(lacks)}. Apply them"
                f" first: python -m loader schema migrate --target {self._target}"
            )
        made = plan(self._tables, allowed)
        path = write(self._tables, self._revisions, message, made, is_takeover=is_takeover)
        return path, made

    def pending(self) -> list[str]:
        """Return the ids of the migrations that the database lacks, oldest first."""
        lacks = self._lacks()
        if lacks or self._tables.are_recorded() or not self._tables.changes().lacking:
            return lacks
        return self._revisions.after(None)  # none of the migrations leads to the contracts

    def losses(self) -> list[Loss]:
        """Return the objects that `migrate` would remove or narrow. Change and lock nothing."""
        return self._losses("upgrade", self._lacks())

    def migrate(self) -> list[str]:
        """Bring the database to the latest migration; return the ids of the applied migrations.

        If the database has no record, choose the position that leaves the fewest differences from
        the contracts, and apply the fewest migrations that lead there.

        Raises:
            SchemaError: A migration fails, or none leads to the contracts. Nothing is changed.
        """
        if not self._revisions.all():
            return []
        self._tables.wait_for_builds()
        if not self._tables.are_recorded():
            return self._migrate_unknown()
        applied = self._lacks()
        try:
            with self._connection.begin_nested():
                self._revisions.upgrade()
        except sa.exc.ProgrammingError as error:
            if self._target != Target.DEV:
                raise
            if self._tables.changes().lacking:
                raise SchemaError(
                    f"A migration does not fit this database: {error.orig}\nBring it to the"
                    f" contracts as it is: python -m loader schema push --target {self._target}"
                ) from error
            self._revisions.stamp("head")  # a push has already made its changes
        return applied

    def _migrate_unknown(self) -> list[str]:
        lacks, differs, problem = self._find()
        if differs and not lacks:
            raise SchemaError(
                f"No migration brings this database to the contracts: {problem}\n"
                f"See python -m loader schema diff --target {self._target}; write one:"
                f' python -m loader schema generate --target {self._target} -m "…"'
            )
        self._apply(len(lacks))
        return lacks

    def _lacks(self) -> list[str]:
        """Return the migrations that `migrate` would apply."""
        if self._tables.are_recorded():
            return self._revisions.after(self._current())
        if not self._revisions.all():
            return []
        with self._tables.attempt():
            return self._find().lacks

    def _find(self) -> _Position:
        """Find the latest migrations that a database without a record lacks.

        Choose the position with the fewest differences, then the fewest migrations. A database
        that another system filled must have no difference afterwards.
        """
        self._tables.wait_for_builds()
        if not self._tables.exist():
            return _Position([], 0, "")
        is_foreign = self._tables.are_foreign()
        ids = self._revisions.ids()
        changes = self._tables.changes()
        least, lacks = changes.distance, 0
        problem = "; ".join(list(described(changes.lacking))[:3])
        for count in range(1, len(ids) + 1):
            if least == (0, 0):
                break
            try:
                with self._tables.attempt():
                    self._apply(count)
                    distance = self._tables.changes().distance
            except sa.exc.OperationalError:
                raise  # a lock or a lost connection does not mean that the migration fails
            except (sa.exc.DBAPIError, CommandError) as error:
                problem = " ".join(str(getattr(error, "orig", error)).split())
                continue
            if distance < least and not (is_foreign and distance[0]):
                least, lacks = distance, count
        return _Position(ids[:lacks][::-1], least[0], problem)

    def _apply(self, count: int) -> None:
        """Apply the latest migrations to a database without a record, and record the others."""
        is_foreign = self._tables.are_foreign()
        self._revisions.stamp([*self._revisions.ids(), "base"][count])
        self._revisions.upgrade(takes_over=is_foreign)

    def undoing(self) -> tuple[str, list[Loss]]:
        """Return the migration that `rollback` would undo, and the objects it would change.

        Raises:
            SchemaError: No migration is applied.
        """
        latest = self._latest()
        return latest, self._losses("downgrade", [latest])

    def rollback(self) -> str:
        """Undo the database's latest migration; return its id.

        Raises:
            SchemaError: No migration is applied, or it cannot be undone. Nothing is changed.
        """
        latest = self._latest()
        self._tables.wait_for_builds()
        if not self._tables.are_recorded():
            self._revisions.stamp(latest)
        self._revisions.downgrade()
        return latest

    def _losses(self, direction: str, revisions: Sequence[str]) -> list[Loss]:
        options = {"takes_over": self._tables.are_foreign()}
        context = MigrationContext.configure(self._connection, opts=options)
        steps, unknown = [], []
        for revision in revisions:
            try:
                with self._tables.attempt():  # roll back changes that bypass Alembic
                    steps += recorded(context, self._revisions.function(revision, direction))
            except sa.exc.DBAPIError:
                what = "what it removes cannot be told before it runs: look into its file"
                unknown.append(Loss(revision, what, None))
        with self._tables.attempt():
            return [*losses(self._connection, steps), *unknown]

    def sql(self, *, is_rollback: bool = False) -> str:
        """Return the statements that `migrate` or `rollback` would run.

        Raises:
            SchemaError: No migration leads to the contracts, or none can be undone.
        """
        ids = [*self._revisions.ids(), "base"]
        if is_rollback:
            start = self._latest()
            end = ids[ids.index(start) + 1]
        else:
            if not self._tables.are_recorded():
                with self._tables.attempt():
                    self.migrate()  # or raise the reason why no migration helps
            start, end = ids[len(self._lacks())], ids[0]
        if start == end:
            return ""
        return self._tables.transaction(
            self._revisions.sql(
                start,
                end,
                is_stamped=not self._tables.are_recorded(),
                is_down=is_rollback,
                takes_over=self._tables.are_foreign(),
            )
        )

    def history(self) -> list[Revision]:
        """Return all migrations, oldest first."""
        pending = set(self.pending())
        applied = [each for each in self._revisions.ids() if each not in pending]
        return [
            Revision(
                script.revision,
                script.doc,
                f"{VERSIONS_NAME}/{Path(script.path).name}",
                script.revision in applied[:1],
                script.revision in applied,
            )
            for script in reversed(self._revisions.all())
        ]

    def _current(self) -> str | None:
        """Return the recorded migration of the database.

        Raises:
            SchemaError: The recorded migration does not exist here.
        """
        current = self._tables.context.get_current_revision()
        if current is not None and current not in self._revisions.ids():
            raise SchemaError(
                f"The database is at the migration {current!r}, which {VERSIONS_NAME} does not"
                " have.\nIf it was migrated from a newer checkout, run that one."
            )
        return current

    def _latest(self) -> str:
        """Return the database's latest migration, recorded or not.

        Raises:
            SchemaError: The database has no migration.
        """
        applied = [each.id for each in self.history() if each.is_current]
        if not applied:
            again = f"python -m loader schema history --target {self._target}"
            raise SchemaError(f"There is no migration to undo. See: {again}")
        return applied[0]
