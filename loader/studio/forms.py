"""What a form for a row shows, and what it sends back: nothing typed is lost.

A browser sends a text with other line ends than it was given, and knows no null: what a field says
is compared with what was shown, and null is a choice of its own.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from loader.studio.catalogue import ColumnView, TableView
from loader.studio.tables import as_text

_LONG = 80  # characters; a longer text gets an area


@dataclass(frozen=True, slots=True)
class Input:
    """A field of a form.

    Args:
        column: Its column.
        text: What stands in it.
        is_null: Whether null is chosen.
        was: Tells whether the column is still as it was shown.
        options: Values to choose from, with their names; none for a text.
        problem: Why it was not saved.
    """

    column: ColumnView
    text: str
    is_null: bool
    was: str
    options: Sequence[tuple[str, str]] = ()
    problem: str = ""

    @property
    def rows(self) -> int:
        """The lines of its area; 0 for a field of one line."""
        lines = _plain_ends(self.text).count("\n")
        if not lines and len(self.text) <= _LONG and "text" not in self.column.name:
            return 0
        return min(max(lines + len(self.text) // 90 + 2, 3), 24)


@dataclass(frozen=True, slots=True)
class Sent:
    """What a form says.

    Args:
        inputs: The fields as they come back, with what was typed.
        changes: New values, as text, of the columns that the user has changed.
        is_refused: Whether a field has a problem.
    """

    inputs: list[Input]
    changes: dict[str, str | None]
    is_refused: bool


def editable(table: TableView, row: Mapping[str, Any]) -> list[ColumnView]:
    """Return the columns that a form has: HTML cannot carry the character NUL."""
    return [
        column
        for column in table.readable
        if column.name not in table.computed and "\0" not in (as_text(row[column.name]) or "")
    ]


def shown(table: TableView, row: Mapping[str, Any], options: Mapping[str, Any]) -> list[Input]:
    """Return the fields of a form for a row."""
    return [
        Input(
            column,
            as_text(row[column.name]) or "",
            row[column.name] is None,
            mark(row[column.name]),
            options.get(column.name, ()),
        )
        for column in editable(table, row)
    ]


def sent(
    table: TableView, row: Mapping[str, Any], form: Mapping[str, str], options: Mapping[str, Any]
) -> Sent:
    """Return what a form says of a row.

    Args:
        table: The table.
        row: As it is now.
        form: What was sent.
        options: Values to choose from, by column.
    """
    inputs, changes, is_refused = [], {}, False
    for column in editable(table, row):
        name, old = column.name, as_text(row[column.name])
        if f"value:{name}" not in form:
            continue
        typed, is_null = form[f"value:{name}"], f"null:{name}" in form
        was, now = form.get(f"was:{name}", ""), mark(row[name])
        is_touched, value, problem = _meant(typed, is_null=is_null, was=was)
        if is_touched and not problem and was != now:
            problem = f"It has changed since it was shown, and is now: {old or 'null'}"
        if is_touched and not problem:
            value = _with_ends(value, old)
            if value != old:
                changes[name] = value
        text, is_null = (typed, is_null) if is_touched else (old or "", old is None)
        is_refused = is_refused or bool(problem)
        inputs.append(Input(column, text, is_null, now, options.get(name, ()), problem))
    return Sent(inputs, changes, is_refused)


def as_sent(form: Mapping[str, str]) -> list[Input]:
    """Return the fields of a form as they were sent, where no row can be had."""
    names = [each.removeprefix("value:") for each in form if each.startswith("value:")]
    return [
        Input(
            ColumnView(name, "text"),
            form[f"value:{name}"],
            f"null:{name}" in form,
            form.get(f"was:{name}", ""),
        )
        for name in names
    ]


def _meant(typed: str, *, is_null: bool, was: str) -> tuple[bool, str | None, str]:
    """Return whether a field was changed, its value, and why that is not clear."""
    is_as_shown = mark(typed) == was
    if was == mark(None):
        if typed:
            return True, typed, ""  # typed into a null: the text counts, whatever is ticked
        return not is_null, None if is_null else "", ""
    if not is_null:
        return not is_as_shown, typed, ""
    if typed and not is_as_shown:
        return True, typed, "It has a new text, and null is ticked: clear one of them."
    return True, None, ""


def mark(value: object) -> str:
    """Return what tells a value from others, whatever its line ends."""
    text = as_text(value)
    if text is None:
        return "null"
    return hashlib.sha256(_plain_ends(text).encode("utf-8", "surrogatepass")).hexdigest()[:24]


def _plain_ends(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _with_ends(value: str | None, old: str | None) -> str | None:
    """Return a text with the line ends that it had before."""
    if value is None:
        return None
    text = _plain_ends(value)
    if old and "\r\n" in old and old.count("\r\n") == old.count("\n"):
        return text.replace("\n", "\r\n")
    return text
