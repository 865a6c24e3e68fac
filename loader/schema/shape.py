"""Record the tables as of the latest migration, for `generate --offline`.

`generate` writes them beside the migrations, as the steps that create them.
"""

import importlib.util
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic.autogenerate import render_python_code
from alembic.migration import MigrationContext
from alembic.operations import ops
from sqlalchemy.dialects import postgresql

from loader.errors import SchemaError
from loader.schema.losses import recorded

_NAME = "shape.py"
_FILE = '''"""The tables as the latest migration leaves them. Written by `schema generate`."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

__all__ = ["op", "postgresql", "sa"]


def tables() -> None:
    {steps}
'''


def write(versions: Path, contracts: sa.MetaData) -> None:
    """Record the contracts as the tables of a new migration.

    Args:
        versions: The folder of the migrations.
        contracts: The contracts of the final tables.
    """
    steps: list[ops.MigrateOperation] = []
    for table in contracts.sorted_tables:
        steps.append(ops.CreateTableOp.from_table(table))
        indexes = sorted(table.indexes, key=lambda each: str(each.name))
        steps += [ops.CreateIndexOp.from_index(index) for index in indexes]
    text = render_python_code(ops.UpgradeOps(steps), migration_context=_context())
    (versions.parent / _NAME).write_text(_FILE.format(steps=text))


def read(versions: Path) -> sa.MetaData:
    """Return the tables as of the latest migration.

    Raises:
        SchemaError: The tables are not recorded.
    """
    path = versions.parent / _NAME
    if not path.exists():
        raise SchemaError(
            f"There is no {path}. Generate once against a database; that records the tables."
        )
    spec = importlib.util.spec_from_file_location("shape", path)
    assert spec is not None  # noqa: S101 - for the type checker
    assert spec.loader is not None  # noqa: S101 - for the type checker
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    metadata = sa.MetaData()
    for step in recorded(_context(), module.tables):
        if isinstance(step, ops.CreateTableOp):
            step.to_table().to_metadata(metadata)
        elif isinstance(step, ops.CreateIndexOp):
            columns = [metadata.tables[step.table_name].c[str(each)] for each in step.columns]
            sa.Index(str(step.index_name), *columns)
    return metadata


class Recorded:
    """A stand-in for a connection to a database with the recorded tables and no rows."""

    def __init__(self, metadata: sa.MetaData) -> None:
        self.metadata = metadata
        self.dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
        self.dialect.default_schema_name = "public"


@sa.inspection._inspects(Recorded)  # noqa: SLF001 - SQLAlchemy registers its connections this way
class Inspector:
    """SQLAlchemy's inspector for recorded tables instead of a database."""

    def __init__(self, bind: Recorded) -> None:
        self.bind = bind
        self.dialect = bind.dialect
        self.info_cache: dict[str, object] = {}
        self.get_multi_columns = self._multi(self.get_columns)
        self.get_multi_pk_constraint = self._multi(self.get_pk_constraint)
        self.get_multi_unique_constraints = self._multi(self.get_unique_constraints)
        self.get_multi_foreign_keys = self._multi(self.get_foreign_keys)
        self.get_multi_check_constraints = self._multi(self.get_check_constraints)
        self.get_multi_indexes = self._multi(self.get_indexes)
        self.get_multi_table_comment = self._multi(self.get_table_comment)
        self.get_multi_table_options = self._multi(self.get_table_options)

    def get_table_names(self, schema: str | None = None) -> list[str]:
        """Return the names of the tables."""
        del schema
        return list(self.bind.metadata.tables)

    def get_columns(self, name: str, **_: object) -> list[dict[str, Any]]:
        """Return a table's columns."""
        return [
            {
                "name": column.name,
                "type": column.type,
                "nullable": column.nullable,
                "default": getattr(column.server_default, "arg", None),
            }
            for column in self._table(name).columns
        ]

    def get_pk_constraint(self, name: str, **_: object) -> dict[str, Any]:
        """Return a table's primary key."""
        columns = self._table(name).primary_key.columns.keys()
        return {"name": f"{name}_pkey", "constrained_columns": columns}

    def get_unique_constraints(self, name: str, **_: object) -> list[dict[str, Any]]:
        """Return a table's unique constraints."""
        return [
            {"name": each.name, "column_names": each.columns.keys()}
            for each in self._table(name).constraints
            if isinstance(each, sa.UniqueConstraint)
        ]

    def get_foreign_keys(self, name: str, **_: object) -> list[dict[str, Any]]:
        """Return a table's foreign keys."""
        return [
            {
                "name": each.name,
                "constrained_columns": each.column_keys,
                "referred_schema": None,
                "referred_table": each.elements[0].target_fullname.split(".")[0],
                "referred_columns": [key.target_fullname.split(".")[1] for key in each.elements],
                "options": {"ondelete": each.ondelete} if each.ondelete else {},
            }
            for each in self._table(name).foreign_key_constraints
        ]

    def get_check_constraints(self, name: str, **_: object) -> list[dict[str, Any]]:
        """Return a table's checks."""
        return [
            {"name": each.name, "sqltext": str(each.sqltext)}
            for each in self._table(name).constraints
            if isinstance(each, sa.CheckConstraint)
        ]

    def get_indexes(self, name: str, **_: object) -> list[dict[str, Any]]:
        """Return a table's indexes."""
        return [
            {"name": each.name, "column_names": each.columns.keys(), "unique": each.unique}
            for each in self._table(name).indexes
        ]

    def get_table_comment(self, name: str, **_: object) -> dict[str, Any]:
        """Return no comment: a user may have written it."""
        del name
        return {"text": None}

    def get_table_options(self, name: str, **_: object) -> dict[str, Any]:
        """Return no option."""
        del name
        return {}

    def reflect_table(self, table: sa.Table, *_args: object, **_: object) -> None:
        """Fill a table as SQLAlchemy does from a database."""
        for column in self._table(table.name).columns:
            table.append_column(
                sa.Column(
                    column.name,
                    column.type,
                    primary_key=column.primary_key,
                    nullable=column.nullable,
                    server_default=column.server_default,
                )
            )

    def _table(self, name: str) -> sa.Table:
        return self.bind.metadata.tables[name]

    def _multi(self, of: Callable[..., object]) -> Callable[..., object]:
        def multi(
            schema: str | None = None, filter_names: Collection[str] | None = None, **_: object
        ) -> dict[tuple[str | None, str], object]:
            names = self.get_table_names() if filter_names is None else filter_names
            there = (name for name in names if name in self.bind.metadata.tables)
            return {(schema, name): of(name) for name in there}

        return multi


def _context() -> MigrationContext:
    return MigrationContext.configure(dialect_name="postgresql")
