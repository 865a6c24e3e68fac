"""Describe the tables of a database as contracts, in the form of the models' YAML."""

from typing import Any

import sqlalchemy as sa
import yaml

from loader.schema.contracts import TYPES


def pull(connection: sa.Connection) -> str:
    """Return the YAML of all tables in the schema `public`.

    A type that contracts do not know keeps the database's name.
    """
    inspector = sa.inspect(connection)
    models = [_model(inspector, name) for name in sorted(inspector.get_table_names())]
    return yaml.safe_dump({"models": models}, sort_keys=False, width=120, allow_unicode=True)


def _model(inspector: sa.Inspector, table: str) -> dict[str, Any]:
    keys = inspector.get_pk_constraint(table)["constrained_columns"]
    references = {
        key["constrained_columns"][0]: key
        for key in inspector.get_foreign_keys(table)
        if len(key["constrained_columns"]) == 1
    }
    uniques = inspector.get_unique_constraints(table)
    names = {unique["name"] for unique in uniques}
    indexes = [
        index["column_names"]
        for index in inspector.get_indexes(table)
        if index["name"] not in names
    ]
    model: dict[str, Any] = {"name": table, "config": {"contract": {"enforced": True}}}
    if indexes:
        model["config"]["meta"] = {"indexed_columns": indexes}
    constraints = [
        {"type": "unique", "name": unique["name"], "columns": unique["column_names"]}
        for unique in uniques
    ]
    constraints += [
        {"type": "check", "name": check["name"], "expression": check["sqltext"]}
        for check in inspector.get_check_constraints(table)
    ]
    if constraints:
        model["constraints"] = constraints
    model["columns"] = [
        _column(column, is_key=column["name"] in keys, reference=references.get(column["name"]))
        for column in inspector.get_columns(table)
    ]
    return model


def _column(column: Any, *, is_key: bool, reference: Any) -> dict[str, Any]:  # noqa: ANN401
    constraints: list[dict[str, Any]] = []
    if is_key:
        constraints.append({"type": "primary_key"})
    elif not column["nullable"]:
        constraints.append({"type": "not_null"})
    if column["default"] is not None:
        constraints.append({"type": "custom", "expression": f"default {column['default']}"})
    if reference:
        table, other = reference["referred_table"], reference["referred_columns"][0]
        on_delete = reference["options"].get("ondelete", "").lower()
        key = {"type": "foreign_key", "to": f"ref('{table}')", "to_columns": [other]}
        constraints.append(key | ({"expression": f"on delete {on_delete}"} if on_delete else {}))
    made: dict[str, Any] = {"name": column["name"], "data_type": _type(column["type"])}
    if constraints:
        made["constraints"] = constraints
    return made


def _type(kind: sa.types.TypeEngine[Any]) -> str:
    dialect = sa.dialects.postgresql.dialect()  # type: ignore[no-untyped-call]
    name = kind.compile(dialect=dialect)
    known = {each.compile(dialect=dialect): written for written, each in TYPES.items()}
    return known.get(name, name.lower())
