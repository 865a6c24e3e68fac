"""How values go from one type to another, and which conversions keep every value."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]
Type = sa.types.TypeEngine[Any]

# All of a type's values are values of these, too; of text, the values of every type are.
_WIDER = {
    "smallint": {"integer", "bigint", "numeric", "real", "double precision"},
    "integer": {"bigint", "numeric", "double precision"},
    "bigint": {"numeric"},
    "real": {"double precision"},
    "date": {"timestamp without time zone", "timestamp with time zone"},
    "timestamp without time zone": {"timestamp with time zone"},
    "timestamp with time zone": {"timestamp without time zone"},  # both are in UTC
    "json": {"jsonb"},
    "jsonb": {"json"},
}
_OUTCOME = """
    create function pg_temp.outcome(given {old}) returns text language plpgsql as $$
    begin
        return case when {back} is not distinct from given then 'kept' else 'changed' end;
    exception when others then
        return 'fails';
    end
    $$
"""


def type_name(kind: Type) -> str:
    """Return a type's name in PostgreSQL."""
    return kind.compile(dialect=DIALECT).lower()


def is_other_type(
    _context: object, _inspected: object, _declared: object, there: object, contract: object
) -> bool | None:
    """Return False if a column's type will do; None leaves the comparison to Alembic.

    A `varchar` without a length, as dbt appends it, is as good as `text`.
    """
    if isinstance(contract, sa.Text) and isinstance(there, sa.String) and there.length is None:
        return False
    return None


def is_other_default(*_context: object) -> bool | None:
    """Return False if a column's default will do; None leaves the comparison to Alembic.

    A default that only the database has is somebody else's.
    """
    contract = _context[4]
    return False if contract is None else None


def is_narrowing(old: Type, new: Type) -> bool:
    """Return whether a value may get lost, or be refused, from one type to the other."""
    if isinstance(new, sa.Text):
        return False
    before, after = (re.sub(r"\(.*?\)", "", type_name(kind)) for kind in (old, new))
    return before != after and after not in _WIDER.get(before, ())


def converted(value: sa.ColumnElement[Any], old: Type, new: Type) -> sa.ColumnElement[Any]:
    """Return the expression that converts a value; times without a zone are taken as UTC."""
    zones = [getattr(kind, "timezone", None) for kind in (old, new)]
    if None not in zones and zones[0] != zones[1]:
        return value.op("at time zone")(sa.literal_column("'UTC'"))
    return sa.cast(value, new)


def sql(expression: sa.ColumnElement[Any]) -> str:
    """Return the text of an expression."""
    return str(expression.compile(dialect=DIALECT))


@contextmanager
def outcomes(connection: sa.Connection, old: Type, new: Type) -> Iterator[Any]:
    """Yield a function of the database: is a value `kept`, `changed`, or `fails` its conversion?

    A value is kept if it is the same once it is converted back.
    """
    given: sa.ColumnElement[Any] = sa.literal_column("given")
    back = converted(converted(given, old, new), new, old)
    attempt = connection.begin_nested()
    try:
        statement = _OUTCOME.format(old=type_name(old), back=sql(back))
        connection.execute(sa.text(statement.replace(":", r"\:")))
        yield sa.func.pg_temp.outcome
    finally:
        attempt.rollback()
