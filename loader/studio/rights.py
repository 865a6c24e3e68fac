"""What the studio's role may do beyond its work, and the role that may do no more."""

from dataclasses import dataclass

from loader.database.sessions import Session
from loader.settings import Settings

_RIGHTS = """
    select current_user, rolsuper, rolcreaterole, rolcreatedb,
        pg_has_role(current_user, 'pg_read_server_files', 'member'),
        pg_has_role(current_user, 'pg_write_server_files', 'member'),
        pg_has_role(current_user, 'pg_execute_server_program', 'member'),
        pg_has_role(current_user, 'pg_signal_backend', 'member'),
        exists (
            select
            from pg_class
            inner join pg_namespace on relnamespace = pg_namespace.oid
            where nspname = any(%s) and relkind in ('r', 'p')
                and has_table_privilege(pg_class.oid, 'insert, update, delete, truncate')
        )
    from pg_roles
    where rolname = current_user
"""
_NAMES = (
    "it is a superuser: it may read the server's files, run programs there, and do all else",
    "it may create roles",
    "it may create databases",
    "it may read the server's files",
    "it may write the server's files",
    "it may run programs on the server",
    "it may end other sessions",
)
_WRITES = "it may change tables, and the studio only reads"


@dataclass(frozen=True, slots=True)
class Rights:
    """A role that may do more than the studio needs, and what to do about it.

    Args:
        role: Its name.
        more: What it may do beyond the studio's work.
        better: The role that may do no more.
        loses: What the better role does not see.
        commands: To run, in order.
    """

    role: str
    more: tuple[str, ...]
    better: str
    loses: str
    commands: tuple[str, ...]


def read(session: Session, settings: Settings, *, is_writing: bool) -> Rights | None:
    """Return the rights of a role that has too many; None if it has not.

    Args:
        session: To the database.
        settings: Name it.
        is_writing: Whether tables may be edited.
    """
    if not settings.database:
        return None  # a DuckDB file is opened read-only, with no way to other files
    schemas = [settings.final_schema, "content", "raw", "seeds", "bookkeeping"]
    role, is_superuser, *rest, can_write = session.fetch(_RIGHTS, [schemas]).rows[0]
    # A superuser may do all of it.
    flags = (True,) if is_superuser else (False, *rest)
    more = [text for is_so, text in zip(flags, _NAMES, strict=False) if is_so]
    if can_write and not is_writing:
        more.append(_WRITES)
    if not more:
        return None
    better = "transformer" if is_writing else "reader"
    url, target = settings.database, settings.target
    write = " --write" if is_writing else ""
    place = str(url).rpartition("@")[2]
    start = f"python -m loader studio --target {target}{write}"
    commands = (
        f"dbt run-operation grant_roles --target {target}",
        f"alter role {better} login password 'a long one';  -- in psql, as the owner",
        f"DATABASE_URL='postgresql://{better}:a%20long%20one@{place}' {start}",
    )
    loses = "" if is_writing else "It sees the final tables, what the texts say, and the views."
    return Rights(str(role), tuple(more), better, loses, commands)
