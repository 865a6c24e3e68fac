"""The migration files, and Alembic's commands for them."""

import io
from argparse import Namespace
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import Script, ScriptDirectory
from alembic.util import CommandError

from loader.errors import SchemaError
from loader.project import IS_CLONE
from loader.schema.views import around_views

# For Alembic, a database before its first migration has no record.
_RECORD = "CREATE TABLE IF NOT EXISTS bookkeeping.alembic_version"
# dbt cannot list a folder, so a macro lists the migrations for builds.
_KNOWN = """\
{{# Written by `schema generate`. #}}
{{% macro known_migrations() %}}
    {{% do return(
        [
{ids}        ]
    ) %}}
{{% endmacro %}}
"""


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


class Revisions:
    """The migrations in a folder, and the connection that runs them.

    Args:
        connection: An open transaction on the database; None to only write a file.
        folder: Where they are.
    """

    def __init__(self, connection: sa.Connection | None, folder: Path) -> None:
        self._folder = folder
        self._config = Config(
            cmd_opts=Namespace(quiet=True),
            attributes={"connection": connection, "takes_over": False},
        )
        self._config.set_main_option("script_location", "loader.schema:alembic")
        self._config.set_main_option("path_separator", "newline")
        self._config.set_main_option("version_locations", str(folder))

    def all(self) -> list[Script]:
        """Return the migrations, newest first."""
        return list(self._scripts.walk_revisions())

    def ids(self) -> list[str]:
        """Return the migrations' ids, newest first."""
        return [script.revision for script in self.all()]

    def after(self, revision: str | None) -> list[str]:
        """Return the ids of the migrations after a revision, oldest first; after None, all ids."""
        newer = self._scripts.walk_revisions(revision or "base", "head")
        return [script.revision for script in newer if script.revision != revision][::-1]

    def function(self, revision: str, name: str) -> Callable[[], object]:
        """Return a migration's `upgrade` or `downgrade`."""
        found: Callable[[], object] = getattr(self._scripts.get_revision(revision).module, name)
        return found

    def write(self, message: str, upgrade: str, downgrade: str, *, is_takeover: bool) -> Path:
        """Write a migration with the next number; return its file.

        Raises:
            SchemaError: Alembic rejects it, or the project is not a clone.
        """
        if not IS_CLONE:
            raise SchemaError("A wheel cannot write migrations. Write them in a clone.")
        revision = f"{len(self.all()) + 1:04}"
        self._config.attributes.update(upgrade=upgrade, downgrade=downgrade, takes_over=is_takeover)
        try:
            command.revision(self._config, message, rev_id=revision)
        except CommandError as error:
            raise SchemaError(f"Cannot write the migration: {error}") from error
        listed = "".join(f'            "{each}",\n' for each in reversed(self.ids()))
        (self._folder.parent / "known_migrations.sql").write_text(_KNOWN.format(ids=listed))
        return Path(self._scripts.get_revision(revision).path)

    def stamp(self, revision: str) -> None:
        """Record a migration as the database's latest."""
        command.stamp(self._config, revision)

    def upgrade(self, *, takes_over: bool = False) -> None:
        """Apply all newer migrations; takeovers only if another system created the database."""
        self._config.attributes["takes_over"] = takes_over
        self._run(lambda: command.upgrade(self._config, "head"))

    def downgrade(self) -> None:
        """Undo the latest migration."""
        self._run(lambda: command.downgrade(self._config, "-1"))

    def sql(
        self,
        start: str,
        end: str,
        *,
        is_stamped: bool,
        is_down: bool = False,
        takes_over: bool = False,
    ) -> str:
        """Return the SQL statements from one migration to another.

        Args:
            start: The database's current migration, or `base`.
            end: The migration to reach, or `base`.
            is_stamped: Whether the first statements record the start.
            is_down: Whether to run downgrades.
            takes_over: Whether another system created the database.
        """
        self._config.attributes["takes_over"] = takes_over
        self._config.output_buffer = output = io.StringIO()
        if is_stamped and start != "base":
            command.stamp(self._config, f"base:{start}", sql=True)
        run: Any = command.downgrade if is_down else command.upgrade
        run(self._config, f"{start}:{end}", sql=True)
        made = output.getvalue().replace("CREATE TABLE bookkeeping.alembic_version", _RECORD)
        return made.expandtabs(4)  # the command line shows tabs as escapes

    def _run(self, run: Callable[[], object]) -> None:
        around_views(self._config.attributes["connection"], run)

    @property
    def _scripts(self) -> ScriptDirectory:
        return ScriptDirectory.from_config(self._config)
