"""Parse the entries of a daily report: done, to do and blockers.

The rules for sections, projects and entries are in docs/workspace.md, "What the texts say".
"""

from typing import NamedTuple

from loader.parsing.entry_groups import Report
from loader.parsing.markup import lines_of
from loader.parsing.report_sections import EntryGroup, SectionKind


class Entry(NamedTuple):
    """An entry of a daily report.

    Args:
        project: The project of its `### Employee — Project` heading or `**Project**` line.
        section: The section as written, without marks; None above the first section.
        section_kind: The kind of the section, or of the outer section.
        position: Its place in the report, from 1.
        text: The markdown, without the mark and the indentation of its list.
    """

    project: str | None
    section: str | None
    section_kind: SectionKind
    position: int
    text: str


def parse_entries(content: bytes | str) -> list[Entry]:
    """Parse one daily report.

    Args:
        content: The stored content: the day's heading, if any, and its body.

    Returns:
        The entries in order. Never raises.
    """
    of_entries = (
        (*group[:3], text) for group in parse_entry_groups(content) for text in group.texts
    )
    return [
        Entry(project, section, kind, position, text)
        for position, (project, section, kind, text) in enumerate(of_entries, 1)
    ]


def parse_entry_groups(content: bytes | str) -> list[EntryGroup]:
    """Parse one daily report like `parse_entries`, but keep the entries in groups."""
    return Report(lines_of(content)).groups()
