"""Loads and rejections."""

from dataclasses import dataclass
from datetime import datetime

from loader.database.queries import FINISHED
from loader.database.sessions import Session
from loader.maintenance.status_queries import REJECTIONS
from loader.parsing.rejections import Reason
from loader.questions.asked import Part
from loader.questions.conditions import PAGE, where

_LOADS = f"""
    select
        runs.run_id,
        runs.loaded_at,
        runs.loaded_by,
        runs.file_count,
        runs.row_count,
        coalesce(found.rejected, 0),
        coalesce(found.repaired, 0)
    from raw.runs as runs
    left join
        (
            select
                run_id,
                cast(sum(case when severity = 'rejected' then 1 else 0 end) as bigint) as rejected,
                cast(sum(case when severity = 'repaired' then 1 else 0 end) as bigint) as repaired
            from raw.rejections
            where {FINISHED}
            group by run_id
        ) as found
        on runs.run_id = found.run_id
"""  # noqa: S608 - constants
_OF_RUN = f"""
    select severity, reason, kind, source_path, line_number, detail, team
    from raw.rejections
    where run_id = %s and {FINISHED}
    order by severity desc, reason, kind, source_path, line_number
"""  # noqa: S608 - constants
_FILES = f"""
    select kind, outcome, count(*), cast(sum(byte_size) as bigint)
    from raw.files
    where run_id = %s and {FINISHED}
    group by kind, outcome
    order by kind, outcome
"""  # noqa: S608 - constants
_CAN_READ = """
    select
        case
            when count(*) = 3 and bool_and(has_schema_privilege('raw', 'usage'))
            then
                has_table_privilege('raw.files', 'select')
                and has_table_privilege('raw.rejections', 'select')
                and has_table_privilege('raw.runs', 'select')
            else false
        end
    from information_schema.tables
    where table_schema = 'raw' and table_name in ('files', 'rejections', 'runs')
"""
_EVER = "0001-01-01"


@dataclass(frozen=True, slots=True)
class Load:
    """A finished load.

    Args:
        run_id: The run's id.
        loaded_at: The load time by the database's clock.
        loaded_by: The user who started it; None if it was not recorded.
        files: The number of listed files; None if it was not recorded.
        rows: The number of rows from these files; None if it was not recorded.
        rejected: The number of rejections.
        repaired: The number of repairs.
    """

    run_id: str
    loaded_at: datetime
    loaded_by: str | None
    files: int | None
    rows: int | None
    rejected: int
    repaired: int


@dataclass(frozen=True, slots=True)
class Rejection:
    """A rejection, or a repair before a text was stored.

    Args:
        severity: `rejected` or `repaired`.
        reason: The reason, one word.
        kind: The kind of the file.
        path: The file in the workspace.
        line: The line in the file, from 1; None for the whole file.
        detail: The text that caused it.
        team: The team's folder.
    """

    severity: str
    reason: str
    kind: str
    path: str
    line: int | None
    detail: str
    team: str

    @property
    def hint(self) -> str:
        """A hint for the user."""
        # An earlier release may have had other reasons.
        return Reason(self.reason).hint if self.reason in {*Reason} else ""


@dataclass(frozen=True, slots=True)
class Files:
    """The number of a load's files of one kind and outcome.

    Args:
        kind: The table that they feed.
        outcome: The outcome of reading them.
        count: The number of files.
        bytes: Their total size.
    """

    kind: str
    outcome: str
    count: int
    bytes: int | None


def can_read(session: Session) -> bool:
    """Return whether the role may read the raw tables."""
    return bool(session.fetch(_CAN_READ).rows[0][0])


def loads(session: Session, part: Part, run_id: str | None = None) -> list[Load]:
    """Return finished loads, the latest first.

    Args:
        session: Connects to the database.
        part: The page; one more than the limit if there are more.
        run_id: Only this run.
    """
    clause, params = where(("runs.finished_at > %s", _EVER), ("runs.run_id = %s", run_id))
    order = " order by runs.loaded_at desc, runs.run_id"
    rows = session.fetch(_LOADS + clause + order + PAGE, [*params, *part.params]).rows
    return [Load(*row) for row in rows]


def open_rejections(session: Session) -> list[Rejection]:
    """Return the rejections of the latest reading of each file."""
    return [Rejection(*row) for row in session.fetch(REJECTIONS, [_EVER]).rows]


def rejections_of(session: Session, run_id: str) -> list[Rejection]:
    """Return the rejections of a load."""
    return [Rejection(*row) for row in session.fetch(_OF_RUN, [run_id]).rows]


def files_of(session: Session, run_id: str) -> list[Files]:
    """Return the number of a load's files by kind and outcome."""
    return [Files(*row) for row in session.fetch(_FILES, [run_id]).rows]
