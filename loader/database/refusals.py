"""Explain refusals of PostgreSQL and Neon: whether a retry helps, and what to do.

psycopg gives no state for a refused connection, and Neon's proxy has one state for all refusals. So
we match the text. Neon's texts: neondatabase/neon, proxy/src/auth and control_plane.
"""

import contextlib
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from loader.database import duckdb_file
from loader.errors import WarehouseError

if TYPE_CHECKING:
    from loader.settings import Settings

AGAIN = "then run the same command again."
_ANSWER = re.compile(r"^.*?\b(?:FATAL|ERROR|PANIC):\s+(.*)", re.MULTILINE)
# The server answered, and a retry may get another answer soon.
_PASSING_ANSWERS = re.compile(
    r"the database system is |terminating connection|too many (?:clients|connections)"
    r"|too many database connection attempts|slots are reserved|no more connections allowed"
    r"|couldn't connect to compute node|control plane request failed$|internal error"
    r"|temporarily unavailable|try again later|please wait|timed? ?out|out of memory"
    r"|could not fork|server conn crashed",
    re.IGNORECASE,
)
# The server did not answer, and a retry does not help.
_LASTING_SILENCE = re.compile(
    r"authentication|Name or service not known|nodename nor servname|No address associated"
    r"|certificate|does not support SSL|no password supplied|channel binding|invalid"
)
_CONSOLE = "Neon Console → your project"
# The first match wins. The hint comes before "then run the same command again".
_CONNECTION_HINTS = {
    r"unsupported startup parameter": (
        "This is a connection pooler, which loading, dbt and locks cannot use: put the database's"
        " own host and port into DATABASE_URL,"
    ),
    r"endpoint id is not specified": (
        "Put the host name that Neon shows into DATABASE_URL, not its number,"
    ),
    r"database .* does not exist": (
        "Correct the name in DATABASE_URL, or create the database"
        f" ({_CONSOLE} → Branches → Roles & Databases),"
    ),
    r"not permitted to log ?in": "As the owner: alter role NAME login password '…',",
    r"permission denied for database": (
        "As the owner: grant connect on database NAME to this role,"
    ),
    r"sslmode=require|insecure|no encryption|ssl.*required": (
        "Add sslmode=require to the query of DATABASE_URL,"
    ),
    r"authentication|password|role .* does not exist|role .* is protected|pg_hba": (
        f"Correct user and password in DATABASE_URL ({_CONSOLE} → Connection Details),"
    ),
    r"quota|limit": (
        "Neon Console → Billing shows the limits: raise them, or wait for the next period,"
    ),
    r"not allowed to connect|blocked network": (
        f"Allow this machine's address ({_CONSOLE} → Settings → Network security),"
    ),
    r"disabled|suspended": f"Enable it ({_CONSOLE} → Branches → Computes),",
    r"could not be found|cannot be found|not known|servname|no address": (
        f"Copy the address from {_CONSOLE} → Connection Details into DATABASE_URL,"
    ),
}
_GENERAL_HINT = f"Check DATABASE_URL, and the project's state ({_CONSOLE} → Monitoring),"

_RIGHT = re.compile(r"permission denied for (?P<what>.+)|must be owner of (?P<owned>.+)")
_FULL = re.compile(r"could not (?:extend|write to) file|project size limit")
# PostgreSQL's words, then DuckDB's for tables and for columns.
_MISSING = re.compile(r"does not exist|does not have a column|column .* not found in FROM clause")
LOST = "08006"  # the state of a lost connection
_PROTOCOL = "08P01"  # a statement has parameters, but none were sent
_PASSING_STATES = ("57P", "53", "08")  # the server starts, stops, is full, or is gone


class Refusal(NamedTuple):
    """A refused connection.

    Args:
        words: The server's message, in one line.
        is_passing: Whether a retry can help.
        hint: The hint if retries do not help.
    """

    words: str
    is_passing: bool
    hint: str


def of_connection(text: str) -> Refusal:
    """Classify psycopg's error about a connection."""
    answers = list(dict.fromkeys(_ANSWER.findall(text)))
    lasting = [each for each in answers if not _PASSING_ANSWERS.search(each.strip())]
    if answers:
        said, is_passing = (lasting or answers), not lasting
    else:  # one message per address that was tried
        reasons = re.findall(r"failed: (?!connection to )(.*)", text) or [" ".join(text.split())]
        said, is_passing = list(dict.fromkeys(reasons)), not _LASTING_SILENCE.search(text)
    words = "; ".join(each.strip().rstrip(".") for each in said)
    hints = _CONNECTION_HINTS.items()
    found = (hint for pattern, hint in hints if re.search(pattern, words, re.IGNORECASE))
    return Refusal(words, is_passing, f"{next(found, _GENERAL_HINT)} {AGAIN}")


@contextlib.contextmanager
def explained(settings: "Settings") -> Iterator[None]:
    """Turn errors of an open connection into WarehouseError: the server never sends a password.

    Raises:
        WarehouseError: DuckDB or PostgreSQL raised an error.
    """
    if settings.database:
        import psycopg as driver  # noqa: PLC0415 - a target does not need the other's driver
    else:
        import duckdb as driver  # type: ignore[no-redef]  # noqa: PLC0415

    try:
        yield
    except driver.Error as error:
        text = str(error).strip()
        if settings.database:
            is_lost = not error.sqlstate and isinstance(error, driver.OperationalError)
            state = LOST if is_lost else error.sqlstate
            explanation = of_statement(text, state, settings)
        else:
            explanation = duckdb_file.explain(settings.duckdb_path, text)
        message = explanation or f"The database refused a statement: {text}"
        raise WarehouseError(message) from error


def of_statement(text: str, state: str | None, settings: "Settings") -> str | None:
    """Return the message for a refused statement; None if the error is not a known one.

    Args:
        text: The error's text.
        state: The error's SQLSTATE; None if unknown.
        settings: The settings of the target.
    """
    target = settings.target
    first = " ".join(text.strip().partition("\n")[0].split()).rstrip(".")
    first = first.rpartition("ERROR: ")[2].strip()
    if right := _RIGHT.search(first):
        what, owned = right["what"], right["owned"]
        lacks = f"has no such right on {what}" if what else f"does not own {owned}"
        return no_right(settings, lacks)
    if state == "53100" or _FULL.search(first):
        return (
            f"The database is full: {first}.\n"
            f"Remove what is not needed (python -m loader prune --target {target} --keep 3), or"
            f" raise its limit (Neon Console → Billing), {AGAIN}"
        )
    if state == "25006" or "read-only transaction" in first:
        return read_only(target)
    if (state or "").startswith(_PASSING_STATES) and state != _PROTOCOL:
        return (
            f"The connection to the database was lost: {first}.\n"
            "Nothing is lost: run the same command again."
        )
    return None


def is_missing(text: str) -> bool:
    """Return whether an error is about a missing table or column."""
    return bool(_MISSING.search(text))


def no_right(settings: "Settings", lacks: str) -> str:
    """Return the message for a role that lacks a right."""
    role = role_of(settings)
    return (
        f"{role[0].upper()}{role[1:]} may not do this: it {lacks}.\n"
        "Use the address of a role that may: loader_writer loads, transformer builds, reader reads,"
        " the owner may do all. The owner gives them their rights:"
        f" dbt run-operation grant_roles --target {settings.target}"
    )


def role_of(settings: "Settings") -> str:
    """Return the name of the current role, for messages."""
    user = settings.database.user if settings.database else ""
    return f"the role {user!r}" if user else "this role"


def read_only(target: str) -> str:
    """Return the message for a read-only database."""
    return (
        "The database is read-only: it is a replica, or default_transaction_read_only is on.\n"
        f"Put the address of the primary into DATABASE_URL_{target.upper()} or DATABASE_URL,"
        f" {AGAIN}"
    )


def state_of(error: BaseException | None) -> str | None:
    """Return the SQLSTATE of an error of psycopg, psycopg2 or ADBC."""
    state = getattr(error, "sqlstate", None) or getattr(error, "pgcode", None)
    return str(state) if state else None
