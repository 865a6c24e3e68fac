"""The values of old rows, and the rows to merge."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest

from loader.takeover.plan import Named, Plan, Stored, join_named, join_stored, name_key
from loader.takeover.texts import Reading, read_daily_report, read_transcript

DAY = date(2025, 10, 27)
FIRST = datetime(2025, 1, 1)  # noqa: DTZ001 - that system's times have no zone
SEEDS = {name_key(name): name for name in ("Full Scale",)}


def named(number: int, name: str, **values: object) -> Named:
    return Named(id=UUID(int=number), name=name, created_at=FIRST, values=values)


def stored(
    number: int, text: str, reading: Reading | None, *, hours: int = 0, team: int = 1
) -> Stored:
    moment = FIRST + timedelta(hours=hours)
    return Stored(
        id=UUID(int=number),
        team=UUID(int=team),
        name="Ana",
        day=DAY,
        text=text,
        has_blob=False,
        is_loaded=reading is None,
        created_at=moment,
        updated_at=moment,
        reading=reading,
    )


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("## October 28, 2025\n\n**Employee**: Ana Cruz\n\n- x", ("Ana Cruz", date(2025, 10, 28))),
        ("## 2025-10-27\n\n### Ana Cruz \u2014 Rocks\n\n- x", ("Ana Cruz", DAY)),
        ("## 2025-10-27\n\n**Employee**: ANA  cruz\n\n- x", ("ANA cruz", DAY)),
        ("## 2025-10-26\n\n- x", ("Ana", date(2025, 10, 26))),
    ],
)
def test_author_and_day_come_from_the_text(content: str, expected: tuple[str, date]) -> None:
    found = read_daily_report("Ana", DAY, content)
    assert (found.author_name, found.day) == expected
    assert bool(found.doubt) == ("Employee" not in content and "###" not in content)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("## 2025-10-27\n\n**Employee**: Bo Li\n\n- x", "its text is by Bo Li"),
        (
            "## 2025-10-27\n\n### Ana Cruz \u2014 A\n\nx\n\n### Bo Li \u2014 B\n\ny",
            "2 days or authors",
        ),
        ("## Week 44\n\n**Employee**: Ana Cruz\n\n- x", "no day for certain"),
        ("## February 30, 2025\n\n**Employee**: Ana Cruz\n\n- x", "no day for certain"),
        ("", "no day for certain"),
    ],
)
def test_an_ambiguous_text_changes_nothing(content: str, why: str) -> None:
    found = read_daily_report("Ana", DAY, content)
    assert (found.author_name, found.day) == ("Ana", DAY)
    assert why in str(found.doubt)


def test_a_transcript_is_dated_by_its_name_or_its_text() -> None:
    assert read_transcript("standup 10-28-2025.md", DAY, "x").day == date(2025, 10, 28)
    assert read_transcript("standup.md", DAY, "# October 28, 2025\n").day == date(2025, 10, 28)
    assert read_transcript("standup.md", DAY, "x").doubt


def test_names_that_differ_in_case_and_blanks_are_one_and_get_the_seeds() -> None:
    plan = Plan()
    rows = [
        named(1, "full  scale", code=None),
        named(2, "Full Scale ", code="F"),
        named(3, "Other"),
    ]
    join_named(plan, "organizations", rows, SEEDS, {})
    (join,) = plan.joins
    assert (join.kept, join.gone) == (UUID(int=2), (UUID(int=1),))
    assert [(change.id, change.after) for change in plan.changes] == [
        (UUID(int=2), ("Full Scale",))
    ]


def test_rows_that_differ_in_a_column_of_others_are_not_joined() -> None:
    plan = Plan()
    rows = [named(1, "Full Scale", code="A"), named(2, "Full Scale", code="B")]
    join_named(plan, "organizations", rows, SEEDS, {})
    assert not plan.joins
    (left,) = plan.left
    assert (left.is_blocking, left.why) == (True, "they differ in the column code")


def test_the_later_text_of_a_day_stays_under_the_older_id() -> None:
    plan, reading = Plan(), Reading("Ana Cruz", DAY)
    join_stored(plan, "daily_reports", [stored(1, "x", reading), stored(2, "y", reading, hours=1)])
    (join,) = plan.joins
    assert (join.kept, join.gone, join.source) == (UUID(int=1), (UUID(int=2),), UUID(int=2))


def test_a_loaded_row_gives_its_text_to_the_row_that_was_there() -> None:
    plan = Plan()
    loaded = stored(1, "x", None)
    old = stored(2, "x", Reading("Ana", DAY), hours=1)
    join_stored(plan, "daily_reports", [loaded, old])
    (join,) = plan.joins
    assert (join.kept, join.source) == (UUID(int=2), UUID(int=1))


def test_two_indistinguishable_people_are_not_merged() -> None:
    plan, reading = Plan(), Reading("Ana", DAY, "its text names nobody")
    join_stored(plan, "daily_reports", [stored(1, "x", reading), stored(2, "y", reading)])
    assert not plan.joins
    assert [left.is_blocking for left in plan.left] == [True]
    same = Plan()
    join_stored(same, "daily_reports", [stored(1, "x", reading), stored(2, "x", reading)])
    assert [join.kept for join in same.joins] == [UUID(int=1)]


def test_a_team_under_its_name_and_an_alias_is_one() -> None:
    plan = Plan()
    seeds = {name_key(alias): "ai-coach" for alias in ("aicoach", "ai-coach")}
    join_named(plan, "teams", [named(1, "aicoach"), named(2, "ai-coach")], seeds, {})
    (join,) = plan.joins
    assert (join.kept, join.gone) == (UUID(int=1), (UUID(int=2),))
    assert [change.after for change in plan.changes] == [("ai-coach",)]


def test_references_decide_which_row_stays() -> None:
    plan = Plan()
    rows = [named(1, "Full Scale"), replace(named(2, "Full Scale"), others=("app.orders",))]
    join_named(plan, "organizations", rows, SEEDS, {})
    assert [join.kept for join in plan.joins] == [UUID(int=2)]
    both = Plan()
    rows[0] = replace(rows[0], others=("app.orders",))
    join_named(both, "organizations", rows, SEEDS, {})
    assert [left.why for left in both.left] == ["app.orders refer to more than one of them"]
