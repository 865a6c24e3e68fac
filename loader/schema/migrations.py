"""Drift between contracts and database, and the migrations that end it.

A migration is a file in `dbt_project/migrations/versions`, with what it does and how it is undone,
written by `generate` and reviewed by people. `bookkeeping.alembic_version` says which one a
database is at. A fresh database is made whole by `dbt build`: it is at the latest one.
"""

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.script.revision import RevisionError
from alembic.util import CommandError

from loader.database.connect import connect_postgres
from loader.errors import SchemaError
from loader.schema.changes import Changes, compare, is_other_type
from loader.settings import Settings

FOLDER = Path(__file__).resolve().parents[2] / "dbt_project/migrations"
_SCHEMA = "bookkeeping"
_LOCK_TIMEOUT = 60_000  # milliseconds
_WHERE = "dbt_project/migrations/versions"


@dataclass(frozen=True, slots=True)
class Revision:
    """A migration.

    Args:
        id: Its name in the database.
        message: What it was generated with.
        file: Where it is.
        is_current: Whether the database is at it.
        is_applied: Whether the database is at it or behind it.
    """

    id: str
    message: str
    file: str
    is_current: bool
    is_applied: bool


@contextmanager
def connected(settings: Settings) -> Iterator[sa.Connection]:
    """A connection to the target's database, in a transaction that the caller commits.

    Raises:
        SchemaError: The target is DuckDB.
        WarehouseError: The database cannot be reached.
    """
    database = settings.database
    if not database:
        message = (
            "the schema commands are for PostgreSQL. DuckDB takes changes of the models at a"
            " rebuild: python -m loader drop --target local, then load and build.\n"
            "Name a Neon target: --target dev, staging or prod"
        )
        raise SchemaError(message)

    def connect() -> Any:  # noqa: ANN401 - of the driver
        connection = connect_postgres(database)
        connection.autocommit = False
        return connection

    engine = sa.create_engine("postgresql+psycopg://", creator=connect, poolclass=sa.NullPool)
    try:
        with engine.connect() as connection:
            connection.execute(sa.text("set search_path to public"))
            yield connection
    except sa.exc.DBAPIError as error:
        problem = settings.redacted(str(error.orig).strip())
        raise SchemaError(f"the database refused a statement: {problem}") from None
    except (CommandError, RevisionError) as error:
        message = (
            f"the database and {_WHERE} do not fit: {error}\n"
            "Was the database migrated from a newer checkout? Get that one, then try again."
        )
        raise SchemaError(message) from error
    finally:
        engine.dispose()


class Migrations:
    """The migrations of a database whose final tables are to be as the contracts say.

    Args:
        connection: To the database.
        contracts: The final tables.
        views: What depends on them and is made anew by each build.
        folder: Of the migrations; by default the project's.
    """

    def __init__(
        self,
        connection: sa.Connection,
        contracts: sa.MetaData,
        views: Sequence[str] = (),
        folder: Path | None = None,
    ) -> None:
        self._connection = connection
        self._contracts = contracts
        self._views = views
        folder = folder or FOLDER
        (folder / "versions").mkdir(exist_ok=True)
        config = Config()
        config.set_main_option("script_location", str(folder))
        config.set_main_option("path_separator", "os")
        self._config = config
        self._scripts = ScriptDirectory.from_config(config)

    def drift(self) -> list[str]:
        """What of the final tables is not as the contracts say, a line each."""
        return list(self._changes().described())

    def generate(self, message: str) -> tuple[Path, str]:
        """Write the migration that ends the drift; gives its file and what it does.

        Args:
            message: What it is for.

        Raises:
            SchemaError: There is no drift, or the database is not at the latest migration, or a
                change cannot be made on a table that has rows.
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
                message = (
                    f"{table}.{column} is not null and has no default, and the table has rows. Give"
                    " it one in the contract, as: {type: custom, expression: default ''}"
                )
                raise SchemaError(message)
        if is_takeover:
            changes = changes.without_losses()
        number = len(list(self._scripts.walk_revisions())) + 1
        upgrade, downgrade = changes.rendered(self._context(), self._views)
        try:
            with redirect_stdout(io.StringIO()):  # Alembic says where it writes
                made = self._scripts.generate_revision(
                    f"{number:04}",
                    message,
                    upgrades=upgrade,
                    downgrades=downgrade,
                    imports="",
                    takes_over=is_takeover,
                )
        except CommandError as error:
            raise SchemaError(f"the migration cannot be written: {error}") from error
        path = Path(made.path) if made else FOLDER
        return path, path.read_text()

    def pending(self) -> list[str]:
        """The ids of the migrations that the database lacks, in order."""
        current, head = self._current(), self._scripts.get_current_head()
        if current == head or head is None:
            return []
        if current is None and not self._changes():
            return []  # a build has just made everything
        steps = self._scripts.iterate_revisions(head, current or "base")
        return [script.revision for script in reversed(list(steps))]

    def migrate(self) -> list[str]:
        """Bring the database to the latest migration; gives the ids of those that were applied.

        A database that no migration ever touched is taken to be as old as the fewest of the latest
        migrations tell that bring it to the contracts.

        Raises:
            SchemaError: A migration fails, and nothing is changed; or none brings it there.
        """
        head = self._scripts.get_current_head()
        if head is None:
            return []
        self._wait_for_builds()
        if self._current() is None:
            return self._migrate_unknown(head)
        applied = self.pending()
        self._run(lambda revision, _: self._scripts._upgrade_revs(head, revision))  # noqa: SLF001
        return applied

    def _migrate_unknown(self, head: str) -> list[str]:
        is_foreign = self._is_foreign()
        revisions = [script.revision for script in self._scripts.walk_revisions()]
        problem = ""
        for count in range(len(revisions) + 1):  # the fewest first
            start = revisions[count] if count < len(revisions) else "base"
            savepoint = self._connection.begin_nested()
            try:
                self._stamp(start)
                self._run(
                    lambda revision, _: self._scripts._upgrade_revs(head, revision),  # noqa: SLF001
                    takes_over=is_foreign,
                )
                changes = self._changes()
                is_there = not changes or (is_foreign and changes.is_enough)
                if is_there or not self._has_tables():
                    savepoint.commit()
                    return list(reversed(revisions[:count])) if self._has_tables() else []
                problem = problem or "; ".join(self.drift()[:3])
            except (sa.exc.DBAPIError, CommandError) as error:
                problem = " ".join(str(getattr(error, "orig", error)).split())
            savepoint.rollback()
        raise SchemaError(
            f"no migration brings this database to the contracts: {problem}\n"
            'See python -m loader schema diff; write one: schema generate -m "…"'
        )

    def _start_of_unknown(self, head: str) -> str:
        """The migration that a database without a record of any is at."""
        attempt = self._connection.begin_nested()
        applied = self._migrate_unknown(head)
        attempt.rollback()
        if not applied:
            return head
        return str(self._scripts.get_revision(applied[0]).down_revision or "base")

    def rollback(self) -> str:
        """Undo the latest migration that the database has; its id.

        Raises:
            SchemaError: There is none, or it cannot be undone; nothing is changed.
        """
        current = self._latest()
        self._wait_for_builds()
        if self._current() is None:
            self._stamp(current)
        down = self._scripts.get_revision(current).down_revision or "base"
        self._run(lambda revision, _: self._scripts._downgrade_revs(str(down), revision))  # noqa: SLF001
        return current

    def _latest(self) -> str:
        """The latest migration that the database has, recorded or not.

        Raises:
            SchemaError: It has none.
        """
        current = self._current()
        if current is None and not self.pending():
            current = self._scripts.get_current_head()  # a build has made everything
        if current is None:
            raise SchemaError("there is no migration to undo: python -m loader schema history")
        return current

    def sql(self, *, is_rollback: bool = False) -> str:
        """The statements that `migrate` or `rollback` would run.

        Raises:
            SchemaError: There is no way to the contracts, or nothing to undo.
        """
        output = io.StringIO()
        current, head = self._current(), self._scripts.get_current_head()
        if head is None:
            return ""
        if is_rollback:
            start = self._latest()
            down = self._scripts.get_revision(start).down_revision or "base"
            steps: Any = lambda revision, _: self._scripts._downgrade_revs(str(down), revision)  # noqa: E731, SLF001
        else:
            start = current or self._start_of_unknown(head)
            if start == head:
                return ""
            steps = lambda revision, _: self._scripts._upgrade_revs(head, revision)  # noqa: E731, SLF001
        with EnvironmentContext(self._config, self._scripts, fn=steps, as_sql=True) as environment:
            environment.configure(
                dialect_name="postgresql",
                as_sql=True,
                output_buffer=output,
                starting_rev=start,
                version_table_schema=_SCHEMA,
                takes_over=self._is_foreign(),
            )
            with environment.begin_transaction():
                environment.run_migrations()
        return f"{self._record_of(start)}{output.getvalue()}"

    def _record_of(self, revision: str) -> str:
        """The statements by which a database without a record of its migration gets one."""
        context = self._context()
        if context.get_current_revision() is not None:
            return ""
        statements: list[Any] = [sa.schema.CreateSchema(_SCHEMA, if_not_exists=True)]
        if revision != "base":  # else Alembic makes the table
            table = context._version  # noqa: SLF001
            statements.append(sa.schema.CreateTable(table, if_not_exists=True))
            statements.append(table.insert().values(version_num=revision))
        options = {"literal_binds": True}
        texts = (str(s.compile(self._connection, compile_kwargs=options)) for s in statements)
        return "".join(f"{text.strip()};\n\n" for text in texts)

    def history(self) -> list[Revision]:
        """All migrations, the first first."""
        pending = set(self.pending())
        current = self._current() or (None if pending else self._scripts.get_current_head())
        return [
            Revision(
                script.revision,
                script.doc,
                f"{_WHERE}/{Path(script.path).name}",
                script.revision == current,
                script.revision not in pending,
            )
            for script in reversed(list(self._scripts.walk_revisions()))
        ]

    def _context(self, **options: Any) -> MigrationContext:  # noqa: ANN401
        return MigrationContext.configure(
            self._connection,
            opts={
                "version_table_schema": _SCHEMA,
                "target_metadata": self._contracts,
                "include_name": self._is_ours,
                "compare_type": is_other_type,
                "compare_server_default": True,
                "sqlalchemy_module_prefix": "sa.",
                "alembic_module_prefix": "op.",
                "user_module_prefix": None,
                **options,
            },
        )

    def _is_ours(self, name: str | None, kind: str, _: object) -> bool:
        return kind != "table" or name in self._contracts.tables

    def _changes(self) -> Changes:
        return compare(self._context(), self._contracts)

    def _current(self) -> str | None:
        return self._context().get_current_revision()

    def _has_tables(self) -> bool:
        return bool(
            set(sa.inspect(self._connection).get_table_names()) & set(self._contracts.tables)
        )

    def _has_rows(self, table: str) -> bool:
        query = sa.select(sa.exists().select_from(self._contracts.tables[table]))
        return bool(self._connection.execute(query).scalar())

    def _is_foreign(self) -> bool:
        """Whether the final tables are there and none of our builds made them."""
        has_ledger = sa.inspect(self._connection).has_table("applied_loads", schema=_SCHEMA)
        return self._has_tables() and not has_ledger and self._current() is None

    def _wait_for_builds(self) -> None:
        """Have no build make tables meanwhile, and wait for readers not for ever."""
        self._connection.execute(sa.text(f"set lock_timeout = {_LOCK_TIMEOUT}"))
        # As macros/turns.sql does.
        lock = "select pg_advisory_xact_lock(hashtextextended('schema', 0))"
        self._connection.execute(sa.text(lock))

    def _stamp(self, revision: str) -> None:
        self._run(lambda now, _: self._scripts._stamp_revs(revision, now))  # noqa: SLF001

    def _run(self, steps: Any, *, takes_over: bool = False) -> None:  # noqa: ANN401
        # Asked first: making one needs a right on the database, which a transformer lacks.
        if not sa.inspect(self._connection).has_schema(_SCHEMA):
            self._connection.execute(sa.schema.CreateSchema(_SCHEMA))
        with EnvironmentContext(self._config, self._scripts, fn=steps) as environment:
            environment.configure(
                connection=self._connection,
                target_metadata=self._contracts,
                version_table_schema=_SCHEMA,
                transactional_ddl=True,
                takes_over=takes_over,
            )
            environment.run_migrations()
