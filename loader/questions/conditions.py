"""Conditions of queries: SQL is constant, values are passed as parameters."""

BY_ID = "{} = cast(%s as uuid)"
ALIAS = """
    ({}, {}) in (
        select team_id, alias from content.people_aliases where person_id = cast(%s as uuid)
    )
"""
PAGE = " limit %s offset %s"


def where(*conditions: tuple[str, object]) -> tuple[str, list[object]]:
    """Return a where clause and its parameters.

    Args:
        conditions: SQL with one parameter, and its value; None skips the condition.
    """
    used = [(condition, value) for condition, value in conditions if value is not None]
    clause = " and ".join(condition for condition, _ in used)
    return (f" where {clause}" if used else ""), [value for _, value in used]
