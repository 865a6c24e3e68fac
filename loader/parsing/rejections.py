"""The closed list of reasons for rejections and notes, each with its hint."""

from dataclasses import dataclass
from enum import StrEnum

from loader.parsing.escapes import escaped_line

LONGEST_DETAIL = 200  # characters


class Severity(StrEnum):
    """Whether content was left out or stored after a repair."""

    REJECTED = "rejected"
    REPAIRED = "repaired"


class Reason(StrEnum):
    """The reason of a rejection or note, with its `hint`."""

    # The place, not the bytes: retried on each run.
    UNKNOWN_TEAM = "unknown_team"
    UNREADABLE = "unreadable"
    TOO_LARGE = "too_large"
    CHANGED_MEANWHILE = "changed_meanwhile"
    UPLOAD_FAILED = "upload_failed"
    BLOB_MISMATCH = "blob_mismatch"
    NOT_UPLOADED = "not_uploaded"
    # The path.
    NO_TEAM_FOLDER = "no_team_folder"
    LINK_OUTSIDE_TEAM = "link_outside_team"
    LINK_REPEATED = "link_repeated"
    NAME_NOT_UNICODE = "name_not_unicode"
    NAME_TOO_LONG = "name_too_long"
    # The content.
    EMPTY_FILE = "empty_file"
    NO_DAY = "no_day"
    NO_DATE = "no_date"
    IMPOSSIBLE_DATE = "impossible_date"
    AMBIGUOUS_DATE = "ambiguous_date"
    TWO_DATES = "two_dates"
    DATE_ABOVE = "date_above"
    EMPTY_DAY = "empty_day"
    NO_AUTHOR = "no_author"
    UNKNOWN_PERSON = "unknown_person"
    AMBIGUOUS_AUTHOR = "ambiguous_author"
    NO_WEEK = "no_week"
    NO_JIRA_FOR_WEEK = "no_jira_for_week"
    BAD_CONFIG = "bad_config"
    BAD_DATASOURCE = "bad_datasource"
    # Stored, after a repair.
    BOM_REMOVED = "bom_removed"
    UTF16_DECODED = "utf16_decoded"
    WINDOWS_1252_DECODED = "windows_1252_decoded"
    INVALID_BYTES = "invalid_bytes"
    NUL_REPLACED = "nul_replaced"
    UNCLOSED_FENCE = "unclosed_fence"
    DATE_IN_FENCE = "date_in_fence"
    DATE_INSIDE = "date_inside"
    DAY_FIRST = "day_first"
    IMPOSSIBLE_TIME = "impossible_time"
    BAD_BLOCK = "bad_block"
    BAD_LITERAL = "bad_literal"
    SAME_DAY_TWICE = "same_day_twice"
    UNKNOWN_KEY = "unknown_key"
    CONTENTS_LEFT_OUT = "contents_left_out"

    @property
    def severity(self) -> Severity:
        """Return whether the content was left out or stored after a repair."""
        return Severity.REPAIRED if self in _REPAIRS else Severity.REJECTED

    @property
    def is_outside_the_bytes(self) -> bool:
        """Return whether reading the same bytes again may end differently."""
        return self in _OUTSIDE_THE_BYTES

    @property
    def hint(self) -> str:
        """Return the hint for the user."""
        return _HINTS[self]


_REPAIRS = frozenset(
    {
        Reason.BOM_REMOVED,
        Reason.UTF16_DECODED,
        Reason.WINDOWS_1252_DECODED,
        Reason.INVALID_BYTES,
        Reason.NUL_REPLACED,
        Reason.UNCLOSED_FENCE,
        Reason.DATE_IN_FENCE,
        Reason.DATE_INSIDE,
        Reason.DAY_FIRST,
        Reason.IMPOSSIBLE_TIME,
        Reason.BAD_BLOCK,
        Reason.BAD_LITERAL,
        Reason.SAME_DAY_TWICE,
        Reason.UNKNOWN_KEY,
        Reason.CONTENTS_LEFT_OUT,
    }
)
_OUTSIDE_THE_BYTES = frozenset(
    {
        Reason.UNKNOWN_TEAM,
        Reason.UNREADABLE,
        Reason.TOO_LARGE,
        Reason.CHANGED_MEANWHILE,
        Reason.UPLOAD_FAILED,
        Reason.BLOB_MISMATCH,
        Reason.NOT_UPLOADED,
        Reason.AMBIGUOUS_DATE,
        Reason.UNKNOWN_PERSON,
        Reason.NO_WEEK,
        Reason.BAD_CONFIG,
        Reason.UNKNOWN_KEY,
    }
)
_HINTS = {
    Reason.UNKNOWN_TEAM: "Add the team to seeds/seed_teams.csv, or its folder to"
    " seeds/seed_team_aliases.csv. The next run loads it.",
    Reason.UNREADABLE: "Make it a readable regular file. The next run tries again.",
    Reason.TOO_LARGE: "Split the file, or raise MAX_FILE_MB. The next run tries again.",
    Reason.CHANGED_MEANWHILE: "Nothing: the next run reads the new version.",
    Reason.UPLOAD_FAILED: "Look at the detail. The next run tries again.",
    Reason.BLOB_MISMATCH: "Look at the blob that the detail names, and delete it. If a manifest"
    " names the upload, upload the file again or run without --blob-manifest.",
    Reason.NOT_UPLOADED: "Upload the file and name it in the manifest, or run without --no-upload.",
    Reason.NO_TEAM_FOLDER: "Move the file into the folder of its team, one level down.",
    Reason.LINK_OUTSIDE_TEAM: "Copy the file into the team's folder.",
    Reason.LINK_REPEATED: "Remove the link. Its target is read under its own name.",
    Reason.NAME_NOT_UNICODE: "Rename it to a name in UTF-8.",
    Reason.NAME_TOO_LONG: "Shorten it: people 200 characters, paths 1,000 bytes.",
    Reason.EMPTY_FILE: "Nothing to store: delete the file or collect it again.",
    Reason.NO_DAY: "Give each day a heading such as '## October 27, 2025'.",
    Reason.NO_DATE: "Put a date into the heading or the file name, such as '2025-10-27'.",
    Reason.IMPOSSIBLE_DATE: "Correct the date (a calendar date from 1990 to 2099; month first in"
    " 10/27/2025).",
    Reason.AMBIGUOUS_DATE: "Write the whole date, such as '2025-10-27', or set dates.order to DMY"
    " or MDY in the team's config. The next run tries again.",
    Reason.DATE_ABOVE: "Give all days headings of one level. Text above the first day is not"
    " stored.",
    Reason.TWO_DATES: "Give each day a heading of its own.",
    Reason.EMPTY_DAY: "Nothing to store: write the day or delete its heading.",
    Reason.NO_AUTHOR: "Add a line '**Employee**: Full Name' below the heading.",
    Reason.UNKNOWN_PERSON: "Add a line '**Employee**: Full Name' below the heading, or the person"
    " to seeds/seed_people.csv. The next run tries again.",
    Reason.AMBIGUOUS_AUTHOR: "Keep one '**Employee**' line, or one entry heading per person.",
    Reason.NO_WEEK: "Put the week into the name ('…_2025-10-27_2025-11-02.md') or the config.",
    Reason.NO_JIRA_FOR_WEEK: "Collect Jira for that week, or correct jira.start_date and"
    " jira.end_date in the config.",
    Reason.BAD_CONFIG: "Correct the file and key that the detail names.",
    Reason.BAD_DATASOURCE: "Generate the datasource again.",
    Reason.BOM_REMOVED: "Nothing. To avoid the note, save as UTF-8 without a byte order mark.",
    Reason.UTF16_DECODED: "Nothing. To avoid the note, save as UTF-8.",
    Reason.WINDOWS_1252_DECODED: "Nothing. To avoid the note, save as UTF-8.",
    Reason.INVALID_BYTES: "Look for U+FFFD in the stored text. Save the file as UTF-8.",
    Reason.NUL_REPLACED: "Look for U+FFFD in the stored text. Remove the NUL bytes.",
    Reason.UNCLOSED_FENCE: "Close the code fence or comment. Until then it ends before the next"
    " day.",
    Reason.DATE_IN_FENCE: "Nothing, or move the heading out of the code fence or comment.",
    Reason.DATE_INSIDE: "Nothing, or begin the heading with the date, at the level of the other"
    " days.",
    Reason.DAY_FIRST: "Nothing. If the dates of the team are day first, set dates.order to DMY in"
    " its config.",
    Reason.BAD_BLOCK: "Generate the datasource again. Without a text, a block gives no links.",
    Reason.BAD_LITERAL: "Correct the literal. Until then the comment or the config counts.",
    Reason.IMPOSSIBLE_TIME: "Correct the time in the file name. Until then started_at is empty.",
    Reason.SAME_DAY_TWICE: "Keep one text for that person and day. The later one is stored.",
    Reason.CONTENTS_LEFT_OUT: "Nothing: the text is stored whole. Split the file to have its"
    " entries, turns or issues in the content tables, too.",
    Reason.UNKNOWN_KEY: "Rename the key as the detail says, or keep it if it means something else.",
}


@dataclass(frozen=True, slots=True)
class Rejection:
    """Content that was left out or repaired.

    Args:
        detail: Words that help the user to find the content. It is cut to one line of
            `LONGEST_DETAIL` characters, with escapes for control characters.
        line_number: The line in the file, from 1; None if it concerns the whole file.
    """

    reason: Reason
    detail: str
    line_number: int | None = None

    def __post_init__(self) -> None:
        """Shorten the detail, which may quote a text of megabytes."""
        detail = escaped_line(self.detail[: LONGEST_DETAIL + 1])
        if len(detail) > LONGEST_DETAIL:
            detail = f"{detail[: LONGEST_DETAIL - 1]}…"
        object.__setattr__(self, "detail", detail)


@dataclass(frozen=True, slots=True)
class OpenRejection:
    """A rejection from the latest reading of a path."""

    severity: str
    reason: str
    kind: str
    path: str
    line_number: int | None
    detail: str
