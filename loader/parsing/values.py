"""Types of texts, so that a type checker finds two that are swapped."""

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
