"""Compare check constraints by meaning: PostgreSQL rewrites their expressions."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from alembic.operations import ops

from loader.schema.casts import type_name

Normalize = Callable[[str], str]
_COPY = "contract_checks"
_READ = """
    select pg_get_expr(conbin, conrelid) from pg_constraint
    where conrelid = cast('pg_temp.contract_checks' as regclass) and conname = 'given'
"""


def changed(
    there: Iterable[Any], table: sa.Table, normalize: Normalize
) -> Iterator[ops.MigrateOperation]:
    """Yield the steps that replace checks whose expression differs from the contract's.

    Args:
        there: The checks of the database's table, from the inspector.
        table: The contract.
        normalize: Rewrites expressions so that they are comparable.
    """
    texts = {each["name"]: each["sqltext"] for each in there}
    for check in sorted(_checks(table), key=lambda each: str(each.name)):
        old = texts.get(str(check.name))
        if old and normalize(old) != normalize(str(check.sqltext)):
            was = sa.CheckConstraint(old, name=check.name)
            sa.Table(table.name, sa.MetaData()).append_constraint(was)
            yield ops.DropConstraintOp.from_constraint(was)
            yield ops.CreateCheckConstraintOp.from_constraint(check)


@contextmanager
def normalizer(connection: sa.Connection, table: sa.Table) -> Iterator[Normalize]:
    """Yield a function that rewrites expressions about a table as PostgreSQL does.

    PostgreSQL may rewrite its own text once more, such as after a dump and restore. So each
    expression is rewritten twice.
    """
    if not _checks(table) or not isinstance(connection, sa.Connection):
        yield str  # recorded tables have the contracts' own text
        return
    known: dict[str, str] = {}

    def normalize(expression: str) -> str:
        if expression not in known:
            known[expression] = _written(connection, _written(connection, expression))
        return known[expression]

    attempt = connection.begin_nested()
    try:
        _copy(connection, table)
        yield normalize
    finally:
        attempt.rollback()


def _checks(table: sa.Table) -> list[sa.CheckConstraint]:
    return [each for each in table.constraints if isinstance(each, sa.CheckConstraint)]


def _copy(connection: sa.Connection, table: sa.Table) -> None:
    """Create an empty table with all columns of database and contract."""
    quote = connection.dialect.identifier_preparer.quote
    of = quote(table.name)
    connection.execute(sa.text(f"create temporary table {_COPY} (like {of}) on commit drop"))
    for column in table.columns:
        added = f"add column if not exists {quote(column.name)} {type_name(column.type)}"
        connection.execute(sa.text(f"alter table pg_temp.{_COPY} {added}"))


def _written(connection: sa.Connection, expression: str) -> str:
    condition = expression.replace(":", r"\:")
    with connection.begin_nested() as attempt:
        add = f"alter table pg_temp.{_COPY} add constraint given check ({condition})"
        connection.execute(sa.text(add))
        text: str = connection.scalars(sa.text(_READ)).one()
        attempt.rollback()
    return text
