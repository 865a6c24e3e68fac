"""Bring a development database to the contracts without a migration."""

from collections.abc import Collection, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import sqlalchemy as sa
from alembic.operations import Operations

from loader.errors import SchemaError
from loader.schema.final_tables import FinalTables
from loader.schema.plan import Plan, plan, write
from loader.schema.revisions import Revisions
from loader.schema.views import around_views
from loader.settings import Target


class Push:
    """Changes that bring a development database to the contracts.

    Args:
        connection: An open transaction on the database.
        contracts: The final tables.
        target: The target of the database.
        views: Views that depend on the final tables; each build recreates them.
        versions: The folder of the migrations.

    Raises:
        SchemaError: The target is not for development, or another system filled the database.
    """

    def __init__(
        self,
        connection: sa.Connection,
        contracts: sa.MetaData,
        target: Target,
        views: Sequence[str],
        versions: Path,
    ) -> None:
        self._tables = FinalTables(connection, contracts, views=views)
        self._revisions = Revisions(connection, versions)
        migrations = (
            f'python -m loader schema generate --target {target} -m "…", then schema migrate'
        )
        if target != Target.DEV:
            raise SchemaError(
                f"Only dev can be pushed to. Write a migration for '{target}': {migrations}"
            )
        if self._tables.are_foreign():
            raise SchemaError(f"Another system filled this database. Take it over: {migrations}")

    def plan(self, allowed: Collection[str] = ()) -> Plan | None:
        """Return the changes that `apply` makes; None if nothing differs.

        Args:
            allowed: Names of objects that may be removed or narrowed.

        Raises:
            SchemaError: A name matches nothing removable, or rows violate a change.
        """
        if not allowed and not self._tables.changes().lacking:
            return None
        return plan(self._tables, allowed)

    def apply(self, made: Plan | None) -> None:
        """Apply the plan. The tables are then at the latest migration: none is pending."""
        self._tables.wait_for_builds()
        if made:
            with TemporaryDirectory() as folder:
                pushed = Revisions(None, Path(folder) / "versions")
                write(self._tables, pushed, "push", made, is_takeover=False)
                upgrade = pushed.function("0001", "upgrade")
            with Operations.context(self._tables.context):
                around_views(self._tables.connection, upgrade)
        if self._revisions.all():
            self._revisions.stamp("head")
