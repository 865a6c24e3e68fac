"""Drift between contracts and database, and the migrations that end it.

A migration is a file in `dbt_project/migrations/versions`, with an upgrade and a downgrade.
`generate` writes it, and people review it. `bookkeeping.alembic_version` records the migration that
a database is at, and decides what is pending. A build records it in the database that it makes. A
database of another system has no record, nor has one that an earlier release made.
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
    """Where a database without a record is.

    Args:
        lacks: The migrations that it lacks, oldest first.
        differs: How much of the contracts is missing after them.
        problem: Why no others help; empty if nothing differs.
    """

    lacks: list[str]
    differs: int
    problem: str


class Migrations:
    """The migrations of a database, and its drift from the contracts.

    Args:
        connection: An open transaction on the database.
        contracts: The final tables.
        target: Which target's database it is, for the commands that messages name.
        views: Views that depend on the final tables, and that each build makes again.
        tables: Names of the tables that a migration may touch; by default all of the contracts.
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
        """Return what the final tables lack of the contracts, one line per difference."""
        return list(described(self._tables.changes().lacking))

    def extras(self) -> list[str]:
        """Return what only the database has, and may keep, one line per difference."""
        return list(described(self._tables.changes().extras))

    def generate(self, message: str, allowed: Collection[str] = ()) -> tuple[Path, Plan]:
        """Write the migration that ends the drift; return its file and what it does.

        Args:
            message: What the migration is for.
            allowed: Names of what it may remove, or change to a narrower type: `table.column`, or
                the name of an index or a constraint.

        Raises:
            SchemaError: The database lacks a migration, a name is of nothing that can be removed,
                rows are in the way of a change, or there is nothing to do.
        """
        is_takeover = self._tables.are_foreign()
        lacks = self._lacks()
        if lacks:
            raise SchemaError(
                f"the database lacks migrations that there are: {', '.join(lacks)}. Apply them"
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
        return self._revisions.after(None)  # none of them helps

    def losses(self) -> list[Loss]:
        """Return what `migrate` would remove or narrow. Nothing is changed, nor stays locked."""
        return self._losses("upgrade", self._lacks())

    def migrate(self) -> list[str]:
        """Bring the database to the latest migration; return the ids of those applied.

        If the database has no record of a migration, apply the fewest of the latest migrations
        after which the least differs from the contracts.

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
                    f"a migration does not fit this database: {error.orig}\nBring it to the"
                    f" contracts as it is: python -m loader schema push --target {self._target}"
                ) from error
            self._revisions.stamp("head")  # a push has made what the migration makes
        return applied

    def _migrate_unknown(self) -> list[str]:
        lacks, differs, problem = self._find()
        if differs and not lacks:
            raise SchemaError(
                f"no migration brings this database to the contracts: {problem}\n"
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
        """Return which of the latest migrations a database without a record lacks.

        They are those after which the least differs, and the fewest of them. In a database that
        another system filled, nothing may be missing then.
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
                raise  # a lock that is taken, or a lost connection, says nothing of the migration
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
        """Return the migration that `rollback` would undo, and what that would remove or narrow.

        Raises:
            SchemaError: It does not exist.
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
                with self._tables.attempt():  # what it does without Alembic, it does
                    steps += recorded(context, self._revisions.function(revision, direction))
            except sa.exc.DBAPIError:
                what = "what it removes cannot be told before it runs: look into its file"
                unknown.append(Loss(revision, what, None))
        with self._tables.attempt():
            return [*losses(self._connection, steps), *unknown]

    def sql(self, *, is_rollback: bool = False) -> str:
        """Return the statements that `migrate` or `rollback` would run.

        Raises:
            SchemaError: No migration leads to the contracts, or there is nothing to undo.
        """
        ids = [*self._revisions.ids(), "base"]
        if is_rollback:
            start = self._latest()
            end = ids[ids.index(start) + 1]
        else:
            if not self._tables.are_recorded():
                with self._tables.attempt():
                    self.migrate()  # or say why no migration helps
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
        """Return the migration that the database records.

        Raises:
            SchemaError: It is not one of these.
        """
        current = self._tables.context.get_current_revision()
        if current is not None and current not in self._revisions.ids():
            raise SchemaError(
                f"the database is at the migration {current!r}, which {VERSIONS_NAME} does not"
                " have.\nWas it migrated from a newer checkout? Get that one, then try again."
            )
        return current

    def _latest(self) -> str:
        """Return the database's latest migration, recorded or not.

        Raises:
            SchemaError: It has none.
        """
        applied = [each.id for each in self.history() if each.is_current]
        if not applied:
            again = f"python -m loader schema history --target {self._target}"
            raise SchemaError(f"there is no migration to undo: {again}")
        return applied[0]
