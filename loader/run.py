"""What a run is told, what it remembers of earlier runs, and what it reports."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from loader.kinds import Kind
from loader.parsing.weekly import Week
from loader.rejections import Rejection, Severity
from loader.workspace import Workspace


class Outcome(StrEnum):
    """How the reading of a file ended; see the table `raw.files`."""

    LOADED = "loaded"
    REJECTED = "rejected"
    RETRY = "retry"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Order:
    """What a run is to do.

    Args:
        workspace: The workspace.
        teams: Team names by folder name, from the seeds.
        only: Folders or names of the teams to load; empty for all.
        report: Which `config.{report}.json`.
        week: The week instead of the config's; None for the config's.
        is_full: Load what is unchanged too.
        triggered_by: Who had the reports generated, and who loads.
        is_adopting: Take a database of another environment over.
    """

    workspace: Workspace
    teams: dict[str, str]
    only: Sequence[str] = ()
    report: str = "weekly"
    week: Week | None = None
    is_full: bool = False
    triggered_by: str | None = None
    is_adopting: bool = False


@dataclass(frozen=True, slots=True)
class LastReading:
    """What the latest finished reading of a path found.

    Args:
        team: The team's folder.
        sha256: Of the file's bytes.
        outcome: See `Outcome`.
        parser_version: Of the parsers that read it.
        worst: The worst severity among its rejections; None where it has none.
    """

    team: str
    sha256: str | None
    outcome: str
    parser_version: int
    worst: str | None


@dataclass(frozen=True, slots=True)
class StoredDay:
    """The latest text that one path gave for one employee and day."""

    team: str
    path: str
    author_name: str
    report_date: date
    checksum: str


@dataclass(frozen=True, slots=True)
class Memory:
    """What earlier runs left in the database.

    Args:
        readings: The latest reading of each kind and path.
        stored_days: Looks up what is stored for pairs of employee and day; None where the days are
            compared later, with those of the whole run.
    """

    readings: dict[tuple[str, str], LastReading]
    stored_days: Callable[[Sequence[tuple[str, date]]], list[StoredDay]] | None


@dataclass(frozen=True, slots=True)
class Stamp:
    """What all rows of a run share.

    Args:
        run_id: The run.
        loaded_at: Its one time, of the database's clock, later than that of any run before.
        started_at: When it began, by this machine's clock.
    """

    run_id: UUID
    loaded_at: datetime
    started_at: datetime


class Progress:
    """What a long command tells while it goes on; this one keeps it to itself."""

    def start(self, files: int) -> None:
        """There are so many files to do."""

    def advance(self, size: int | None = None) -> None:
        """Another file is done; `size` is that of the blob that was sent or read, None for none."""


@dataclass(slots=True)
class Tally:
    """What became of the files of one kind; `bytes` counts those of loaded files."""

    seen: int = 0
    unchanged: int = 0
    loaded: int = 0
    rejected: int = 0
    rows: int = 0
    uploads: int = 0
    bytes: int = 0
    seconds: float = 0.0


@dataclass(slots=True)
class Report:
    """What a run did, for the summary.

    Args:
        tallies: By kind.
        rejections: Kind, path and rejection, in the order of reading.
        unlisted: How many more there are, of a run in parts with very many.
        has_unlisted_left_out: Whether anything of theirs is not stored.
        still_rejected: Unchanged files of which an earlier run left something out.
        ignored: Files that are no input.
    """

    tallies: dict[Kind, Tally] = field(default_factory=lambda: {kind: Tally() for kind in Kind})
    rejections: list[tuple[Kind, str, Rejection]] = field(default_factory=list)
    unlisted: int = 0
    has_unlisted_left_out: bool = False
    still_rejected: int = 0
    ignored: int = 0

    @property
    def has_left_out(self) -> bool:
        """Whether anything of the files that were met is not stored."""
        is_listed = _has_left_out(self.rejections)
        return self.still_rejected > 0 or self.has_unlisted_left_out or is_listed

    def add(self, other: "Report", most: int) -> None:
        """Add what became of other files.

        Args:
            other: Of those.
            most: How many rejections to list at most.
        """
        for kind, theirs in other.tallies.items():
            ours = self.tallies[kind]
            for each in fields(Tally):
                total = getattr(ours, each.name) + getattr(theirs, each.name)
                setattr(ours, each.name, total)
        room = max(most - len(self.rejections), 0)
        self.rejections += other.rejections[:room]
        unlisted = other.rejections[room:]
        self.unlisted += len(unlisted)
        self.has_unlisted_left_out = self.has_unlisted_left_out or _has_left_out(unlisted)
        self.still_rejected += other.still_rejected
        self.ignored += other.ignored


def _has_left_out(rejections: "Iterable[tuple[Kind, str, Rejection]]") -> bool:
    return any(item.reason.severity is Severity.REJECTED for _, _, item in rejections)


@dataclass(frozen=True, slots=True)
class Result:
    """How a run ended.

    Args:
        report: What it did.
        has_finished_pending: Whether it finished work of an earlier run first.
        seconds: Wall time.
        parts: How many parts it had; 0 for a run without.
        attempts: How often one was begun, also anew.
    """

    report: Report
    has_finished_pending: bool
    seconds: float
    parts: int = 0
    attempts: int = 0
