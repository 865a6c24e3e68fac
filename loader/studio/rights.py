"""Detect a role with more rights than the studio needs, and recommend another one."""

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
    """The excess rights of a role, and the recommended role.

    Args:
        role: The role's name.
        more: Actions that the studio does not need.
        better: The role with no excess rights.
        loses: Data that the better role cannot see.
        commands: Commands to run, in order.
    """

    role: str
    more: tuple[str, ...]
    better: str
    loses: str
    commands: tuple[str, ...]


def read(session: Session, settings: Settings, *, is_writing: bool) -> Rights | None:
    """Return the excess rights of the role; None if it has none.

    Args:
        session: Connects to the database.
        settings: The settings of the target.
        is_writing: Whether tables may be edited.
    """
    if not settings.database:
        return None  # a DuckDB file is opened read-only, without access to other files
    schemas = [settings.final_schema, "content", "raw", "seeds", "bookkeeping"]
    role, is_superuser, *rest, can_write = session.fetch(_RIGHTS, [schemas]).rows[0]
    # A superuser may do all of this.
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
