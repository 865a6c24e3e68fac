"""What the workspace holds, by the table that it feeds."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """The raw table that a file feeds."""

    DAILY_REPORTS = "daily_reports"
    MEETING_TRANSCRIPTS = "meeting_transcripts"
    JIRA_SNAPSHOTS = "jira_snapshots"
    SLACK_CAPTURES = "slack_captures"
    GENERATED_REPORTS = "generated_reports"


@dataclass(frozen=True, slots=True)
class Folder:
    """Where a kind's files are.

    Args:
        root: Folder below the workspace that has one folder per team.
        below_team: Folder below the team's in which alone files are read; empty for all of it.
        module: The part of a blob's name that tells the kind.
        suffixes: How the names of its files end, in lower case.
    """

    root: str
    below_team: str
    module: str
    suffixes: tuple[str, ...] = (".md", ".markdown")

    def of_team(self, team: str) -> str:
        """The team's folder, relative to the workspace."""
        return "/".join(filter(None, (self.root, team, self.below_team)))


FOLDERS = {
    Kind.DAILY_REPORTS: Folder("daily-reports/md-output", "", "daily-reports"),
    Kind.MEETING_TRANSCRIPTS: Folder("transcripts/markdown-output", "", "transcripts"),
    Kind.JIRA_SNAPSHOTS: Folder("jira/md_output", "", "jira"),
    # Beside `sanitized/` are raw messages: never read, uploaded or named.
    Kind.SLACK_CAPTURES: Folder("slack/md-output", "sanitized", "slack/sanitized"),
    Kind.GENERATED_REPORTS: Folder("datasource-generator/output", "", "reports", (".py",)),
}
