"""Parse a daily report file: one row per employee and day.

A heading with a date begins a day. The author comes from the day's own **Employee** line, else from
its entry headings (`### Employee — Project`), else from the file's header. Uncertain content is
rejected with its line, never guessed.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from datetime import date
from operator import itemgetter
from typing import NamedTuple

from loader.parsing.author_lines import KEY_VALUE, AuthorLines
from loader.parsing.dated_lines import LINE, DatedLine
from loader.parsing.dates import DateOrder, ImpossibleDateError
from loader.parsing.day_headings import find_days
from loader.parsing.headings import OTHER, HeadingKind, read_heading
from loader.parsing.name_dates import whole_date
from loader.parsing.names import LONGEST_NAME, RejectedDayError
from loader.parsing.rejections import Reason, Rejection
from loader.parsing.text import is_blank, stripped
from loader.parsing.values import AuthorName, Text

_SECTIONS = {level: re.compile(rb"\n#{%d}[ \t]([^\n]*)" % level) for level in (1, 2, 3)}
_HEADING = re.compile(rb"\n(#{1,6}[ \t][^\n]*)")
_PERIODS = {HeadingKind.SEVERAL, HeadingKind.MONTH}
_FILE_OF_PERSON = re.compile(
    r"(?:\A|/)daily-reports-(?P<name>.+?)(?:-\d{4}-\d\d-\d\d(?:-to-\d{4}-\d\d-\d\d)?)?\.[a-z]+\Z",
    re.IGNORECASE,
)


class DailyReport(NamedTuple):
    """The report of one person for one day.

    Args:
        author_name: The full name in NFC, with runs of white space collapsed and letter case kept.
        report_date: The day.
        content: The day's markdown, UTF-8: its heading, an empty line, its body.
        line_number: The line in the file on which the day begins, from 1.
    """

    author_name: AuthorName
    report_date: date
    content: Text
    line_number: int


def parse_daily_reports(
    text: bytes,
    name: str = "",
    order: DateOrder | None = None,
    find_person: Callable[[str], str | None] | None = None,
) -> tuple[list[DailyReport], list[Rejection]]:
    """Split a daily report file into one report per employee and day.

    Args:
        text: The file, as UTF-8.
        name: The file's path below the team's folder.
        order: The order of day and month, if the team's config sets it.
        find_person: Returns the full name of a known person by a spelling. Used for a file with
            a person's name only in its own name.

    Returns:
        The reports in order of appearance, each author and day once, then rejections and notes.
        Every line that starts with a date ends in a report, a rejection or a note. A file
        without a day has one rejection. Never raises.
    """
    if is_blank(text):
        return [], [Rejection(Reason.EMPTY_FILE, "the file holds nothing but white space")]
    file = _File(text, name, order, find_person)
    rejections = file.notes
    reports: dict[tuple[AuthorName, date], DailyReport] = {}
    again: dict[tuple[AuthorName, date], list[bytes]] = {}
    for day, line, end in file.days():
        try:
            for author, content in file.by_author(line, end):
                report = DailyReport(author, day, Text(content), line.number)
                if reports.setdefault((author, day), report) is not report:
                    again.setdefault((author, day), []).append(content)
        except RejectedDayError as error:
            rejections.append(Rejection(error.reason, str(error), line.number))
    for key, contents in again.items():
        whole = b"\n\n".join([reports[key].content, *contents])
        reports[key] = reports[key]._replace(content=Text(whole))
    return list(reports.values()), rejections


class _File:
    """A file's text, which is stored, and its visible lines, which are searched."""

    def __init__(
        self,
        text: bytes,
        name: str,
        order: DateOrder | None,
        find_person: Callable[[str], str | None] | None,
    ) -> None:
        self._text = text
        self._name = name
        self._order = order
        self._find_person = find_person
        self._found = find_days(text, name, order)
        self._lines = self._found.lines
        self._authors = AuthorLines(self._lines)
        self._header_starts: list[int] = []
        self._header_employees: list[AuthorName | RejectedDayError | None] = []
        self.notes = self._found.notes

    def days(self) -> Iterator[tuple[date, DatedLine, int]]:
        """Yield the days in order, each with its first line and its end.

        Add a note for each dated line that neither begins a day nor belongs to one.
        """
        headings = self._found.headings
        if not self._found.level:
            yield from self._day_of_name()
            return
        self._reject_text_above(headings[0].start)
        ends = [*(each.start for each in headings[1:]), len(self._lines)]
        for each, end in zip(headings, ends, strict=True):
            if each.problem:
                is_title = each.heading.kind is HeadingKind.MONTH
                if not is_title or not is_blank(self._lines[each.end : end]):
                    self.notes.append(each.problem)
            elif each.day:
                yield each.day, each, end

    def _day_of_name(self) -> Iterator[tuple[date, DatedLine, int]]:
        """Yield the whole file as a day if its name has the date; otherwise add one rejection."""
        closest = self._found.closest
        problem = closest.problem if closest else None
        is_partial = closest is not None and closest.heading.kind is HeadingKind.PARTIAL
        try:
            found = whole_date(self._name, self._order) if not problem or is_partial else None
        except ImpossibleDateError as error:
            self.notes.append(Rejection(Reason.IMPOSSIBLE_DATE, str(error)))
            return
        if found:
            yield found, DatedLine(0, 0, 0, OTHER, b"", 1), len(self._lines)
        elif problem:
            self.notes.append(problem)
        elif closest:
            detail = "comes closest, but does not begin with a date at the level of a day"
            self.notes.append(closest.note(Reason.NO_DAY, detail))
        else:
            first = _HEADING.search(self._lines)
            number = self._lines.count(b"\n", 0, first.start() + 1) if first else None
            heading = f"'{first[1].decode()[:LONGEST_NAME]}': " if first else ""
            detail = f"{heading}no heading has a date, and the file's name has none"
            self.notes.append(Rejection(Reason.NO_DAY, detail, number))

    def _reject_text_above(self, end: int) -> None:
        """Reject the first section above the days, because its text is not stored.

        The file's period is allowed there, with lines such as `**Employee**: X` below it.
        """
        if self._found.level == LINE:
            return
        for section in _SECTIONS[self._found.level].finditer(self._lines, 0, end):
            heading = read_heading(stripped(section[1]).decode())
            is_period = heading.kind in _PERIODS or bool(heading.known)
            if is_period and not self._has_text(section.end(), end):
                continue
            number = self._lines.count(b"\n", 0, section.start() + 1)
            title = section[0].decode()[1:LONGEST_NAME]
            detail = f"'{title}' begins no day and stands above the first one"
            self.notes.append(Rejection(Reason.NO_DATE, detail, number))
            return

    def _has_text(self, start: int, end: int) -> bool:
        """Return whether other lines than blank and `Key: value` lines precede the next heading."""
        next_heading = self._lines.find(b"\n#", start, end)
        body = self._lines[start : next_heading if next_heading >= 0 else end]
        return not all(
            is_blank(line) or KEY_VALUE.fullmatch(line.decode()) for line in body.split(b"\n")
        )

    def by_author(self, day: DatedLine, end: int) -> list[tuple[AuthorName, bytes]]:
        """Return the authors of a day, each with their own markdown.

        Args:
            day: The first line of the day.
            end: The end of the day.

        Raises:
            RejectedDayError: The day has no text, or its author is uncertain.
        """
        body = stripped(self._text[day.end : end])
        if not body:
            raise RejectedDayError(Reason.EMPTY_DAY, f"'{self._title(day)}' has no text")
        top = self._authors.top_end(day.end, end, day.level)
        author = self._authors.employee(day.end, self._next_header(day.end, top))
        if not author:
            entries = self._authors.entries(top, end)
            if len(entries) > 1:
                return self._of_several(day, top, entries)
            author = next(iter(entries), None) or self._header_employee(day.end)
            author = author or self._person_of_name()
        if not author:
            detail = f"nobody is named as the author of '{self._title(day)}'"
            raise RejectedDayError(Reason.NO_AUTHOR, detail)
        heading = self._heading(day)
        return [(author, b"%b\n\n%b" % (heading, body) if heading else body)]

    def _heading(self, day: DatedLine) -> bytes:
        """Return the heading for the content of a day; empty if the file's name has the date."""
        if day.level == 2 and not day.is_underlined:  # noqa: PLR2004
            return b"## " + day.text
        return stripped(self._text[day.start : day.end])

    def _title(self, day: DatedLine) -> str:
        return self._heading(day).decode()[:LONGEST_NAME] or self._name

    def _of_several(
        self, day: DatedLine, top: int, entries: dict[AuthorName, list[tuple[int, int]]]
    ) -> list[tuple[AuthorName, bytes]]:
        """Split a day of several people: each gets their entries, the first also the text above."""
        above = stripped(self._text[day.end : top])
        reports = []
        for name, parts in entries.items():
            own = stripped(b"".join(self._text[start:end] for start, end in parts))
            reports.append((name, _joined(self._heading(day), above, own)))
            above = b""
        return reports

    def _person_of_name(self) -> AuthorName | None:
        """Return the person in the file's name, as the orchestrator writes it.

        Raises:
            RejectedDayError: No known person has that name.
        """
        match = _FILE_OF_PERSON.search(self._name)
        if not match:
            return None
        name = match["name"].replace("-", " ")
        person = self._find_person(name) if self._find_person else None
        if not person:
            detail = f"only the file's name has a name, and nobody is known as '{name}'"
            raise RejectedDayError(Reason.UNKNOWN_PERSON, detail)
        return AuthorName(person)

    def _next_header(self, start: int, end: int) -> int:
        """Return the start of another file's header after the text of a day, otherwise `end`."""
        titles = self._found.titles
        if not titles or titles[-1][0] < start:
            return end
        title = titles[bisect_left(titles, start, key=itemgetter(0))][0]
        return title if title < end and not is_blank(self._lines[start:title]) else end

    def _header_employee(self, offset: int) -> AuthorName | None:
        """Return the employee of the header above a day: the file's own, or an appended file's.

        Raises:
            RejectedDayError: The header names several people, or its name is too long.
        """
        if not self._header_starts:
            self._read_headers()  # only once, because a header may be long
        header = self._header_employees[bisect_right(self._header_starts, offset) - 1]
        if isinstance(header, RejectedDayError):
            raise header
        return header

    def _read_headers(self) -> None:
        """Find the start and employee of each header: the file's own, then those with a title."""
        level, headings = self._found.level, self._found.headings
        days = [each.start for each in headings]
        first = next((each.start for each in headings if each.level == level), len(self._lines))
        self._header_starts.append(0)
        self._header_employees.append(self._employee_of_header(0, first))
        titles = [each for each in self._found.titles if each[0] >= first]
        # A header ends before the next header or day.
        ends = sorted({*days, *(start for start, _ in titles), len(self._lines)})
        for start, end in titles:
            found = self._employee_of_header(end, ends[bisect_right(ends, start)])
            if (
                found and days[bisect_right(days, start) - 1] != start
            ):  # the title is not itself a day
                self._header_starts.append(start)
                self._header_employees.append(found)

    def _employee_of_header(self, start: int, end: int) -> AuthorName | RejectedDayError | None:
        try:
            end = self._authors.top_end(start, end, self._found.level)
            return self._authors.employee(start, end)
        except RejectedDayError as error:
            return error


def _joined(*parts: bytes) -> bytes:
    return b"\n\n".join(filter(None, parts))
