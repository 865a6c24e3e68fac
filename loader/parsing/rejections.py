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
    Reason.UNKNOWN_TEAM: "add the team to seeds/seed_teams.csv, or its folder to"
    " seeds/seed_team_aliases.csv; the next run loads it",
    Reason.UNREADABLE: "make it a readable regular file; the next run tries again",
    Reason.TOO_LARGE: "split the file, or raise MAX_FILE_MB; the next run tries again",
    Reason.CHANGED_MEANWHILE: "nothing; the next run reads it as it then is",
    Reason.UPLOAD_FAILED: "look at the detail; the next run tries again",
    Reason.BLOB_MISMATCH: "look at the blob that the detail names, and delete it; of an upload that"
    " a manifest names, upload the file again or run without --blob-manifest",
    Reason.NOT_UPLOADED: "upload the file and name it in the manifest, or run without --no-upload",
    Reason.NO_TEAM_FOLDER: "move the file into the folder of its team, one level down",
    Reason.LINK_OUTSIDE_TEAM: "copy the file into the team's folder",
    Reason.LINK_REPEATED: "remove the link; its target is read under its own name",
    Reason.NAME_NOT_UNICODE: "rename it to a name in UTF-8",
    Reason.NAME_TOO_LONG: "shorten it: people 200 characters, paths 1,000 bytes",
    Reason.EMPTY_FILE: "nothing to store; delete the file or collect it again",
    Reason.NO_DAY: "give each day a heading such as '## October 27, 2025'",
    Reason.NO_DATE: "put a date into the heading or the file name, such as '2025-10-27'",
    Reason.IMPOSSIBLE_DATE: "correct the date (a calendar date from 1990 to 2099; month first in"
    " 10/27/2025)",
    Reason.AMBIGUOUS_DATE: "write the whole date, such as '2025-10-27', or set dates.order to DMY"
    " or MDY in the team's config; the next run tries again",
    Reason.DATE_ABOVE: "give all days headings of one level; text above the first day is not"
    " stored",
    Reason.TWO_DATES: "give each day a heading of its own",
    Reason.EMPTY_DAY: "nothing to store; write the day or delete its heading",
    Reason.NO_AUTHOR: "add a line '**Employee**: Full Name' below the heading",
    Reason.UNKNOWN_PERSON: "add a line '**Employee**: Full Name' below the heading, or the person"
    " to seeds/seed_people.csv; the next run tries again",
    Reason.AMBIGUOUS_AUTHOR: "leave one '**Employee**' line, or one entry heading per person",
    Reason.NO_WEEK: "put the week into the name ('…_2025-10-27_2025-11-02.md') or the config",
    Reason.NO_JIRA_FOR_WEEK: "collect Jira for that week, or correct jira.start_date and"
    " jira.end_date in the config",
    Reason.BAD_CONFIG: "correct the file and key that the detail names",
    Reason.BAD_DATASOURCE: "generate the datasource again",
    Reason.BOM_REMOVED: "nothing; save as UTF-8 without a byte order mark to be rid of the note",
    Reason.UTF16_DECODED: "nothing; save as UTF-8 to be rid of the note",
    Reason.WINDOWS_1252_DECODED: "nothing; save as UTF-8 to be rid of the note",
    Reason.INVALID_BYTES: "look for U+FFFD in the stored text; save the file as UTF-8",
    Reason.NUL_REPLACED: "look for U+FFFD in the stored text; remove the NUL bytes",
    Reason.UNCLOSED_FENCE: "close the code fence or comment; until then it ends before the next"
    " day",
    Reason.DATE_IN_FENCE: "nothing, or move the heading out of the code fence or comment",
    Reason.DATE_INSIDE: "nothing, or begin the heading with the date, at the level of the other"
    " days",
    Reason.DAY_FIRST: "nothing; set dates.order to DMY in the team's config if its dates are day"
    " first",
    Reason.BAD_BLOCK: "generate the datasource again; without a text, a block gives no links",
    Reason.BAD_LITERAL: "correct the literal; until then the comment or the config counts",
    Reason.IMPOSSIBLE_TIME: "correct the time in the file name; until then started_at is empty",
    Reason.SAME_DAY_TWICE: "keep one text for that person and day; the later one is stored",
    Reason.CONTENTS_LEFT_OUT: "nothing: the text is stored whole; split the file to have its"
    " entries, turns or issues in the content tables, too",
    Reason.UNKNOWN_KEY: "rename the key as the detail says, or leave it if it means something else",
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
