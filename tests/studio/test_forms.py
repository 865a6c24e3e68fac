"""A form for a row loses nothing that was typed, and changes nothing else."""

from typing import Any

import pytest

from loader.studio import forms
from loader.studio.catalogue import ColumnView, TableView

COLUMN = "description"


def table() -> TableView:
    columns = {name: ColumnView(name, "text") for name in ("name", COLUMN)}
    return TableView(
        "seeds.seed_teams",
        "seeds.seed_teams",
        columns,
        is_view=False,
        description="",
        key=("name",),
    )


def sent(old: str | None, typed: str, *, is_null: bool, now: Any = ...) -> forms.Sent:  # noqa: ANN401
    """Return the submitted fields of a column that was shown with a value."""
    shown = {
        each.column.name: each for each in forms.shown(table(), {"name": "a", COLUMN: old}, {})
    }
    form = {f"value:{COLUMN}": typed, f"was:{COLUMN}": shown[COLUMN].was}
    form |= {"value:name": "a", "was:name": shown["name"].was}
    form |= {f"null:{COLUMN}": "on"} if is_null else {}
    row = {"name": "a", COLUMN: old if now is ... else now}
    return forms.sent(table(), row, form, {})


@pytest.mark.parametrize(
    ("old", "typed", "tick", "changes"),
    [
        (None, "", "null", {}),
        (None, "typed", "null", {COLUMN: "typed"}),  # the tick was set before
        (None, "typed", "", {COLUMN: "typed"}),
        (None, "", "", {COLUMN: ""}),  # an empty text is not null
        ("", "", "", {}),
        ("", "", "null", {COLUMN: None}),
        ("old", "old", "", {}),
        ("old", "old", "null", {COLUMN: None}),
        ("old", "", "null", {COLUMN: None}),
        ("old", "", "", {COLUMN: ""}),
        ("old", "new", "", {COLUMN: "new"}),
        ("a\nb", "a\r\nb", "", {}),  # a browser's line ends are not a change
        ("a\r\nb\r\n", "a\r\nb\r\n", "", {}),
        ("a\rb", "a\r\nb", "", {}),
        ("a\nb", "a\r\nb\r\nc", "", {COLUMN: "a\nb\nc"}),
        ("a\r\nb\r\n", "a\r\nc\r\n", "", {COLUMN: "a\r\nc\r\n"}),
        (" a \n", " a \r\n", "", {}),
        ("null", "null", "", {}),
        (None, "null", "", {COLUMN: "null"}),
        ("\x07\u202e", "\x07\u202e", "", {}),
    ],
)
def test_a_value(old: str | None, typed: str, tick: str, changes: dict[str, str | None]) -> None:
    found = sent(old, typed, is_null=bool(tick))
    assert (found.changes, found.is_refused) == (changes, False)


def test_an_ambiguous_field_comes_back() -> None:
    both = sent("old", "new", is_null=True)
    assert (both.changes, both.is_refused) == ({}, True)
    assert (both.inputs[1].text, both.inputs[1].is_null) == ("new", True)
    assert "clear one of them" in both.inputs[1].problem


def test_a_column_changed_by_somebody_else() -> None:
    mine = sent("old", "mine", is_null=False, now="theirs")
    assert (mine.changes, mine.is_refused, mine.inputs[1].text) == ({}, True, "mine")
    assert "is now: theirs" in mine.inputs[1].problem
    # Submitted again after a look at it, it counts.
    again = {f"value:{COLUMN}": "mine", f"was:{COLUMN}": mine.inputs[1].was}
    row = {"name": "a", COLUMN: "theirs"}
    assert forms.sent(table(), row, again, {}).changes == {COLUMN: "mine"}
    # Fields that I did not touch keep the other user's values.
    theirs = sent("old", "old", is_null=False, now="theirs")
    assert (theirs.changes, theirs.is_refused, theirs.inputs[1].text) == ({}, False, "theirs")


def test_a_form_omits_texts_that_it_cannot_carry() -> None:
    assert [each.column.name for each in forms.shown(table(), {"name": "a", COLUMN: "\0"}, {})] == [
        "name"
    ]
