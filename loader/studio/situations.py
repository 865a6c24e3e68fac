"""Reasons why a database cannot be shown yet, each with the next command."""

from loader.database.sessions import Session
from loader.errors import LoaderError, WarehouseError
from loader.settings import Settings, redacted
from loader.tables import FINAL_TABLES
from loader.tables.contents import CONTENT_TABLES

_THERE = """
    select table_schema, table_name
    from information_schema.tables
    where table_schema = any(%s)
"""
# A reader role sees none of its tables.
_OURS = "select 1 from pg_catalog.pg_namespace where nspname = 'bookkeeping'"
_ENVIRONMENT = "select name from bookkeeping.environment"


class NotReadyError(WarehouseError):
    """The database cannot be shown yet.

    Args:
        title: The problem in a few words.
        text: The explanation in sentences.
        commands: The next commands to run, in order.
    """

    def __init__(self, title: str, text: str, commands: tuple[str, ...] = ()) -> None:
        super().__init__(text)
        self.title = title
        self.commands = commands


def check(session: Session, settings: Settings) -> bool:
    """Raise an error if the database has nothing to show, or belongs to another environment.

    Args:
        session: Connects to the database.
        settings: The settings of the target.

    Returns:
        True if there is data to show.

    Raises:
        NotReadyError: There is no data, for the reason in the message.
    """
    final_schema = settings.final_schema
    schemas = [final_schema, "raw", "bookkeeping"]
    there = {tuple(row) for row in session.fetch(_THERE, [schemas]).rows}
    target = settings.target
    if ("bookkeeping", "environment") in there:
        found = session.fetch(_ENVIRONMENT).rows
        if found and found[0][0] != target:
            raise _other_environment(found[0][0], target)
    finals = FINAL_TABLES.keys() & {name for schema, name in there if schema == final_schema}
    is_loaded = ("raw", "runs") in there
    if finals and not is_loaded and not session.fetch(_OURS).rows:
        raise _foreign(settings)
    if finals == FINAL_TABLES.keys():
        return True
    build = f"dbt build --target {target}"
    if is_loaded or ("raw", "files") in there:
        text = "A workspace is loaded, and the tables are not built from it yet."
        raise NotReadyError("The tables are not built yet", text, (build,))
    text = "The database is there, and nothing of this project is in it."
    raise NotReadyError("Nothing is loaded yet", text, (_load(settings), build))


def check_contents(session: Session, settings: Settings) -> bool:
    """Raise an error if the content tables are missing.

    Args:
        session: Connects to the database.
        settings: The settings of the target.

    Returns:
        True if they exist.

    Raises:
        NotReadyError: The content tables are missing.
    """
    if has_contents(session):
        return True
    text = (
        "This page needs the content tables: people, entries, turns, issues and mentions. They are"
        " not in this database, or this role may not read them."
    )
    commands = (_load(settings), f"dbt build --target {settings.target}")
    if not settings.contents:
        text += " CONTENT is empty: remove it from the environment and from .env first."
    raise NotReadyError("The texts are not taken apart yet", text, commands)


def has_contents(session: Session) -> bool:
    """Return whether the content tables exist."""
    there = {name for _, name in session.fetch(_THERE, [["content"]]).rows}
    return CONTENT_TABLES.keys() <= there


def explained(error: LoaderError, settings: Settings) -> LoaderError:
    """Return an error as a `NotReadyError` if it indicates one of these reasons.

    Args:
        error: An error from the database or the connection.
        settings: The settings of the target.
    """
    text = settings.redacted(redacted(str(error)))
    first, _, rest = text.partition("\n")
    build = f"dbt build --target {settings.target}"
    if "There is no " in first and not settings.duckdb_path.exists() and not settings.database:
        said = f"There is no {settings.duckdb_path.name!r} in {settings.warehouse_dir} yet."
        return NotReadyError("There is no database yet", said, (_load(settings), build))
    if " is in use by " in first:
        title = "Another program uses the database"
        said = f"{first} DuckDB lets one process write. This page works as soon as that one ends."
        return NotReadyError(title, said)
    if "does not exist" in first:
        said = f"{first}\nThe tables of this release are not all built."
        return NotReadyError("A table is missing", said, (build,))
    if first.startswith("Cannot connect"):
        return NotReadyError("The database cannot be reached", f"{first}\n{rest}".strip())
    return type(error)(text)


def _other_environment(name: str, target: str) -> NotReadyError:
    text = f"It is the database of {name!r}, and the studio was started for '{target}'."
    command = f"python -m loader studio --target {name}"
    return NotReadyError("This database belongs to another environment", text, (command,))


def _foreign(settings: Settings) -> NotReadyError:
    text = (
        f"The schema {settings.final_schema!r} has tables with our names, and this product did not"
        " create them. Look at what taking them over would do, or name another schema with"
        " FINAL_SCHEMA, or another database."
    )
    command = f"python -m loader schema adopt --dry-run --target {settings.target}"
    return NotReadyError("This database was not created by this product", text, (command,))


def _load(settings: Settings) -> str:
    return f"python -m loader run --target {settings.target} --workspace DIR"
