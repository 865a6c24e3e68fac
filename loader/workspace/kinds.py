"""The kinds of files in a workspace, by the table that they feed."""

from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """The raw table that a file feeds."""

    DAILY_REPORTS = "daily_reports"
    MEETING_TRANSCRIPTS = "meeting_transcripts"
    JIRA_SNAPSHOTS = "jira_snapshots"
    SLACK_CAPTURES = "slack_captures"
    GENERATED_REPORTS = "generated_reports"


# Kinds whose texts are parsed into content tables, unless the setting CONTENT says otherwise.
WITH_CONTENTS = frozenset({Kind.DAILY_REPORTS, Kind.MEETING_TRANSCRIPTS, Kind.JIRA_SNAPSHOTS})


@dataclass(frozen=True, slots=True, kw_only=True)
class KindFiles:
    """The files of a kind.

    Args:
        root: Folder below the workspace that has one folder per team.
        below_team: Folder below the team's folder that is read; empty to read all of it.
        folder: The folder of a team's files, a format string for the team's folder.
        blob_folder: The part of a blob's name that states the kind.
        suffixes: The extensions of its files, in lower case.
        parser_version: Version of the kind's parser. Raise it if the same bytes give other rows:
            the next run reads all files of the kind again and loads rows that differ.
        is_one_part: Whether a team's files go into one part, because the choice among them
            depends on all of them.
        is_by_bytes: Whether a file's rows depend only on its bytes, not on other files or the week.
    """

    root: str
    below_team: str = ""
    blob_folder: str
    suffixes: tuple[str, ...] = (".md", ".markdown")
    parser_version: int = 3
    is_one_part: bool = False
    is_by_bytes: bool = False
    folder: str = field(init=False)

    def __post_init__(self) -> None:
        """Derive the folder."""
        folder = "/".join(filter(None, (self.root, "{}", self.below_team)))
        object.__setattr__(self, "folder", folder)


KINDS = {
    Kind.DAILY_REPORTS: KindFiles(
        root="daily-reports/md-output", blob_folder="daily-reports", is_by_bytes=True
    ),
    Kind.MEETING_TRANSCRIPTS: KindFiles(
        root="transcripts/markdown-output",
        blob_folder="transcripts",
        suffixes=(".md", ".markdown", ".txt", ".vtt", ".srt"),
        is_by_bytes=True,
    ),
    Kind.JIRA_SNAPSHOTS: KindFiles(root="jira/md_output", blob_folder="jira", is_one_part=True),
    # Raw messages lie next to `sanitized/`: never read, upload or name them.
    Kind.SLACK_CAPTURES: KindFiles(
        root="slack/md-output",
        below_team="sanitized",
        blob_folder="slack/sanitized",
        is_one_part=True,
    ),
    Kind.GENERATED_REPORTS: KindFiles(
        root="datasource-generator/output", blob_folder="reports", suffixes=(".py",)
    ),
}


def parser_versions() -> dict[str, int]:
    """Return the version of each kind's parser."""
    return {str(kind): files.parser_version for kind, files in KINDS.items()}
