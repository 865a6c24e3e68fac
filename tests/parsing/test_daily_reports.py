import hashlib
from datetime import date
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loader.parsing import daily_reports
from loader.parsing.dates import DateOrder
from loader.parsing.rejections import Reason, Rejection, Severity
from loader.parsing.text import WHITE_SPACE

HEADER = "# Daily Reports\n\n**Employee**: Ana Maria dela Cruz  \n**Project**: Tc  \n\n"


class DailyReport(NamedTuple):
    """A report whose content is a string."""

    author_name: str
    report_date: date
    content: str
    line_number: int


def parse_daily_reports(text: str) -> tuple[list[DailyReport], list[Rejection]]:
    found, rejected = daily_reports.parse_daily_reports(text.encode())
    return [
        DailyReport(author, day, content.decode(), line) for author, day, content, line in found
    ], rejected


def reports(text: str) -> list[DailyReport]:
    found, rejections = parse_daily_reports(text)
    assert rejections == []
    return found


def rejections(text: str) -> list[tuple[Reason, int | None]]:
    return [(item.reason, item.line_number) for item in parse_daily_reports(text)[1]]


def test_a_day_is_its_heading_an_empty_line_and_its_trimmed_body() -> None:
    day = "## October 27, 2025  \n\n\n**Employee**: Ana Cruz  \n\n### To Do\n\n- x\n\n\n"
    assert [
        DailyReport(
            "Ana Cruz",
            date(2025, 10, 27),
            "## October 27, 2025\n\n**Employee**: Ana Cruz  \n\n### To Do\n\n- x",
            6,
        )
    ] == reports(HEADER + day)


def test_trimming_takes_the_white_space_of_ecmascript_as_the_checksums_of_old_rows_need() -> None:
    (report,) = reports(HEADER + "##  2025-10-27 \n\N{ZERO WIDTH NO-BREAK SPACE}x\x85\n")
    assert report.content == "## 2025-10-27\n\nx\x85"  # U+FEFF is white space, NEL is not
    checksum = "b97df56a222030096bf7c15dd404a1fdeb29344f275162f6609bb067a2016c38"
    assert checksum == hashlib.sha256(report.content.encode()).hexdigest()


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_line_ends_inside_the_body_stay(line_end: str) -> None:
    text = HEADER + "## October 27, 2025\n\n- one\n- two\n\n## October 28, 2025\nthree\n"
    first, second = reports(text.replace("\n", line_end))
    assert first.content == f"## October 27, 2025\n\n- one{line_end}- two"
    assert second.content == "## October 28, 2025\n\nthree"
    assert second.line_number == 11


def test_the_author_is_the_whole_name_in_nfc_with_single_spaces_and_its_letter_case() -> None:
    name = "\N{NO-BREAK SPACE}Jose\N{COMBINING ACUTE ACCENT}  de la\tCruz  "
    (report,) = reports(f"## 2025-10-27\n**Employee**:{name}\nx")
    assert report.author_name == "José de la Cruz"


def test_namesakes_are_different_people() -> None:
    text = "".join(
        f"## 2025-10-27\n\n**Employee**: {name}\n\nx\n\n"
        for name in ("Jan Carlo Cruz", "Jan Lerick Ibarra", "jan carlo cruz")
    )
    assert len(reports(text)) == 3


@pytest.mark.parametrize(
    "line",
    [
        "**Employee:** Ana Cruz",
        "Employee: Ana Cruz",
        "- **Employee**: Ana Cruz",
        "* employee: Ana Cruz",
        "**employee**: Ana Cruz",
        "__Employee__: Ana Cruz",
        "**Employee: Ana Cruz**",
        "**Employee**: **Ana Cruz**",
        "**Employee:** **Ana Cruz**",
        "**Project**: Tc\n**Employee** : Ana Cruz",
    ],
)
def test_variants_of_the_employee_line_count_among_the_key_value_lines_at_the_top(
    line: str,
) -> None:
    (report,) = reports(f"## 2025-10-27\n\n{line}\n\n### Tasks\n\nx")
    assert report.author_name == "Ana Cruz"
    (report,) = reports(f"# Daily Reports\n\n{line}\n\n## 2025-10-27\n\nx")
    assert report.author_name == "Ana Cruz"
    (report,) = reports(f"## 2025-10-27\n{line}\nx")
    assert report.author_name == "Ana Cruz"


@pytest.mark.parametrize(
    "body",
    [
        "Did things.\n- Employee: see the handbook",
        "\rDid things.\nEmployee: see the handbook",
        "### Tasks\n\nEmployee: page done",
        "```\n**Employee**: Somebody Else\n```",
        "> **Employee**: Somebody Else",
        "**Employee ID**: 7",
        "**Employee**:   ",
    ],
)
def test_an_employee_line_that_is_not_certain_is_not_read(body: str) -> None:
    (report,) = reports(f"{HEADER}## 2025-10-27\n\n{body}\n\nx")
    assert report.author_name == "Ana Maria dela Cruz"


@pytest.mark.parametrize("own", ["", "**Employee**: {}\n\n", "### {} \N{EM DASH} Rocks\n\n"])
@pytest.mark.parametrize("between", ["", "---\n\n", "### Notes\n\nz\n\n"])
def test_concatenated_files(own: str, between: str) -> None:
    files = [
        f"# Daily Reports\n\n**Employee**: {name}  \n**Project**: Rocks\n\n"
        + "".join(f"## October {day}, 2025\n\n{own.format(name)}- x\n\n" for day in (27, 28))
        for name in ("Ana", "Bo")
    ]
    found, notes = parse_daily_reports(between.join(files))
    assert [(name, day) for name in ("Ana", "Bo") for day in (27, 28)] == [
        (report.author_name, report.report_date.day) for report in found
    ]
    assert notes == []


def test_a_title_at_the_top_of_a_day_starts_no_other_file() -> None:
    (report,) = reports("## 2025-10-27\n\n# Daily Report\n\n**Employee**: Ana\n\nx\n")
    assert report.author_name == "Ana"


def test_an_employee_line_counts_at_the_top_and_not_in_the_middle_of_a_text() -> None:
    day = "## 2025-10-27\n\nx\n\n**Employee**: Ana Cruz\n\n### Ben Reyes \N{EM DASH} Tc\n\ny"
    (report,) = reports(HEADER + day)
    assert report.author_name == "Ana Cruz"
    day = "## 2025-10-27\n\n### Tasks Done\n\nAsked why\n**Employee**: Ben Reyes\nis empty"
    (report,) = reports(HEADER + day)
    assert report.author_name == "Ana Maria dela Cruz"
    ((rejection, _),) = rejections("### Notes\n\n**Employee**: Ana\n\n## 2025-10-27\n\nx")
    assert rejection is Reason.NO_AUTHOR


@pytest.mark.parametrize(
    "name", ["undefined", "null", "N/A", "None", "\N{REPLACEMENT CHARACTER}rgen M", "\u200b", "-"]
)
def test_a_placeholder_is_not_a_name(name: str) -> None:
    (report,) = reports(f"{HEADER}## 2025-10-27\n\n**Employee**: {name}\n\nx")
    assert report.author_name == "Ana Maria dela Cruz"
    (report,) = reports(f"{HEADER}## 2025-10-27\n\n### {name} \N{EM DASH} Tc\n\nx")
    assert report.author_name == "Ana Maria dela Cruz"


def test_invisible_characters_are_not_part_of_a_name() -> None:
    (report,) = reports("## 2025-10-27\n\n**Employee**: A\u200bna\x1b\u202e Cruz\ufeff\n\nx")
    assert report.author_name == "Ana Cruz"


def test_the_name_of_the_file_counts_if_it_is_a_known_person() -> None:
    text, people = b"## 2025-10-27\n\nx", {"Reyes Cruz Ana": "Ana Reyes-Cruz"}
    name = "2025/daily-reports-Reyes-Cruz-Ana-2025-10-27-to-2025-11-02.md"
    ((report,), notes) = daily_reports.parse_daily_reports(text, name, None, people.get)
    assert (report.author_name, notes) == ("Ana Reyes-Cruz", [])
    found, (rejection,) = daily_reports.parse_daily_reports(text, name)
    assert (found, rejection.reason) == ([], Reason.UNKNOWN_PERSON)
    found, (rejection,) = daily_reports.parse_daily_reports(text, "week.md", None, people.get)
    assert (found, rejection.reason) == ([], Reason.NO_AUTHOR)


def test_a_long_heading_that_is_no_entry_costs_nothing() -> None:
    long = "x" * 300
    (report,) = reports(f"{HEADER}## 2025-10-27\n\n### Tasks\n\n### {long} \N{EM DASH} y\n")
    assert report.author_name == "Ana Maria dela Cruz"


def test_an_entry_without_a_name_is_a_rejection_with_its_line() -> None:
    text = "# Daily Reports\n\n## 2025-10-27\n\nx\n\n## 2025-10-28\n\n**Employee**: Ana Cruz\n"
    found, rejected = parse_daily_reports(text)
    assert [report.report_date for report in found] == [date(2025, 10, 28)]
    assert [(Reason.NO_AUTHOR, 3)] == [(item.reason, item.line_number) for item in rejected]


def test_two_employee_lines_with_different_names_are_ambiguous() -> None:
    text = "## 2025-10-27\n\n**Employee**: Ana Cruz\n**Employee**: Ben Reyes\n\nx"
    assert [(Reason.AMBIGUOUS_AUTHOR, 1)] == rejections(text)


def test_a_name_over_200_characters_is_a_rejection() -> None:
    assert reports(f"## 2025-10-27\n**Employee**: {'x' * 200}\nx")
    for length in (201, 10_000):
        text = f"## 2025-10-27\n**Employee**: {'x' * length}\nx"
        assert [(Reason.NAME_TOO_LONG, 1)] == rejections(text)


def test_entries_of_one_employee_are_one_row() -> None:
    day = "## 2025-10-28\n\n### Ben Reyes — Tc\n\na\n\n### To Do\n\nb\n\n### Ben Reyes — Rocks\n\nc"
    (report,) = reports(HEADER + day)
    assert (report.author_name, report.content) == ("Ben Reyes", day)


def test_entries_of_several_people_are_a_row_for_each() -> None:
    ana_1, ben = "### Ana Cruz — Tc\n\na\n\n### To Do\n\nb\n\n", "### Ben Reyes — Tc\n\nc\n\n"
    ana_2 = "### Ana Cruz — Rocks\n\nd\n"
    found = reports(f"{HEADER}## 2025-10-28\n\n{ana_1}{ben}{ana_2}")
    assert {
        "Ana Cruz": f"## 2025-10-28\n\n{ana_1}{ana_2}".strip(),
        "Ben Reyes": f"## 2025-10-28\n\n{ben}".strip(),
    } == {report.author_name: report.content for report in found}


def test_text_above_the_entries_of_several_people_is_in_the_first_row() -> None:
    text = "## 2025-10-28\n\nshared\n\n### Ana Cruz — Tc\na\n### Ben Reyes — Tc\nb"
    assert [
        "## 2025-10-28\n\nshared\n\n### Ana Cruz — Tc\na",
        "## 2025-10-28\n\n### Ben Reyes — Tc\nb",
    ] == [report.content for report in reports(text)]


@pytest.mark.parametrize(
    "day",
    [
        # The day has its own Employee line.
        "**Employee**: Ana Maria dela Cruz\n\n### Ben Reyes — Tc\n\nx",
        # The first ### heading has another form.
        "### Tasks Done\n\n### Ben Reyes — Tc\n\nx",
        # In a code fence.
        "```\n### Ben Reyes — Tc\n```\n",
        # A hyphen is not an em dash; the project is missing.
        "### Ben Reyes - Tc\n\nx",
        "### Ben Reyes — \n\nx",
    ],
)
def test_a_heading_that_is_not_an_entry(day: str) -> None:
    (report,) = reports(f"{HEADER}## 2025-10-28\n\n{day}")
    assert report.author_name == "Ana Maria dela Cruz"


def test_an_impossible_date_ends_the_day_above_and_is_a_rejection() -> None:
    text = HEADER + "## 2025-10-27\n\na\n\n## February 30, 2025\n\nb\n\n## Notes\n\nc"
    found, rejected = parse_daily_reports(text)
    assert ["## 2025-10-27\n\na"] == [report.content for report in found]
    assert [(Reason.IMPOSSIBLE_DATE, 10)] == [(item.reason, item.line_number) for item in rejected]


def test_another_heading_belongs_to_the_day_above_and_is_rejected_before_the_first() -> None:
    text = HEADER + "## Summary\n\ns\n\n## 2025-10-27\n\na\n\n## Week 44\n\nb"
    found, rejected = parse_daily_reports(text)
    assert ["## 2025-10-27\n\na\n\n## Week 44\n\nb"] == [report.content for report in found]
    assert [(Reason.NO_DATE, 6)] == [(item.reason, item.line_number) for item in rejected]


IN_FENCE, INSIDE = Reason.DATE_IN_FENCE, Reason.DATE_INSIDE


@pytest.mark.parametrize(
    ("block", "notes"),
    [
        ("```\n## 2025-10-28\n```", [IN_FENCE]),
        ("```\n## Oct 28\n```", [IN_FENCE]),
        ("~~~~ md\n```\n## 2025-10-28\n~~~\n~~~~", [IN_FENCE]),
        ("- ```\n## 2025-10-28\n```", [IN_FENCE]),
        ("<!--\n## 2025-10-28\n-->", [IN_FENCE]),
        ("   ```\n## 2025-10-28\n   ```", [IN_FENCE]),
        ("1. > ```\n## 2025-10-28\n```", [IN_FENCE]),
        ("```python3\n\n## 2025-10-28\n```", [IN_FENCE]),
        ("> ## 2025-10-28", [INSIDE]),
        ("- ## 2025-10-28", [INSIDE]),
        ("    ## 2025-10-28", [INSIDE]),
        ("###2025-10-28\n##2025-10-28", [INSIDE, INSIDE]),
        ("### 2025-10-28", [INSIDE]),
        ("### Tue 10/28", [INSIDE]),
        ("### October 28-29", [INSIDE]),
        ("### Plan for October 28", []),
        ("## Plan for October 28", [INSIDE]),
        ("### Week of October 27 - 31, 2025", [INSIDE]),
        ("## 28 października 2025", [INSIDE]),
        ("###### October 28, 2025 - plan", [INSIDE]),
        ("####### October 28, 2025", [INSIDE]),
        ("### C# on October 28, 2025", [INSIDE]),
        ("## Release 2025-10-30 plan", [INSIDE]),
        ("October 28, 2025", [INSIDE]),
        ("**2025-10-28** 9:00 AM", [INSIDE]),
        ("2025-10-28 was a holiday", []),
        ("## Week 44", []),
    ],
)
def test_a_date_that_starts_no_day_is_noted(block: str, notes: list[Reason]) -> None:
    (report,), noted = parse_daily_reports(f"{HEADER}## 2025-10-27\n\nx\n\n{block}\n\nend")
    assert report.content == f"## 2025-10-27\n\nx\n\n{block}\n\nend"
    assert notes == [note.reason for note in noted]


@pytest.mark.parametrize(
    ("line", "stored"),
    [
        ("# October 28, 2025", "# October 28, 2025"),
        (" ## October 28, 2025", "## October 28, 2025"),
        ("##\u00a0October 28, 2025", "## October 28, 2025"),
        ("\u200b## \u200bOctober 28, 2025", "## \u200bOctober 28, 2025"),
        ("October 28, 2025\n----------------", "October 28, 2025\n----------------"),
        ("October 28, 2025\n===", "October 28, 2025\n==="),
        ("October 28, 2025\n=", "October 28, 2025\n="),
        ("October 28, 2025\n   --  ", "October 28, 2025\n   --"),
        ("##  October 28, 2025 -", "## October 28, 2025 -"),
        ("## October 28 - half day", "## October 28 - half day"),
        ("## 28.10.2025", "## 28.10.2025"),
    ],
)
def test_headings_of_a_day(line: str, stored: str) -> None:
    first, second = reports(f"{HEADER}## 2025-10-27\n\na\n\n{line}\n\n- b\n")
    assert first.content == "## 2025-10-27\n\na"
    assert (second.report_date, second.content) == (date(2025, 10, 28), f"{stored}\n\n- b")
    assert second.line_number == 10


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("# 2025-10-27", "# 2025-10-28"),
        ("### Day 1: October 27, 2025", "### Day 2: October 28, 2025"),
        ("2025-10-27 7:30 pm", "**October 28, 2025**"),
        ("October 27, 2025\n===", "# 10/28/2025"),
    ],
)
def test_days_of_other_levels(first: str, second: str) -> None:
    found = reports(f"**Employee**: Ana\n\n{first}\n\n#### A\n\nx\n\n{second}\n\ny\n")
    assert [f"{first}\n\n#### A\n\nx", f"{second}\n\ny"] == [each.content for each in found]


def test_a_range_above_the_first_day_is_the_period_and_ends_a_day_below_it() -> None:
    week = "## October 27 \N{EN DASH} 31, 2025\n\n"
    days = "## Mon 27 Oct\n\na\n\n## October 28\N{EN DASH}29\n\nb\n"
    found, noted = parse_daily_reports(HEADER + week + days)
    assert ["## Mon 27 Oct\n\na"] == [report.content for report in found]
    assert [(Reason.TWO_DATES, 12)] == [(note.reason, note.line_number) for note in noted]


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("## December 30, 2025\n\nx\n\n## January 2\n\ny", ["2025-12-30", "2026-01-02"]),
        ("## Dec 30\n\nx\n\n## 2026-01-02\n\ny", ["2025-12-30", "2026-01-02"]),
        ("## Oct 27\n\nx", ["2025-10-27"]),
    ],
)
def test_the_year_comes_from_the_days_around_or_the_name(text: str, days: list[str]) -> None:
    name = "" if len(days) > 1 else "daily-reports-A-2025-10-27-to-2025-10-31.md"
    found, noted = daily_reports.parse_daily_reports((HEADER + text).encode(), name)
    assert (days, []) == ([str(each.report_date) for each in found], noted)


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("# Week of October 27 \N{EN DASH} 31, 2025", ""),
        ("# Worklog October 2025", ""),
        ("", "2025/October.md"),
        ("", "log 2025-10.md"),
    ],
)
@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("## Mon Oct 27", "## Tue Oct 28 - half day"),
        ("## 27.10.", "## Di 28.10. - HO"),
        ("## 10/27", "## 10/28 standup"),
        ("**Oct 27**", "*Oct 28* 9:00"),
    ],
)
def test_the_year_comes_from_the_title_or_the_month(
    title: str, name: str, first: str, second: str
) -> None:
    text = f"{title}\n\n{HEADER}{first}\n\na\n\n{second}\n\nb\n\n## 3/4 done\n\nc\n"
    found, noted = daily_reports.parse_daily_reports(text.encode(), name)
    assert [27, 28] == [each.report_date.day for each in found]
    assert {Severity.REPAIRED} >= {note.reason.severity for note in noted}
    assert found[1].content.endswith(b"## 3/4 done\n\nc")


def test_a_month_as_a_title_between_days_is_not_a_rejection() -> None:
    days = "# October 2025\n\n## 2025-10-31\n\na\n\n# November 2025\n\n## 2025-11-03\n\nb\n"
    found, noted = parse_daily_reports(HEADER + days + "\n# December 2025\n\nx\n")
    assert ["## 2025-10-31\n\na", "## 2025-11-03\n\nb"] == [each.content for each in found]
    assert [Reason.IMPOSSIBLE_DATE] == [note.reason for note in noted]


@pytest.mark.parametrize(
    "heading", ["October 32", "Feb 30", "Ocotber 28, 2025", "28. bis 29.10.2025", "October 28-29"]
)
def test_a_heading_that_is_nearly_a_day_ends_the_day_above(heading: str) -> None:
    found, noted = parse_daily_reports(f"{HEADER}## 2025-10-27\n\na\n\n## {heading}\n\nb\n")
    assert ["## 2025-10-27\n\na"] == [each.content for each in found]
    assert [(Severity.REJECTED, 10)] == [(n.reason.severity, n.line_number) for n in noted]


@pytest.mark.parametrize(
    "line", ["- 2025-10-27", "| October 27, 2025 | a |", "<h2>27.10.2025</h2>", "**10/27/2025**\na"]
)
def test_the_closest_line_may_be_no_heading(line: str) -> None:
    found, noted = parse_daily_reports(f"{HEADER}text 1\n{line}\nx\n")
    assert ([], [(Reason.NO_DAY, 7)]) == (found, [(n.reason, n.line_number) for n in noted])
    assert line.split("\n", maxsplit=1)[0] in noted[0].detail


def test_an_unknown_year_is_a_rejection() -> None:
    found, noted = parse_daily_reports(f"{HEADER}## 2025-10-27\n\nx\n\n## May 3\n\ny")
    assert ["## 2025-10-27\n\nx"] == [report.content for report in found]
    assert [(Reason.AMBIGUOUS_DATE, 10)] == [(note.reason, note.line_number) for note in noted]


@pytest.mark.parametrize(
    ("headings", "days", "reasons"),
    [
        (["28/10/2025", "10/29/2025"], [28, 29], [Reason.DAY_FIRST]),
        (["03.10.2025", "28.10.2025"], [3, 28], []),
        (["03.10.2025 18:55"], [3], []),
        (["10.03.2025", "10.28.2025"], [3, 28], []),
        (["03.10.2025", "2025-10-28"], [28], [Reason.AMBIGUOUS_DATE]),
        (["28.10.2025", "10.29.2025"], [28, 29], []),
    ],
)
def test_the_order_of_numbers(headings: list[str], days: list[int], reasons: list[Reason]) -> None:
    text = HEADER + "".join(f"## {heading}\n\nx\n\n" for heading in headings)
    found, noted = parse_daily_reports(text)
    assert (days, reasons) == (
        [each.report_date.day for each in found],
        [note.reason for note in noted],
    )
    assert all(each.report_date.month == 10 for each in found)


def test_the_config_gives_the_order() -> None:
    text = f"{HEADER}## 03/10/2025\n\nx\n\n## 04.10.2025\n\ny".encode()
    found, noted = daily_reports.parse_daily_reports(text, "", DateOrder.DMY)
    assert ([(10, 3), (10, 4)], []) == (
        [(each.report_date.month, each.report_date.day) for each in found],
        noted,
    )


@pytest.mark.parametrize(
    ("name", "day"),
    [("2025-10-27.md", 27), ("2025/10/28.md", 28), ("a/notes 10-29-2025.md", 29)],
)
def test_the_day_is_only_in_the_name(name: str, day: int) -> None:
    text = "**Employee**: Ana Cruz\n\n## To Do\n\n- x\n\n# Log\n\ny\n"
    ((report,), notes) = daily_reports.parse_daily_reports(text.encode(), name)
    assert report == ("Ana Cruz", date(2025, 10, day), text.strip().encode(), 1)
    assert notes == []


@pytest.mark.parametrize(
    ("text", "name", "reason", "line_number"),
    [
        ("## Plan\n\nx", "2025-10-27-to-2025-10-31.md", Reason.NO_DAY, 1),
        ("x\n\n## A\n\n## Release 2025-10-27 x", "a.md", Reason.NO_DAY, 5),
        ("x\n## February 30, 2025\n\ny\n## 2023-02-29\nz", "", Reason.IMPOSSIBLE_DATE, 2),
        ("#### 2025-10-27\n\nx", "a.md", Reason.NO_DAY, 1),
        ("## 2025-10-27\n\nx\n", "2025-02-30.md", Reason.NO_AUTHOR, 1),
        ("## Plan\n\nx\n", "2025-02-30.md", Reason.IMPOSSIBLE_DATE, None),
    ],
)
def test_a_file_without_a_day_has_one_rejection(
    text: str, name: str, reason: Reason, line_number: int | None
) -> None:
    found, noted = daily_reports.parse_daily_reports(text.encode(), name)
    refused = [note for note in noted if note.reason.severity is Severity.REJECTED]
    assert (found, [(reason, line_number)]) == (
        [],
        [(note.reason, note.line_number) for note in refused],
    )


def test_no_fence_swallows_a_day() -> None:
    text = (
        "## 2025-10-27\n\n```js\na\n\n## 2025-10-28\n\nb\n\n"
        "## 2025-10-29\n\n```sh\nc\n```\n\n## 2025-10-30\n\nd"
    )
    found, noted = parse_daily_reports(HEADER + text)
    assert [27, 28, 29, 30] == [report.report_date.day for report in found]
    assert [(Reason.UNCLOSED_FENCE, 8)] == [(note.reason, note.line_number) for note in noted]


@pytest.mark.parametrize("opener", ["```python", "~~~", "<!-- note"])
def test_a_fence_that_never_closes_hides_nothing_and_is_recorded(opener: str) -> None:
    found, noted = parse_daily_reports(f"{HEADER}## 2025-10-27\n\n{opener}\n\n## 2025-10-28\n\nb")
    assert [27, 28] == [report.report_date.day for report in found]
    assert [(Reason.UNCLOSED_FENCE, 8)] == [(item.reason, item.line_number) for item in noted]


def test_inline_code_opens_no_fence() -> None:
    assert len(reports(HEADER + "## 2025-10-27\n\n```x``` a\n\n## 2025-10-28\n\n```y``` b")) == 2


def test_a_day_without_a_body_is_a_rejection() -> None:
    found, rejected = parse_daily_reports(HEADER + "## 2025-10-27\n\n \n## 2025-10-28\nx")
    assert [28] == [report.report_date.day for report in found]
    assert [(Reason.EMPTY_DAY, 6)] == [(item.reason, item.line_number) for item in rejected]


def test_two_sections_of_one_day_are_a_row_with_both_headings() -> None:
    (report,) = reports(HEADER + "## 2025-10-27\n\na\n\n## October 27, 2025\n\nb\n")
    assert report.content == "## 2025-10-27\n\na\n\n## October 27, 2025\n\nb"
    assert report.line_number == 6


@pytest.mark.parametrize("text", ["", " \n\t\n", "\N{ZERO WIDTH NO-BREAK SPACE}"])
def test_a_blank_file_is_recorded(text: str) -> None:
    assert [(Reason.EMPTY_FILE, None)] == rejections(text)


@pytest.mark.parametrize("text", [HEADER, "x", "# only a title"])
def test_a_file_without_a_day_is_recorded(text: str) -> None:
    assert [Reason.NO_DAY] == [reason for reason, _ in rejections(text)]


def test_fifty_thousand_headings_of_one_day() -> None:
    (report,) = reports(HEADER + "## 2025-10-27\nx\n" * 50_000)
    assert report.content.count("## 2025-10-27") == 50_000


def test_a_long_header_is_read_once() -> None:
    header = "# Daily Reports\n\n" + "Key: value\n" * 50_000
    days = "".join(f"## 2025-10-{day % 28 + 1:02}\nx\n" for day in range(50_000))
    assert len(rejections(header + days)) == 50_000


@pytest.mark.parametrize(
    "line",
    [
        " " * 1_000_000,
        "**Employee**" + " " * 1_000_000,
        "### " + "a " * 500_000,
        "### A" + " \N{EM DASH}" * 300_000,
        "`" * 1_000_000,
        "- " * 500_000,
        "Employee" + "_" * 1_000_000 + ":",
    ],
)
def test_a_line_of_a_megabyte_is_read_in_linear_time(line: str) -> None:
    # Quadratic behavior would take hours instead of failing an assertion.
    parse_daily_reports(f"{HEADER}## 2025-10-27\n\n{line}\n{line}")


def test_a_hundred_thousand_unclosed_openers() -> None:
    parse_daily_reports(HEADER + "## 2025-10-27\n" + "```a\n~~~b\n<!--\n" * 100_000)


PIECES = st.sampled_from(
    [
        "## October 27, 2025",
        "## 2025-10-28",
        "## February 30, 2025",
        "## Week 44",
        "## ",
        "##",
        "**Employee**: Ana Cruz  ",
        "**Employee**: Ben Reyes",
        "Employee: Cora",
        "**Employee**:",
        "### Ana Cruz \N{EM DASH} Tc",
        "### Ben Reyes \N{EM DASH} Rocks",
        "### Tasks Done",
        "```",
        "~~~",
        "<!--",
        "-->",
        "- x",
        "",
        "\N{LINE SEPARATOR}",
        "\x85",
    ]
)
FILES = st.lists(
    st.tuples(PIECES | st.text(max_size=20), st.sampled_from(["\n", "\n", "\n", "\r\n", "\r"])),
    max_size=40,
).map(lambda lines: "".join(line + end for line, end in lines))


@given(FILES | st.text())
def test_parsing_never_raises_and_says_something(text: str) -> None:
    found, rejected = parse_daily_reports(text)
    assert found or rejected
    assert len({(report.author_name, report.report_date) for report in found}) == len(found)


DAYS_OF_OCTOBER = {
    "2025-10-27": 27,
    "October 28, 2025 - half day": 28,
    "[10/29/2025] 2:40 PM": 29,
    "Day 4: 30-Oct-2025": 30,
    "31.10.2025": 31,
    "February 30, 2025": 0,
    "2025年10月28日": 28,
    "28/10/2025": 28,
    "03.10.2025": 3,
    "2150-01-01": 0,
    "2025_10_26": 26,
    "Di 28.10. - HO": 28,
    "Oct 25": 25,
    "10/24 standup": 24,
    "Ocotber 28, 2025": 0,
    "Feb 30": 0,
}
DATES = st.sampled_from([*DAYS_OF_OCTOBER])
MARKS = st.sampled_from(["# ", "## ", "## ", "## ", "### ", "#### ", " ## ", "> ## ", "##", "\t# "])
RANGES = [
    "October 28, 2025 and October 29, 2025",
    "October 28-29",
    "10/28/2025-10/29/2025",
    "28. bis 29.10.2025",
]
BODIES = st.sampled_from(
    [
        "",
        "x",
        "**Employee**: Ben\n\ny",
        "### Ben \N{EM DASH} Tc\nz",
        "```\nw",
        "```\nv\n```",
        "<!--",
    ]
)


@given(st.lists(st.tuples(MARKS, DATES | st.sampled_from(RANGES), BODIES), min_size=1, max_size=12))
def test_every_line_that_starts_with_a_date_is_a_day_a_rejection_or_a_note(
    days: list[tuple[str, str, str]],
) -> None:
    text, lines = HEADER, {}
    for mark, day, body in days:
        lines[text.count("\n") + 1] = (f"{mark}{day}".lstrip("> \t"), day)
        text += f"{mark}{day}\n\n{body}\n\n"
    found, noted = parse_daily_reports(text)
    if not found and any(note.reason is not Reason.EMPTY_DAY for note in noted):
        return  # a file without a day has one rejection
    named = {note.line_number for note in noted}
    stored = {(report.report_date, line) for report in found for line in report.content.split("\n")}
    empty = [note.line_number or 0 for note in noted if note.reason is Reason.EMPTY_DAY]
    first = min([*(report.line_number for report in found), *empty], default=0)
    for number, (line, day) in lines.items():
        is_period = day in RANGES and number < first
        october = DAYS_OF_OCTOBER.get(day)
        is_day = october and (date(2025, 10, october), line) in stored
        assert number in named or is_day or is_period, (number, line)


@given(st.lists(st.tuples(MARKS, DATES, BODIES), min_size=1, max_size=12))
def test_each_line_of_a_text_is_in_at_most_one_row(days: list[tuple[str, str, str]]) -> None:
    text = HEADER + "".join(
        f"{mark}{day}\n\n{body}\n\nline {number}\n\n"
        for number, (mark, day, body) in enumerate(days)
    )
    found, noted = parse_daily_reports(text)
    rows = [line for report in found for line in report.content.split("\n")]
    own = [line for line in rows if line.startswith("line ")]
    assert len(own) == len(set(own))
    if all(note.reason.severity is Severity.REPAIRED for note in noted):
        assert len(own) == len(days)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["Ana Cruz", "Ben Reyes", "Cora"]), st.text("abc \n-", max_size=20)
        ),
        min_size=1,
        max_size=8,
    )
)
def test_joining_a_days_parts_loses_no_byte(entries: list[tuple[str, str]]) -> None:
    parts = [
        f"### {name} \N{EM DASH} P{index}\n{body}\n" for index, (name, body) in enumerate(entries)
    ]
    found = reports("## 2025-10-27\n\n" + "".join(parts))
    for name in {name for name, _ in entries}:
        (report,) = [report for report in found if report.author_name == name]
        own = "".join(part for part in parts if part.startswith(f"### {name} "))
        assert report.content == "## 2025-10-27\n\n" + own.strip(WHITE_SPACE)


@given(st.lists(st.sampled_from(["x", "y\n\nz", "- a\n- b"]), min_size=1, max_size=6))
def test_the_days_of_a_file_hold_all_of_it(bodies: list[str]) -> None:
    days = [f"## 2025-10-{day:02}\n\n{body}" for day, body in enumerate(bodies, start=1)]
    found = reports(HEADER + "\n\n".join(days) + "\n")
    assert days == [report.content for report in found]
