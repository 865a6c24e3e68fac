"""Render a form for a row and read it back without loss.

A browser changes the line ends of a text and cannot send null. So a field is compared with the
value that was shown, and null is a separate choice.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from loader.studio.catalogue import ColumnView, TableView
from loader.studio.paging import as_text

_LONG = 80  # characters; a longer text gets a text area


@dataclass(frozen=True, slots=True)
class Input:
    """A field of a form.

    Args:
        column: The field's column.
        text: The text in the field.
        is_null: Whether null is chosen.
        was: A hash that shows whether the column has changed after the form was shown.
        options: Values to choose from, with their names; none for a text field.
        problem: The reason why it was not saved.
    """

    column: ColumnView
    text: str
    is_null: bool
    was: str
    options: Sequence[tuple[str, str]] = ()
    problem: str = ""

    @property
    def rows(self) -> int:
        """The number of lines of a text area; 0 for a single-line field."""
        lines = _plain_ends(self.text).count("\n")
        if not lines and len(self.text) <= _LONG and "text" not in self.column.name:
            return 0
        return min(max(lines + len(self.text) // 90 + 2, 3), 24)


@dataclass(frozen=True, slots=True)
class Sent:
    """A submitted form.

    Args:
        inputs: The fields with the text that was typed.
        changes: New values, as text, of the columns that the user has changed.
        is_refused: Whether a field has a problem.
    """

    inputs: list[Input]
    changes: dict[str, str | None]
    is_refused: bool


def editable(table: TableView, row: Mapping[str, Any]) -> list[ColumnView]:
    """Return the columns of a form, without texts that contain NUL, which HTML cannot carry."""
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
    """Return the submitted form of a row.

    Args:
        table: The table of the row.
        row: The row's current values.
        form: The submitted fields.
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
    """Return the fields of a form as submitted, if the row cannot be read."""
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
    """Return whether a field was changed, its value, and a problem if it is ambiguous."""
    is_as_shown = mark(typed) == was
    if was == mark(None):
        if typed:
            return True, typed, ""  # text typed into a null field counts, ticked or not
        return not is_null, None if is_null else "", ""
    if not is_null:
        return not is_as_shown, typed, ""
    if typed and not is_as_shown:
        return True, typed, "It has a new text, and null is ticked: clear one of them."
    return True, None, ""


def mark(value: object) -> str:
    """Return a hash of a value that ignores line ends."""
    text = as_text(value)
    if text is None:
        return "null"
    return hashlib.sha256(_plain_ends(text).encode("utf-8", "surrogatepass")).hexdigest()[:24]


def _plain_ends(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _with_ends(value: str | None, old: str | None) -> str | None:
    """Return a text with its previous line ends."""
    if value is None:
        return None
    text = _plain_ends(value)
    if old and "\r\n" in old and old.count("\r\n") == old.count("\n"):
        return text.replace("\n", "\r\n")
    return text
