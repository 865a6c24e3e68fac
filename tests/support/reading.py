"""Check typed rows."""

from datetime import date, datetime, timedelta
from typing import Any, get_origin, get_type_hints
from uuid import UUID

from loader.reading import Rows
from tests.support.project import Project

_KINDS: dict[str, Any] = {
    "uuid": UUID,
    "text": str,
    "bigint": int,
    "date": date,
    "timestamp": datetime,
    "timestamp with time zone": datetime,
}


def check_types(project: Project, *answers: Rows[Any]) -> None:
    """Compare the rows of tables and views with their contracts; there must be rows."""
    for rows in answers:
        found = list(rows)
        kind = type(found[0])
        there = project.query(f"select count(*) from {kind.TABLE}")
        assert [(len(found),)] == [(rows.count(),)] == [(rows.arrow().num_rows,)] == there
        hints = get_type_hints(kind)
        for row in found:
            for name, column in kind.COLUMNS.items():
                value = getattr(row, name)
                if value is None:
                    assert type(None) in hints[name].__args__, (kind, name)
                elif column.type == "json":
                    is_array = get_origin(hints[name]) is list
                    assert isinstance(value, list if is_array else dict), (kind, name, value)
                else:
                    assert isinstance(value, _KINDS[column.type]), (kind, name, value)
                if column.type == "timestamp with time zone" and value is not None:
                    assert value.utcoffset() == timedelta(0)
