from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loader.parsing.dates import DateOrder
from loader.parsing.rejections import Reason
from loader.parsing.transcripts import Transcript, parse_transcript
from loader.parsing.values import DateFrom, Filename, Text


def test_the_date_comes_from_the_name_and_the_text_is_whole() -> None:
    text = "\N{ZERO WIDTH NO-BREAK SPACE}# October 1, 2020\n\n## 0:00 - Ana\nHi \r\n\n".encode()
    name = "sub/standup_10-13-2025.md"
    expected = Transcript(
        filename=Filename(name),
        transcript_date=date(2025, 10, 13),
        date_from=DateFrom.NAME,
        started_at=None,
        transcript_text=Text(text),
    )
    assert ([expected], []) == parse_transcript(name, text)


def test_a_time_in_the_name_is_the_start_in_utc_and_the_date_stays_as_written() -> None:
    ((transcript,), _) = parse_transcript("x-2025-10-13T23_30_00-05_00.md", b"# x")
    assert transcript.transcript_date == date(2025, 10, 13)
    assert transcript.started_at == datetime(2025, 10, 14, 4, 30, tzinfo=UTC)


def test_an_impossible_time_is_noted_and_the_transcript_kept() -> None:
    transcripts, notes = parse_transcript("2025-10-13T25-00-00.md", b"# x")
    assert [None] == [transcript.started_at for transcript in transcripts]
    assert [Reason.IMPOSSIBLE_TIME] == [note.reason for note in notes]


@pytest.mark.parametrize(
    "text",
    [
        "# October 27, 2025\n",
        "\n\n## Planning, Oct 27, 2025 (moved)\n",
        "```\n# 2020-01-01\n```\n# 2025-10-27",
    ],
)
def test_without_a_date_in_the_name_the_first_heading_has_it(text: str) -> None:
    ((transcript,), _) = parse_transcript("kickoff notes.md", text.encode())
    assert transcript.transcript_date == date(2025, 10, 27)


@pytest.mark.parametrize(
    ("name", "text", "reason", "line_number"),
    [
        ("kickoff notes.md", "no heading", Reason.NO_DATE, None),
        ("PR-1234-12-05 review.md", "# Review", Reason.NO_DATE, None),
        ("notes.md", "# Notes\n\n### October 27, 2025", Reason.NO_DATE, None),
        ("notes.md", "Date: 03.10.2025", Reason.AMBIGUOUS_DATE, 1),
        ("notes.md", "---\ndate: 2025-02-30\n---\n", Reason.IMPOSSIBLE_DATE, None),
        ("2025-02-30.md", "# October 27, 2025", Reason.IMPOSSIBLE_DATE, None),
        ("13-45-2025.md", "# October 27, 2025", Reason.IMPOSSIBLE_DATE, None),
        ("notes.md", "\n# February 30, 2025", Reason.IMPOSSIBLE_DATE, 2),
        ("2025-10-27.md", " \n", Reason.EMPTY_FILE, None),
        ("ä" * 500 + "/2025-10-27.md", "# x", Reason.NAME_TOO_LONG, None),
    ],
)
def test_rejected(name: str, text: str, reason: Reason, line_number: int | None) -> None:
    transcripts, rejections = parse_transcript(name, text.encode())
    assert transcripts == []
    assert [(reason, line_number)] == [(item.reason, item.line_number) for item in rejections]


@pytest.mark.parametrize(
    ("name", "text", "place", "day"),
    [
        ("2025-10-27/notes.md", "# October 1, 2020", DateFrom.PATH, "2025-10-27"),
        ("2024-06/june-13.md", "# x", DateFrom.PATH, "2024-06-13"),
        ("a.md", "---\nDate: 2025-10-27\n---\n# 2025-10-01", DateFrom.FRONT_MATTER, "2025-10-27"),
        ("a.md", "---\r\ndate: Oct 27, 2025 9:00\r\n---\r\n", DateFrom.FRONT_MATTER, "2025-10-27"),
        ("a.md", "# Sync\n\n**Date:** December 16, 2025\n", DateFrom.LINE, "2025-12-16"),
        ("a.md", "## Meeting Date/Time: Thursday 2024/7/11 at 14:00", DateFrom.LINE, "2024-07-11"),
        ("a.md", "Datum: 28.10.2025", DateFrom.LINE, "2025-10-28"),
        ("a.txt", "Weekly sync\n15 June 2026, 03:35am\n27m 42s", DateFrom.LINE, "2026-06-15"),
        (
            "a.md",
            "# Notes\n\n" + "x\n" * 20 + "Date: 2025-10-01\n# 2025-10-27",
            DateFrom.HEADING,
            "2025-10-27",
        ),
        ("a.md", "# Notes of October 27, 2025", DateFrom.HEADING, "2025-10-27"),
        ("a.md", "# Call\n\n## Wednesday, November 8, 2023\n", DateFrom.HEADING, "2023-11-08"),
        ("a.vtt", "WEBVTT\n\nNOTE\ndate: 2025-10-27\n", DateFrom.LINE, "2025-10-27"),
        ("a.md", "Date and Time: October 27, 2025", DateFrom.LINE, "2025-10-27"),
        ("a.md", "**Date of the meeting:** October 27, 2025", DateFrom.LINE, "2025-10-27"),
        ("a.md", "Date (UTC): 2025-10-27", DateFrom.LINE, "2025-10-27"),
        ("a.md", "When: Mon, Oct 27, 2025", DateFrom.LINE, "2025-10-27"),
        ("a.txt", "Sync\nMon, Oct 27, 2025 10:00AM \u2022 30:21", DateFrom.LINE, "2025-10-27"),
        ("a.md", "Sync\n\nOct 27, 2025 \u00b7 1 hr 5 mins", DateFrom.LINE, "2025-10-27"),
        ("2025/10/27/standup.md", "x", DateFrom.PATH, "2025-10-27"),
        ("a.md", "#\u00a0October 27, 2025", DateFrom.HEADING, "2025-10-27"),
        ("a.md", "# Retro (10/27/2025)", DateFrom.HEADING, "2025-10-27"),
    ],
)
def test_the_places_of_a_date(name: str, text: str, place: DateFrom, day: str) -> None:
    ((transcript,), notes) = parse_transcript(name, text.encode())
    assert (transcript.date_from, str(transcript.transcript_date)) == (place, day)
    assert notes == []


def test_a_date_that_is_read_day_first_is_noted() -> None:
    ((transcript,), (note,)) = parse_transcript("29-03-2016.md", b"# x")
    assert (transcript.transcript_date, note.reason) == (date(2016, 3, 29), Reason.DAY_FIRST)
    ((transcript,), notes) = parse_transcript("09-03-2016.md", b"# x", DateOrder.DMY)
    assert (transcript.transcript_date, notes) == (date(2016, 3, 9), [])


@given(st.text(), st.text())
def test_parsing_never_raises_and_says_something(name: str, text: str) -> None:
    transcripts, rejections = parse_transcript(name, text.encode())
    assert transcripts or rejections
