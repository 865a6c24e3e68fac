"""Find the functions that a typed PostgreSQL statement would call, without running it.

A read-only transaction refuses writes to tables. It does not refuse functions that act on the
server: they read its files, end other sessions, or run other SQL. PostgreSQL marks its own such
functions as volatile. Extensions may mark theirs in any way: `crosstab` runs SQL, and is not
volatile. Such a function runs only if its name is in the statement, outside of strings and
comments, or in a view that the statement uses.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any

from loader.errors import WarehouseError

# Volatile or from an extension, but without effects.
_HARMLESS = (
    *("clock_timestamp", "gen_random_uuid", "random", "timeofday", "uuidv4", "uuidv7"),
    *("pg_database_size", "pg_indexes_size", "pg_relation_size", "pg_table_size"),
    *("pg_total_relation_size", "unaccent"),
)
# A function of others is safe only if it is immutable and written in C. In other languages, any
# user can mark a function with effects as immutable.
_EFFECTS = """
    select distinct proname
    from pg_catalog.pg_proc
    inner join pg_catalog.pg_language on prolang = pg_language.oid
    where
        proname = any(%s)
        and proname <> all(%s)
        and (
            provolatile = 'v'
            or pronamespace <> 'pg_catalog'::regnamespace
            and (provolatile <> 'i' or lanname not in ('c', 'internal'))
        )
    order by proname
"""
_VIEWS = """
    select pg_class.oid::regclass::text, pg_catalog.pg_get_viewdef(pg_class.oid)
    from pg_catalog.pg_class
    where
        relkind = 'v'
        and relname = any(%s)
        and relnamespace not in ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
"""
# Not volatile, but they read tables that are named in a string.
_INDIRECT = re.compile(r"(?:table|schema|database)_to_xml\w*")
# They hold passwords, password hashes, or the server's files. Some are readable by all roles.
_SECRET = frozenset(
    (
        *("pg_authid", "pg_shadow", "pg_user_mapping", "pg_user_mappings", "pg_subscription"),
        *("pg_hba_file_rules", "pg_ident_file_mappings", "pg_file_settings", "pg_largeobject"),
        *("_pg_user_mappings", "user_mapping_options"),
    )
)
_DOLLAR = r"\$(?P<tag>(?:[A-Za-z_\x80-\U0010ffff][\w\x80-\U0010ffff]*)?)\$"
_TOKEN = re.compile(
    rf"""
      (?P<space>\s+|--[^\r\n]*)
    | (?P<comment>/\*)
    | (?P<escapes>[eE]'(?:[^'\\]|\\.|'')*(?:'|\Z))
    | (?P<ambiguous>[uU]&['"])
    | (?P<string>'(?:[^']|'')*(?:'|\Z))
    | (?P<dollar>{_DOLLAR})
    | "(?P<quoted>(?:[^"]|"")*)(?:"|\Z)
    | (?P<name>[A-Za-z_\x80-\U0010ffff][\w$\x80-\U0010ffff]*)
    | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_COMMENT_MARK = re.compile(r"/\*|\*/")


def refuse_effects(
    text: str, fetch: Callable[[str, Sequence[object]], list[tuple[Any, ...]]]
) -> None:
    """Refuse a statement that calls a function with effects, such as pg_read_file.

    Views in the statement are checked as well, and the views that they read.

    Args:
        text: The statement.
        fetch: Returns the rows of a query with parameters, in the same database.

    Raises:
        WarehouseError: The statement calls such a function, or `called_names` raises.
    """
    called = called_names(text)
    there, known = names(text), set[str]()
    while there:
        found = fetch(_VIEWS, [sorted(there)])
        views = {name: query for name, query in found if name not in known}
        known |= views.keys()
        for query in views.values():
            called |= called_names(query, is_typed=False)
        there = {name for query in views.values() for name in names(query)}
    if effects := fetch(_EFFECTS, [sorted(called), list(_HARMLESS)]) if called else []:
        named = ", ".join(str(name) for (name,) in effects)
        raise WarehouseError(
            f"{named}: volatile functions do not run here, nor any others but those in C."
        )


def names(text: str) -> set[str]:
    """Return all names in a statement; unquoted names are in lower case."""
    return {value for kind, value in _tokens(text) if kind in {"name", "quoted"}}


def called_names(text: str, *, is_typed: bool = True) -> set[str]:
    """Return the names that a statement may call as functions, in lower case.

    Args:
        text: A statement in PostgreSQL's syntax, with `standard_conforming_strings` on.
        is_typed: Whether a user wrote it. The server writes E'…' for a backslash, users may not.

    Raises:
        WarehouseError: The statement has strings or names in an ambiguous form, or reads a table
            with secrets.
    """
    called: set[str] = set()
    last = ""
    for kind, value in _tokens(text):
        if kind == "ambiguous" or (kind == "escapes" and is_typed):
            raise WarehouseError("E'…' strings and U&\"…\" names do not run here. Use chr().")
        if value in _SECRET:
            raise WarehouseError(f"{value!r} holds secrets and cannot be read here.")
        if kind == "other" and value == "(" and last:
            called.add(last)
        last = value if kind in {"name", "quoted"} else ""
    for name in called:
        if _INDIRECT.fullmatch(name):
            raise WarehouseError(f"{name!r} does not run here. Name the table in the query.")
    return called


def _tokens(text: str) -> "list[tuple[str, str]]":
    """Split a statement into names and other tokens, without strings and comments."""
    found = []
    position = 0
    while match := _TOKEN.match(text, position):
        kind = match.lastgroup or ""
        position = match.end()
        if match["comment"]:
            position = _after_comment(text, position)
        elif match["dollar"]:
            end = text.find(match["dollar"], position)
            position = len(text) if end < 0 else end + len(match["dollar"])
        elif match["quoted"] is not None:
            found.append(("quoted", match["quoted"].replace('""', '"')))
        elif match["name"]:
            found.append(("name", match["name"].lower()))
        elif match["string"]:
            found.append(("string", ""))
        elif match["escapes"]:
            found.append(("escapes", ""))
        elif not match["space"]:
            found.append((kind, match[0]))
    return found


def _after_comment(text: str, position: int) -> int:
    """Return the end of a comment; comments may be nested."""
    depth = 1
    while depth:
        mark = _COMMENT_MARK.search(text, position)
        if not mark:
            return len(text)
        position = mark.end()
        depth += 1 if mark[0] == "/*" else -1
    return position
