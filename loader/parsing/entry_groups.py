"""Parse a daily report line by line into groups of entries below the same headings.

An entry is a top-level list item, with everything indented below it, or a paragraph. The rules for
sections, projects and entries are in docs/workspace.md, "What the texts say".
"""

import re
from collections.abc import Sequence

from loader.parsing.author_lines import KEY_VALUE
from loader.parsing.dated_lines import LINE
from loader.parsing.headings import HeadingKind, read_heading
from loader.parsing.markup import (
    MarkdownHeading,
    dedented,
    expanded,
    heading,
    hidden_lines,
)
from loader.parsing.report_sections import (
    NO_SECTION,
    EntryGroup,
    OpenSection,
    SectionKind,
    entry_project,
    is_generated,
    is_name,
    is_nothing,
    kind_label,
    project_line,
    says_something,
    section_name,
)
from loader.parsing.text import WHITE_SPACE

_ENTRY_LEVEL = 3  # of `### Employee — Project`
_LABEL_LEVEL = 21  # of `**Done**`: below every heading
_NO_LEVEL = 0  # no day heading yet: the file's name may have the date
_INDENT = 2  # of lines that belong to the list item above
_ITEM = re.compile(
    rf"[ ]*(?:[-*+\u2022\u2023\u2043\u25aa-\u25ab\u25cb\u25cf\u25e6\u00b7]|\d{{1,9}}[.)])"
    rf"(?:[{WHITE_SPACE}]|\Z)"
)
# List items of one line each (the usual case), blank lines, or another line.
_PIECE = re.compile(r"((?:- [^-*_ \t\n][^\n]*\n)++)|(\n++)|([^\n]+\n)")
_MAY_BE_RULE = "-*_ \t"
_RULE = re.compile(r"(?:[-*_][ \t]*+){3,}+")
_UNDERLINE = re.compile(r"[ ]{0,3}(?:={2,}|-{2,})[ ]*")


class Report:
    """A report that is parsed line by line.

    Args:
        lines: The lines of the report.
    """

    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = lines
        self._hidden = hidden_lines(lines)
        self._groups: list[EntryGroup] = []
        self._project: str | None = None
        self._sections: list[OpenSection] = []
        self._day_level = _NO_LEVEL
        self._is_first = True  # no heading and no entry yet
        self._is_top = True  # in the header, above the first section and entry
        self._has_employee = False
        self._has_entry_headings: bool | None = None  # decided by the day's first `###` heading
        self._unused: str | None = None  # the section's name while the section has no text
        self._block: list[str] = []
        self._least_indent: int | None = (
            None  # of lines that belong to the item; None in a paragraph
        )
        self._is_paragraph = False  # false for an item, a fence or a label
        self._width = 0  # of the item's indentation and mark
        self._blanks = 0  # blank lines after the block

    def groups(self) -> list[EntryGroup]:
        """Parse all lines and return the groups."""
        if self._hidden:
            self._read_with_hidden()
        else:
            for items, blank, line in _PIECE.findall("\n".join([*self._lines, ""])):
                if items:
                    self._add_items(items[2:-1].split("\n- "))
                elif blank:
                    self._blanks += len(blank)
                else:
                    self._read(line[:-1])
        self._end_block()
        self._end_section()
        return self._groups

    def _read_with_hidden(self) -> None:
        """Parse all lines; the lines of a fence or comment belong to its first line."""
        is_hidden = False
        for number, raw in enumerate(self._lines):
            was_hidden, is_hidden = is_hidden, number in self._hidden
            if is_hidden and was_hidden:
                self._block.append(raw)
                continue
            self._blanks += was_hidden
            if raw[:2] == "- " and raw[2:3] not in _MAY_BE_RULE:
                self._add_items([raw[2:]])
            else:
                self._read(raw, is_fence=is_hidden)

    def _read(self, raw: str, *, is_fence: bool = False) -> None:
        text = raw.strip(WHITE_SPACE)
        if text:
            self._add(expanded(raw), text, is_fence=is_fence)
        else:
            self._blanks += 1

    def _add_items(self, items: list[str]) -> None:
        """Add list items; only the last one may continue in the lines below."""
        last = items.pop()
        self._begin_block(last)
        self._add_texts([item.strip(WHITE_SPACE) for item in items])
        self._width = self._least_indent = 2

    def _add(self, line: str, text: str, *, is_fence: bool) -> None:
        """Add a line, or the first line of a code fence or comment."""
        if self._continues_item(line):
            self._block += [*[""] * self._blanks, line]
            self._blanks = 0
        elif text[0] in "-*_" and _RULE.fullmatch(text) and not self._is_underline(line):
            self._end_block()
        elif item := _ITEM.match(line):
            self._begin_item(line, item)
        elif is_fence:
            self._begin_block(line)
        elif found := heading(line):
            self._end_block()
            self._add_heading(found)
        elif self._is_underline(line):
            name, self._block = self._block[0].strip(WHITE_SPACE), []
            self._add_heading(MarkdownHeading(1 if text[0] == "=" else 2, name))
        elif not self._add_label(text) and not self._add_day_line(text):
            self._add_text(line)

    def _continues_item(self, line: str) -> bool:
        """Return whether a line is indented below the list item above."""
        if self._least_indent is None or line[0] not in WHITE_SPACE:
            return False
        return len(line) - len(line.lstrip(WHITE_SPACE)) >= self._least_indent

    def _is_underline(self, line: str) -> bool:
        """Return whether a line underlines the line above and makes it a heading."""
        is_line = self._is_paragraph and len(self._block) == 1 and not self._blanks
        return is_line and _UNDERLINE.fullmatch(line) is not None

    def _add_day_line(self, text: str) -> bool:
        """Begin the day if a line is only a date and days of the file begin with such lines."""
        if self._block and not self._blanks:
            return False
        if self._day_level != LINE and not self._is_first:
            return False
        self._end_block()
        found = read_heading(text)
        if not found.is_only_date or found.kind is not HeadingKind.DAY:
            return False
        self._begin_day(LINE)
        return True

    def _add_text(self, line: str) -> None:
        """Add a line of a paragraph, also in a list item."""
        if self._block and not self._blanks:
            self._block.append(line)
        else:
            self._begin_block(line)
            self._is_paragraph = True

    def _begin_item(self, line: str, item: re.Match[str]) -> None:
        self._begin_block(line[item.end() :])
        self._width = item.end()
        self._least_indent = len(line) - len(line.lstrip(WHITE_SPACE)) + _INDENT

    def _begin_block(self, line: str) -> None:
        self._end_block()
        self._is_top = self._is_first = False
        self._block = [line]

    def _end_block(self) -> None:
        """Turn the block into an entry."""
        if self._block:
            width = self._width if self._least_indent is not None else 0
            self._add_texts([dedented(self._block, width)])
        self._block = []
        self._least_indent = None
        self._is_paragraph = False
        self._blanks = 0

    def _add_texts(self, texts: Sequence[str]) -> None:
        """Turn texts into entries, except texts such as `(none)`."""
        if kept := [text for text in texts if not is_nothing(text)]:
            self._add_entries(kept)
            self._unused = None
        elif any(map(says_something, texts)):
            self._unused = None

    def _add_entries(self, texts: list[str]) -> None:
        _, name, kind = self._sections[-1] if self._sections else NO_SECTION
        if not self._groups or self._groups[-1][:3] != (self._project, name, kind):
            self._groups.append(EntryGroup(self._project, name, kind, []))
        self._groups[-1].texts.extend(texts)

    def _add_heading(self, found: MarkdownHeading) -> None:
        is_first, self._is_first = self._is_first, False
        self._end_section()
        if is_first or found.level <= self._day_level:
            kind = read_heading(found.text).kind
            if kind in {HeadingKind.DAY, HeadingKind.PARTIAL}:
                self._begin_day(found.level)
                return
        self._is_top = is_first and not section_name(found.text).kind
        if not self._begin_entry(found):
            self._begin_section(found.level, found.text, is_title=is_first)

    def _begin_day(self, level: int) -> None:
        """Begin the day, or continue it after a repeated heading of the day."""
        self._end_section()
        self._is_first = False
        self._day_level = level
        self._sections.clear()
        self._project = None
        self._is_top = True
        self._has_employee = False
        self._has_entry_headings = None

    def _begin_entry(self, found: MarkdownHeading) -> bool:
        """Begin an entry section if the heading is `### Employee — Project`."""
        if found.level != _ENTRY_LEVEL or self._has_entry_headings is False:
            return False
        project = None if self._has_employee else entry_project(found.text)
        if self._has_entry_headings is None:
            self._has_entry_headings = project is not None
        if project is None:
            return False
        self._sections.clear()
        self._project = project
        return True

    def _begin_section(self, level: int, written: str, *, is_title: bool = False) -> None:
        while self._sections and self._sections[-1].level >= level:
            self._sections.pop()
        name, own, is_whole = section_name(written)
        outer = self._sections[-1].kind if self._sections else SectionKind.OTHER
        self._sections.append(OpenSection(level, name, own or outer))
        self._unused = None if is_title or is_whole else name

    def _end_section(self) -> None:
        """Keep the name of a section without text as an entry of the outer section."""
        if self._unused:
            section = self._sections.pop()
            outer = self._sections[-1].name if self._sections else None
            self._sections.append(OpenSection(0, outer, section.kind))
            self._add_entries([self._unused])
            self._sections[-1] = section
        self._unused = None

    def _add_label(self, text: str) -> bool:
        """Parse a label: `**Employee**: X`, `**Project**: X`, `**Done**` or `Blockers: X`."""
        if text[0] not in "*_" and ":" not in text[:61]:
            return False
        if self._is_top and (pair := KEY_VALUE.fullmatch(text)):
            key, value = pair["key"].lower(), pair["value"].strip(WHITE_SPACE)
            if key == "employee":
                self._has_employee |= is_name(value)
                return True
            if key == "project":
                self._project = value or None
                return True
            if is_generated(text):
                return True
        if (project := project_line(text)) is not None:
            self._end_block()
            self._project = project or None
            return True
        return self._add_kind_label(text)

    def _add_kind_label(self, text: str) -> bool:
        """Begin the section of a label, unless a heading already sets the kind of its entries."""
        heads = [each for each in self._sections if each.level < _LABEL_LEVEL]
        if heads and heads[-1].kind is not SectionKind.OTHER:
            return False
        has_label = bool(self._sections) and self._sections[-1].level == _LABEL_LEVEL
        label = kind_label(text, may_be_other=has_label)
        if not label:
            return False
        name, rest = label
        self._end_block()
        self._end_section()
        self._begin_section(_LABEL_LEVEL, name)
        if not is_nothing(rest):
            self._begin_block(rest)
        return True
