"""Read the contracts of the final tables for SQLAlchemy.

The models' YAML is the one source of truth. dbt reads it and renders what differs by database.
"""

import io
import re
import warnings
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from loader.errors import SchemaError
from loader.project import PACKAGE, link_package
from loader.settings import Target

TYPES: dict[str, sa.types.TypeEngine[Any]] = {
    "bigint": sa.BigInteger(),
    "boolean": sa.Boolean(),
    "date": sa.Date(),
    "double precision": sa.Double(),
    "integer": sa.Integer(),
    "json": postgresql.JSON(),
    "jsonb": postgresql.JSONB(),
    "numeric": sa.Numeric(),
    "text": sa.Text(),
    "timestamp": sa.TIMESTAMP(),
    "timestamp with time zone": sa.TIMESTAMP(timezone=True),
    "uuid": sa.Uuid(),
}
_REF = re.compile(r"ref\('(\w+)'\)")
_ON_DELETE = re.compile(r"on delete (cascade|restrict|set null)")


def read_contracts(target: Target) -> sa.MetaData:
    """Return the nine final tables, with keys, constraints and indexes.

    A renamed column has its old name in `info["renamed_from"]`.

    Args:
        target: The dbt target; types depend on its database.

    Raises:
        SchemaError: dbt cannot read the models, or this module does not know a type or constraint.
    """
    metadata = sa.MetaData()
    for model in read_models(target):
        # Only a build creates these: the database stores an expression as another text.
        built = {"built_indexes": model.config.meta.get("indexes", [])}
        table = sa.Table(model.name, metadata, *_columns(model), info=built)
        for constraint in model.constraints:
            kind = constraint.type.value
            if kind == "unique":
                table.append_constraint(
                    sa.UniqueConstraint(*constraint.columns, name=constraint.name)
                )
            elif kind == "check":
                table.append_constraint(
                    sa.CheckConstraint(constraint.expression, name=constraint.name)
                )
            else:
                raise SchemaError(f"{model.name}: unknown type of constraint {kind!r}.")
        for columns in model.config.meta.get("indexed_columns", []):
            name = f"idx_{model.name}_{'_'.join(columns)}"  # same name as in macros/indexes.sql
            sa.Index(name, *(table.c[column] for column in columns))
    return metadata


def read_views(target: Target) -> list[str]:
    """Return the views that depend on the final tables, with their schema."""
    return [f"{model.schema}.{model.name}" for model in read_models(target, "reporting")]


def read_models(target: Target, folder: str = "marts") -> list[Any]:
    """Return dbt's nodes of the models in a folder, in the order of the YAML.

    Raises:
        SchemaError: dbt cannot read them.
    """
    nodes = _manifest(target).nodes.values()
    return [n for n in nodes if n.resource_type == "model" and n.fqn[:2] == [PACKAGE, folder]]


def is_never_null(target: Target, model: Any, column: Any) -> bool:  # noqa: ANN401
    """Return whether a column is never null, by its contract or, in a view, by a data test."""
    if any(each.type.value in {"primary_key", "not_null"} for each in column.constraints):
        return True
    return any(
        (test.name == "not_null" and node.column_name == column.name)
        or (test.name == "grain" and column.name in re.findall(r"\w+", test.kwargs["never_null"]))
        for node in _manifest(target).nodes.values()
        if getattr(node, "attached_node", None) == model.unique_id and (test := node.test_metadata)
    )


def referenced_table(column: Any) -> str | None:  # noqa: ANN401
    """Return the name of the table that a column's foreign key points to.

    Raises:
        SchemaError: The constraint's `to` is not a ref.
    """
    for constraint in column.constraints:
        if constraint.type.value == "foreign_key":
            found = _REF.fullmatch(constraint.to or "")
            if not found:
                raise SchemaError(f"{column.name}: {constraint.to!r} is not a ref('table').")
            return found[1]
    return None


_manifests: dict[Target, Any] = {}


def _manifest(target: Target) -> Any:  # noqa: ANN401 - dbt has no types
    """Return dbt's manifest of the project; parsing takes seconds."""
    if target not in _manifests:
        from dbt.cli.main import dbtRunner  # noqa: PLC0415 - takes three seconds

        said = io.StringIO()
        args = ["--quiet", "--no-write-json", "parse", "--target", target]
        root = str(link_package())
        args += ["--project-dir", root, "--profiles-dir", root]
        with redirect_stdout(said), redirect_stderr(said), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            read = dbtRunner().invoke(args)
        if not read.success:
            problem = str(read.exception or said.getvalue()).strip()
            raise SchemaError(f"Cannot read the models with dbt: {problem}\nLook: dbt parse")
        _manifests[target] = read.result
    return _manifests[target]


def _columns(model: Any) -> Iterator[sa.Column[Any]]:  # noqa: ANN401
    for column in model.columns.values():
        where = f"{model.name}.{column.name}"
        kind = TYPES.get(column.data_type)
        if kind is None:
            known = ", ".join(TYPES)
            raise SchemaError(f"{where}: unknown type {column.data_type!r}. Use one of: {known}.")
        is_null, is_key, default, references = True, False, None, None
        for constraint in column.constraints:
            expression = constraint.expression or ""
            if constraint.type.value == "primary_key":
                is_key, is_null = True, False
            elif constraint.type.value == "not_null":
                is_null = False
            elif expression.startswith("default "):
                default = sa.text(expression.removeprefix("default "))
            elif constraint.type.value == "foreign_key":
                references = _foreign_key(model, column, constraint)
            else:
                raise SchemaError(f"{where}: unknown constraint {expression!r}.")
        yield sa.Column(
            column.name,
            kind,
            *([references] if references is not None else []),
            primary_key=is_key,
            nullable=is_null,
            server_default=default,
            info={"renamed_from": old} if (old := column.config.meta.get("renamed_from")) else {},
        )


def _foreign_key(model: Any, column: Any, constraint: Any) -> sa.ForeignKey:  # noqa: ANN401
    action = constraint.expression or ""
    on_delete = _ON_DELETE.fullmatch(action)
    if (action and not on_delete) or len(constraint.to_columns) != 1:
        raise SchemaError(f"{model.name}.{column.name}: unknown foreign key {action!r}.")
    return sa.ForeignKey(
        f"{referenced_table(column)}.{constraint.to_columns[0]}",
        ondelete=on_delete[1].upper() if on_delete else None,
        name=f"{model.name}_{column.name}_fkey",  # PostgreSQL's default name
    )
