"""Convert values between types, and find conversions that keep every value."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]
Type = sa.types.TypeEngine[Any]

# Every value of a type is also valid in these types; text accepts the values of every type.
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
    """Return the PostgreSQL name of a type."""
    return kind.compile(dialect=DIALECT).lower()


def is_other_type(
    _context: object, _inspected: object, _declared: object, there: object, contract: object
) -> bool | None:
    """Return False if a column's type is compatible; None leaves the comparison to Alembic.

    A `varchar` without a length, which dbt appends, is equivalent to `text`.
    """
    if isinstance(contract, sa.Text) and isinstance(there, sa.String) and there.length is None:
        return False
    return None


def is_other_default(*_context: object) -> bool | None:
    """Return False if a column's default is compatible; None leaves the comparison to Alembic.

    A default that only the database has was set by somebody else.
    """
    contract = _context[4]
    return False if contract is None else None


def is_narrowing(old: Type, new: Type) -> bool:
    """Return whether a conversion between two types can lose or reject a value."""
    if isinstance(new, sa.Text):
        return False
    before, after = (re.sub(r"\(.*?\)", "", type_name(kind)) for kind in (old, new))
    return before != after and after not in _WIDER.get(before, ())


def converted(value: sa.ColumnElement[Any], old: Type, new: Type) -> sa.ColumnElement[Any]:
    """Return the expression that converts a value; times without a zone are read as UTC."""
    zones = [getattr(kind, "timezone", None) for kind in (old, new)]
    if None not in zones and zones[0] != zones[1]:
        return value.op("at time zone")(sa.literal_column("'UTC'"))
    return sa.cast(value, new)


def sql(expression: sa.ColumnElement[Any]) -> str:
    """Return an expression as SQL."""
    return str(expression.compile(dialect=DIALECT))


@contextmanager
def outcomes(connection: sa.Connection, old: Type, new: Type) -> Iterator[Any]:
    """Yield a database function that tests a conversion: a value is `kept`, `changed`, or `fails`.

    A value is kept if converting it back gives the same value.
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
