"""Types of texts, so that a type checker finds swapped arguments."""

from enum import StrEnum
from typing import NewType

AuthorName = NewType("AuthorName", str)
"""A person's full name: NFC, runs of white space as one space, letter case kept."""

Spelling = NewType("Spelling", str)
"""A person's name as somebody writes it, in the same form."""

Filename = NewType("Filename", str)
"""A file's path below the team's folder, with `/`."""

Channel = NewType("Channel", str)
"""A Slack channel, without `#`."""

Text = NewType("Text", bytes)
"""Markdown as it is stored, UTF-8."""

Json = NewType("Json", str)
"""A JSON document."""

Sha256 = NewType("Sha256", str)
"""A SHA-256, in lower-case hex digits."""

BlobKey = NewType("BlobKey", str)
"""A blob's name in its store."""

BlobUrl = NewType("BlobUrl", str)
"""Where a blob can be read."""

Passage = NewType("Passage", str)
"""A piece of a text, as a reader sees it."""

SearchText = NewType("SearchText", str)
"""The words of a text with one space between them, as search compares them."""

Project = NewType("Project", str)
"""A project, as a report names it."""

Section = NewType("Section", str)
"""A section of a report, as written."""

IssueKey = NewType("IssueKey", str)
"""The key of a Jira issue, such as `ROCKS-214`."""

ParentKey = NewType("ParentKey", str)
"""The key of the issue above another one."""

IssueType = NewType("IssueType", str)
"""The type of an issue, as written."""

IssueStatus = NewType("IssueStatus", str)
"""The status of an issue, as written."""

IssuePriority = NewType("IssuePriority", str)
"""The priority of an issue, as written."""

IssueTitle = NewType("IssueTitle", str)
"""The title of an issue."""

IssueUrl = NewType("IssueUrl", str)
"""Where an issue is."""

Reactions = NewType("Reactions", str)
"""The reactions to a message, as written."""

References = NewType("References", str)
"""What a passage refers to, one reference a line: its kind, a space, and the reference."""


class DateFrom(StrEnum):
    """The place of a transcript's date, in the order in which the loader searches."""

    NAME = "file name"
    PATH = "folders"
    FRONT_MATTER = "front matter"
    LINE = "date line"
    HEADING = "heading"
