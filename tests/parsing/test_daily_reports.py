import hashlib
from datetime import date
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loader.parsing import daily_reports
from loader.parsing.rejections import Reason, Rejection
from loader.parsing.text import WHITE_SPACE

HEADER = "# Daily Reports\n\n**Employee**: Ana Maria dela Cruz  \n**Project**: Tc  \n\n"


class DailyReport(NamedTuple):
    """A report with its content as a string."""

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


def test_the_days_own_line_comes_first_wherever_it_stands() -> None:
    day = "## 2025-10-27\n\n### Ben Reyes \N{EM DASH} Tc\n\n**Employee**: Ana Cruz\n"
    (report,) = reports(HEADER + day)
    assert report.author_name == "Ana Cruz"


def test_a_long_heading_that_is_no_entry_costs_nothing() -> None:
    long = "x" * 300
    (report,) = reports(f"{HEADER}## 2025-10-27\n\n### Tasks\n\n### {long} \N{EM DASH} y\n")
    assert report.author_name == "Ana Maria dela Cruz"


def test_nobody_named_is_a_rejection_with_its_line_and_costs_no_neighbour() -> None:
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


def test_text_above_the_entries_of_several_people_is_everybodys() -> None:
    text = "## 2025-10-28\n\nshared\n\n### Ana Cruz — Tc\na\n### Ben Reyes — Tc\nb"
    assert ["## 2025-10-28\n\nshared\n\n### Ana Cruz — Tc\na"] == [
        report.content for report in reports(text) if report.author_name == "Ana Cruz"
    ]


@pytest.mark.parametrize(
    "day",
    [
        # The day has its own Employee line.
        "**Employee**: Ana Maria dela Cruz\n\n### Ben Reyes — Tc\n\nx",
        # The first ### heading has another form.
        "### Tasks Done\n\n### Ben Reyes — Tc\n\nx",
        # In a code fence.
        "```\n### Ben Reyes — Tc\n```\n",
        # A hyphen is no em dash; a project is missing.
        "### Ben Reyes - Tc\n\nx",
        "### Ben Reyes — \n\nx",
    ],
)
def test_a_heading_that_is_no_entry(day: str) -> None:
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


@pytest.mark.parametrize(
    "block",
    [
        "```\n## 2025-10-28\n```",
        "~~~~ md\n```\n## 2025-10-28\n~~~\n~~~~",
        "- ```\n## 2025-10-28\n```",
        "<!--\n## 2025-10-28\n-->",
        "   ```\n## 2025-10-28\n   ```",
        "> ## 2025-10-28",
        "###2025-10-28\n##2025-10-28",
        "2025-10-28\n----------",
    ],
)
def test_what_starts_no_day(block: str) -> None:
    (report,) = reports(f"{HEADER}## 2025-10-27\n\nx\n\n{block}\n\nend")
    assert report.content == f"## 2025-10-27\n\nx\n\n{block}\n\nend"


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


def test_two_sections_of_one_day_are_one_row_each_with_its_heading() -> None:
    (report,) = reports(HEADER + "## 2025-10-27\n\na\n\n## October 27, 2025\n\nb\n")
    assert report.content == "## 2025-10-27\n\na\n\n## October 27, 2025\n\nb"
    assert report.line_number == 6


@pytest.mark.parametrize("text", ["", " \n\t\n", "\N{ZERO WIDTH NO-BREAK SPACE}"])
def test_a_blank_file_is_recorded(text: str) -> None:
    assert [(Reason.EMPTY_FILE, None)] == rejections(text)


@pytest.mark.parametrize("text", [HEADER, "x", "# only a title"])
def test_a_file_without_a_day_is_recorded(text: str) -> None:
    assert [(Reason.NO_DAY, None)] == rejections(text)


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
    # Quadratic behaviour would take hours, not fail an assertion.
    parse_daily_reports(f"{HEADER}## 2025-10-27\n\n{line}\n{line}")


def test_a_hundred_thousand_openers_that_never_close() -> None:
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


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["2025-10-27", "2025-10-28", "2025-02-30", "October 29, 2025"]),
            st.sampled_from(["", "x", "**Employee**: Ana Cruz\n\ny", "### Ben \N{EM DASH} Tc\nz"]),
        ),
        min_size=1,
        max_size=12,
    ),
    st.booleans(),
)
def test_every_day_heading_ends_in_a_row_or_a_rejection(
    days: list[tuple[str, str]],
    has_header: bool,  # noqa: FBT001 - drawn by hypothesis
) -> None:
    text = HEADER if has_header else ""
    lines = []
    for heading, body in days:
        lines.append(text.count("\n") + 1)
        text += f"## {heading}\n{body}\n\n"
    found, rejected = parse_daily_reports(text)
    stored = sum(line.startswith("## ") for report in found for line in report.content.split("\n"))
    refused = {item.line_number for item in rejected}
    assert refused <= set(lines)
    assert len(days) == stored + len(refused)


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
