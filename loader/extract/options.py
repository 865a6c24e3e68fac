"""The options of a run, its previous reads, and its summary."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from uuid import UUID

from loader.parsing.rejections import Rejection, Severity
from loader.parsing.weekly import Week
from loader.workspace import Workspace
from loader.workspace.kinds import WITH_CONTENTS, Kind


@dataclass(frozen=True, slots=True)
class RunOptions:
    """The options of a run.

    Args:
        workspace: The workspace to read.
        teams: Team names by folder name, from the seeds.
        only: Folders or names of the teams to load; empty for all.
        report: The report type, which selects `config.{report}.json`.
        config_file: An additional config file, below the workspace; None without one.
        week: The week to load; None for the configured week.
        is_full: Whether to load unchanged files too.
        triggered_by: The person who generated the reports and who loads them.
        is_adopting: Whether to take over a database of another environment.
        max_file_bytes: The maximum size of a file; larger files are rejected.
        contents: Kinds whose texts are parsed into content tables.
    """

    workspace: Workspace
    teams: dict[str, str]
    only: Sequence[str] = ()
    report: str = "weekly"
    config_file: str | None = None
    week: Week | None = None
    is_full: bool = False
    triggered_by: str | None = None
    is_adopting: bool = False
    max_file_bytes: int = 100_000_000
    contents: frozenset[Kind] = WITH_CONTENTS

    def described(self) -> dict[str, object]:
        """Return the options in the form stored in `raw.runs`."""
        return {
            "workspace": self.workspace.url,
            "teams": list(self.only),
            "report": self.report,
            "week": self.week and [str(self.week.start), str(self.week.end)],
            "full": self.is_full,
        }


@dataclass(slots=True)
class PreviousRead:
    """The latest read of a path by a finished run.

    Args:
        path: The file, relative to the workspace.
        sha256: SHA-256 of the file's bytes.
        outcome: The outcome of the read.
        parser_version: Version of the parser that read the file.
        worst: The worst severity of its rejections; None without rejections.
    """

    path: str
    sha256: str | None
    outcome: str
    parser_version: int
    worst: str | None


@dataclass(frozen=True, slots=True)
class RunInfo:
    """The values that all rows of a run share.

    Args:
        run_id: The run's UUID.
        loaded_at: The time of all its rows, by the database's clock; later than any earlier run's.
        started_at: The start time, by this machine's clock.
        loaded_by: The user who runs it.
    """

    run_id: UUID
    loaded_at: datetime
    started_at: datetime
    loaded_by: str | None


class Progress:
    """Receives the progress of a long command; this one ignores it."""

    def start(self, files: int) -> None:
        """Start; `files` is the number of files to process."""

    def advance(self, size: int | None = None) -> None:
        """Count one file; `size` is the size of the blob that was sent or read, if any."""


@dataclass(slots=True)
class KindSummary:
    """Counts of the files of one kind; `bytes` counts those of loaded files."""

    seen: int = 0
    unchanged: int = 0
    loaded: int = 0
    rejected: int = 0
    rows: int = 0
    uploads: int = 0
    bytes: int = 0
    seconds: float = 0.0


@dataclass(slots=True)
class RunSummary:
    """Counts and rejections of a run or of one of its parts.

    Args:
        kinds: Counts by kind.
        rejections: Kind, path and rejection, in the order of reading.
        unlisted: Number of rejections that are not in `rejections`.
        has_unlisted_left_out: Whether content of the unlisted rejections was left out.
        still_rejected: Number of unchanged files from which an earlier run left content out.
        first_still_rejected: The path of the first such file.
        ignored: Number of files that are not input.
        ignored_paths: Paths of the first ignored files.
    """

    kinds: dict[Kind, KindSummary] = field(default_factory=lambda: {k: KindSummary() for k in Kind})
    rejections: list[tuple[Kind, str, Rejection]] = field(default_factory=list)
    unlisted: int = 0
    has_unlisted_left_out: bool = False
    still_rejected: int = 0
    first_still_rejected: str = ""
    ignored: int = 0
    ignored_paths: list[str] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Return whether the workspace has no file to read."""
        return not any(counts.seen for counts in self.kinds.values())

    @property
    def has_left_out(self) -> bool:
        """Return whether any content of the workspace was not stored."""
        is_listed = _has_left_out(self.rejections)
        return self.still_rejected > 0 or self.has_unlisted_left_out or is_listed

    def note_unchanged(self, path: str, worst: str | None) -> None:
        """Count an unchanged file if `worst` says that an earlier run left content out."""
        if worst == Severity.REJECTED:
            self.still_rejected += 1
            self.first_still_rejected = self.first_still_rejected or path

    def add(self, other: "RunSummary", most: int) -> None:
        """Add the summary of other files.

        Args:
            other: The summary of the other files.
            most: Maximum number of listed rejections.
        """
        for kind, theirs in other.kinds.items():
            ours = self.kinds[kind]
            for each in fields(KindSummary):
                total = getattr(ours, each.name) + getattr(theirs, each.name)
                setattr(ours, each.name, total)
        room = max(most - len(self.rejections), 0)
        self.rejections += other.rejections[:room]
        unlisted = other.rejections[room:]
        self.unlisted += len(unlisted)
        self.has_unlisted_left_out = self.has_unlisted_left_out or _has_left_out(unlisted)
        self.still_rejected += other.still_rejected
        self.first_still_rejected = self.first_still_rejected or other.first_still_rejected
        self.ignored += other.ignored


def _has_left_out(rejections: "Iterable[tuple[Kind, str, Rejection]]") -> bool:
    return any(item.reason.severity is Severity.REJECTED for _, _, item in rejections)


@dataclass(frozen=True, slots=True)
class RunResult:
    """The result of a run.

    Args:
        summary: Counts and rejections.
        removed_runs: Number of unfinished runs whose rows it removed first.
        seconds: Wall time.
        parts: Number of parts.
        attempts: Number of started tasks, including repeated ones.
    """

    summary: RunSummary
    removed_runs: int
    seconds: float
    parts: int = 0
    attempts: int = 0
