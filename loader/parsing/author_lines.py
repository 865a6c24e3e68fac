"""The lines of a daily report that name its author: `**Employee**: X`, `### Employee — Project`."""

import re
from itertools import pairwise

from loader.parsing.names import DASH, ENTRY_NAMES, NAMES, RejectedDayError
from loader.parsing.rejections import Reason
from loader.parsing.text import is_blank
from loader.parsing.values import AuthorName

_EMPLOYEE = re.compile(rb"\n\*\*Employee\*\*:([^\n]*)")
_ENTRY = re.compile(rb"\n###[ \t]([^\n]*%b[^\n]*)" % DASH.encode())
# A `Key: value` line, plain, bold or in a list. Bounded, so that no line can make it slow.
KEY_VALUE = re.compile(
    r"[ \t]{0,3}(?:[-*+][ \t]{1,4})?(?:\*\*|__)?(?P<key>[^\W\d_][\w ]{0,40}?)[ \t]{0,3}(?:\*\*|__)?"
    r"[ \t]{0,3}:(?:[ \t]{0,3}(?:\*\*|__))?(?P<value>.*)"
)


class AuthorLines:
    """The lines of a file that name people.

    Args:
        lines: The searchable text; what is in code fences and comments is hidden.
    """

    def __init__(self, lines: bytes) -> None:
        self._lines = lines

    def top_end(self, start: int, end: int, level: int) -> int:
        """Where the top of a day or file ends: at its first `###` heading."""
        marks = (b"\n#### ", b"\n####\t") if level == 3 else (b"\n### ", b"\n###\t")  # noqa: PLR2004
        first = self._lines.find(b"\n#", start, end)
        while first >= 0 and not self._lines.startswith(marks, first):
            first = self._lines.find(b"\n#", first + 1, end)
        return first if first >= 0 else end

    def employee(self, start: int, end: int) -> AuthorName | None:
        """The name on an `**Employee**: X` line between two offsets, or on a variant of it.

        Raises:
            RejectedDayError: There are several, or a name is too long.
        """
        if self._lines[start:end].isspace():
            return None  # as of many days
        found = _EMPLOYEE.findall(self._lines, start, end)
        if len(found) == 1 and (name := NAMES[found[0]]):
            return name  # as nearly always
        names = dict.fromkeys([name for line in found if (name := NAMES[line])])
        if len(names) > 1:
            detail = "several Employee lines: " + ", ".join(sorted(names))
            raise RejectedDayError(Reason.AMBIGUOUS_AUTHOR, detail)
        return next(iter(names), None) or self._variant(start, end)

    def entries(self, start: int, end: int) -> dict[AuthorName, list[tuple[int, int]]]:
        """The parts of a day by the name in their entry headings.

        Empty unless the day's first `###` heading is one; from then on each of its form counts.
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
        """The name on another form of that line (`Employee: X`, `**Employee:** X`, a list item).

        Only among the `Key: value` lines at the top, where it cannot be a sentence.
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
        """From an offset to the end of its line."""
        end = self._lines.find(b"\n", start)
        return self._lines[start : end if end >= 0 else None]
