"""Find the author of a daily report in its lines: `**Employee**: X`, `### Employee — Project`."""

import re
from itertools import pairwise

from loader.parsing.names import DASH, ENTRY_NAMES, NAMES, RejectedDayError
from loader.parsing.rejections import Reason
from loader.parsing.text import is_blank
from loader.parsing.values import AuthorName

_EMPLOYEE = re.compile(rb"\n\*\*Employee\*\*:([^\n]*)")
_ENTRY = re.compile(rb"\n###[ \t]([^\n]*%b[^\n]*)" % DASH.encode())
# A `Key: value` line, plain, bold or in a list. Bounded, so that no line makes the match slow.
KEY_VALUE = re.compile(
    r"[ \t]{0,3}(?:[-*+][ \t]{1,4})?(?:\*\*|__)?(?P<key>[^\W\d_][\w ]{0,40}?)[ \t]{0,3}(?:\*\*|__)?"
    r"[ \t]{0,3}:(?:[ \t]{0,3}(?:\*\*|__))?(?P<value>.*)"
)


class AuthorLines:
    """The lines of a file that name people.

    Args:
        lines: The searchable text, with code fences and comments hidden.
    """

    def __init__(self, lines: bytes) -> None:
        self._lines = lines

    def top_end(self, start: int, end: int, level: int) -> int:
        """Return the end of the top of a day or file, which is its first `###` heading."""
        marks = (b"\n#### ", b"\n####\t") if level == 3 else (b"\n### ", b"\n###\t")  # noqa: PLR2004
        first = self._lines.find(b"\n#", start, end)
        while first >= 0 and not self._lines.startswith(marks, first):
            first = self._lines.find(b"\n#", first + 1, end)
        return first if first >= 0 else end

    def employee(self, start: int, end: int) -> AuthorName | None:
        """Return the name on an `**Employee**: X` line or a variant of it, between two offsets.

        Raises:
            RejectedDayError: The lines have several names, or a name is too long.
        """
        if self._lines[start:end].isspace():
            return None  # common: many days have no text here
        found = _EMPLOYEE.findall(self._lines, start, end)
        if len(found) == 1 and (name := NAMES[found[0]]):
            return name  # the usual case
        names = dict.fromkeys([name for line in found if (name := NAMES[line])])
        if len(names) > 1:
            detail = "several Employee lines: " + ", ".join(sorted(names))
            raise RejectedDayError(Reason.AMBIGUOUS_AUTHOR, detail)
        return next(iter(names), None) or self._variant(start, end)

    def entries(self, start: int, end: int) -> dict[AuthorName, list[tuple[int, int]]]:
        """Return the parts of a day by the name in their entry headings.

        Return nothing unless the day's first `###` heading is an entry heading.
        """
        first = _ENTRY.match(self._lines, start, end)
        if not first or not ENTRY_NAMES[first[1]]:
            return {}
        found = _ENTRY.finditer(self._lines, start, end)
        headings = [(match.start(), name) for match in found if (name := ENTRY_NAMES[match[1]])]
        entries: dict[AuthorName, list[tuple[int, int]]] = {}
        for (at, name), (stop, _) in pairwise([*headings, (end, AuthorName(""))]):
            entries.setdefault(name, []).append((at, stop))
        return entries

    def _variant(self, start: int, end: int) -> AuthorName | None:
        """Return the name on a variant of the line (`Employee: X`, `**Employee:** X`, a list item).

        Search only the `Key: value` lines at the top, because other lines may be sentences.
        """
        is_header = start == 0
        while start < end:
            line = self._line(start + 1)
            start += 1 + len(line)
            if not line or is_blank(line) or (is_header and line.startswith(b"# ")):
                continue
            pair = KEY_VALUE.fullmatch(line.decode())
            if not pair:
                return None
            if pair["key"].lower() == "employee":
                return NAMES[pair["value"].encode()]
        return None

    def _line(self, start: int) -> bytes:
        """Return the text from an offset to the end of its line."""
        end = self._lines.find(b"\n", start)
        return self._lines[start : end if end >= 0 else None]
