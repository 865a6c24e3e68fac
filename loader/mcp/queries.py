"""Run one read-only statement of a caller."""

import json
import math
from datetime import date, datetime

from loader.database.sessions import Sessions
from loader.errors import WarehouseError
from loader.mcp.items import Cell
from loader.mcp.limits import LONGEST_TEXT, MOST_CHARACTERS, Budget
from loader.mcp.results import QueryResult

_EXACT = 2**53  # JSON readers may round larger numbers


def query(sessions: Sessions, sql: str, limit: int, seconds: float) -> QueryResult:
    """Run one read-only statement, and return its first rows.

    Args:
        sessions: Connect to the database.
        sql: The statement, in the database's SQL dialect.
        limit: The maximum number of rows.
        seconds: The time limit.

    Raises:
        WarehouseError: It is not read-only, not a single statement, invalid, or too slow.
    """
    try:
        with sessions.reading(seconds) as session:
            answer = session.ask(sql, limit, MOST_CHARACTERS)
    except WarehouseError as error:
        if any(word in str(error) for word in ("timeout", "INTERRUPT", "user request")):
            message = f"The query was ended after {seconds:g} seconds. Ask for less, or for longer."
            raise WarehouseError(message) from error
        raise
    budget = Budget()
    rows = [[_cell(value, budget) for value in row] for row in answer.rows]
    more = None
    if answer.is_cut:
        more = "There are more rows: aggregate, filter, or add `order by`, `limit` and `offset`."
    elif budget.is_cut:
        more = f"Texts are cut at {LONGEST_TEXT} characters: select a part with substr()."
    return QueryResult(columns=list(answer.columns), rows=rows, truncated=bool(more), more=more)


def _cell(value: object, budget: Budget) -> Cell:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value if abs(value) <= _EXACT else str(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, dict | list | tuple):
        value = json.dumps(value, default=str, ensure_ascii=False)
    elif isinstance(value, bytes | memoryview):
        value = bytes(value).hex()
    return budget.text(str(value))
