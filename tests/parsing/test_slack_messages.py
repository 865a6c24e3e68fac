import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loader.parsing.slack_messages import Message, parse_messages
from tests.support.project import ROOT

EXAMPLE = ROOT / "examples/orchestrator/slack/md-output"
CAPTURE = """## Slack: rocks-dev (2025-10-27 → 2025-11-02)

### 2025-10-27

* 02:04 Eusebio Mamaril: token=[REDACTED SECRET] please rotate
* 05:06 Ana Reyes (thread replies: 2): merged 🎉 — thanks
  * ↳ 23:50 Bo: on it: now
    * reactions: :eyes:x1
    second line
  * ↳ 00:10 Ana Reyes: \\[REDACTED INLINE CODE, kind=config] in \\_ops &amp; more
  * reactions: :tada:x4 :+1:x2
  * image: screen.png (800x600)

### 2025-10-31

* 05:13 Bo (thread replies: 1):
  \\[REDACTED CODE 3 lines, language=plain, kind=command]
  * reactions: :tada:x4
* 09:14 Ana Reyes joined the channel
"""


def at(day: int, hour: int, minute: int) -> datetime:
    return datetime(2025, 10, day, hour, minute, tzinfo=UTC)


def test_a_sanitized_file() -> None:
    messages = [
        Message(
            1, at(27, 2, 4), "Eusebio Mamaril", None, "token=[REDACTED SECRET] please rotate", None
        ),
        Message(
            *(2, at(27, 5, 6), "Ana Reyes", None),
            *("merged 🎉 — thanks\nimage: screen.png (800x600)", ":tada:x4 :+1:x2"),
        ),
        Message(3, at(27, 23, 50), "Bo", 2, "on it: now\nsecond line", ":eyes:x1"),
        Message(
            *(4, at(28, 0, 10), "Ana Reyes", 2),
            *("[REDACTED INLINE CODE, kind=config] in _ops & more", None),
        ),
        Message(
            *(5, at(31, 5, 13), "Bo", None),
            *("[REDACTED CODE 3 lines, language=plain, kind=command]", ":tada:x4"),
        ),
        Message(6, at(31, 9, 14), None, None, "Ana Reyes joined the channel", None),
    ]
    assert messages == parse_messages(CAPTURE)
    assert messages == parse_messages(CAPTURE.replace("\n", "\r\n").encode())


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("* 5:06 PM Ana: x", (at(27, 17, 6), "Ana", "x")),
        ("* 12:00 am Ana: x", (at(27, 0, 0), "Ana", "x")),
        ("- 05:06:07 Ana: x", (at(27, 5, 6).replace(second=7), "Ana", "x")),
        ("* 25:06 Ana: x", (None, "Ana", "x")),
        ("* 13:06 PM Ana: x", (None, "Ana", "x")),
        ("* 05:06 Ana (QA): x", (at(27, 5, 6), "Ana (QA)", "x")),
        ("* 05:06 Ana (1 reply): x", (at(27, 5, 6), "Ana (1 reply)", "x")),
        (
            "* 05:06 Ana: see Bo (thread replies: 2): x",
            (at(27, 5, 6), "Ana", "see Bo (thread replies: 2): x"),
        ),
        ("* 05:06 O\\'Neil &amp; Co: x", (at(27, 5, 6), "O'Neil & Co", "x")),
        ("* 05:06 undefined: x", (at(27, 5, 6), None, "x")),
        ("* 05:06 see https://x.example", (at(27, 5, 6), None, "see https://x.example")),
        ("* 05:06 Ana:", (at(27, 5, 6), "Ana", "")),
        ("* ↳ 05:06 Ana: x", (at(27, 5, 6), "Ana", "x")),
        ("* ↳ Ana: x", (None, "Ana", "x")),
        ("a text", (None, None, "a text")),
    ],
)
def test_a_line(line: str, told: tuple[datetime | None, str | None, str]) -> None:
    (message,) = parse_messages(f"# Slack: x\n\n### 2025-10-27\n\n{line}\n")
    assert told == (message.sent_at, message.author, message.text)


def test_a_title_without_marks() -> None:
    text = "Slack: rocks (2025-10-27 to 2025-11-02)\n\n### 2025-10-27\n* 05:06 Ana: Slack: x\n"
    assert [Message(1, at(27, 5, 6), "Ana", None, "Slack: x", None)] == parse_messages(text)


def test_text_that_is_no_message_is_kept() -> None:
    text = (
        "## Slack: x (2025-10-27 → 2025-11-02)\n\nIntro\n\n### Monday, October 27, 2025\n\n"
        "* 05:06 Ana: a list:\n  * 1:30 is early\n    * x\n\n  more\n* no time\nlazy\n"
        "### Unknown\n* 05:07 Bo: y\n"
    )
    assert [
        (None, None, "Intro"),
        (at(27, 5, 6), "Ana", "a list:\n1:30 is early\nx\n\nmore\nno time\nlazy"),
        (None, None, "Unknown"),
        (None, "Bo", "y"),
    ] == [(each.sent_at, each.author, each.text) for each in parse_messages(text)]


def test_each_line_of_the_example_is_a_message() -> None:
    count = 0
    for path in sorted(Path(EXAMPLE).rglob("sanitized/*.md")):
        text = path.read_text(encoding="utf-8")
        messages = parse_messages(text)
        written = re.findall(r"^( *)\* (?:↳ )?\d\d:\d\d ([^:(]+)", text, re.MULTILINE)
        assert [author.strip() for _, author in written] == [each.author for each in messages]
        assert [bool(indent) for indent, _ in written] == [
            bool(each.thread_position) for each in messages
        ]
        assert text.count("reactions:") == sum(1 for each in messages if each.reactions)
        assert all(each.sent_at and each.text for each in messages)
        assert "\\" not in "".join(each.text for each in messages)
        count += len(messages)
    assert count > 50


LINES = st.sampled_from(
    [
        *(
            "* 05:06 A{}: w{}",
            "* 05:06 A{} (thread replies: 1):",
            "  * ↳ 05:07 A{}: w{}",
            "w{}",
            "  w{}",
        ),
        *(
            "    * w{}",
            "  * image: w{}",
            "  * reactions: :w{}:x1",
            "* w{}",
            "* 05:06 w{}",
            "# w{}",
            "",
        ),
        *(
            "### 2025-10-28",
            "### 2025-02-30",
            "  * ↳ w{}",
            "* 99:99 A{}: w{}",
            "\tw{}",
            "* 05:06 w{}:w{}",
        ),
    ]
)


@given(st.lists(LINES))
def test_no_text_is_lost(forms: list[str]) -> None:
    number = iter(range(10_000))
    lines = [re.sub(r"\{\}", lambda _: f"{next(number)}x", form) for form in forms]
    messages = parse_messages("\n".join(["## Slack: x", *lines]))
    assert list(range(1, len(messages) + 1)) == [each.position for each in messages]
    for each in messages:
        assert each.text or each.author
        assert each.thread_position is None or each.thread_position < each.position
    told = " ".join(f"{each.author} {each.text} {each.reactions}" for each in messages)
    assert all(told.count(word) == 1 for word in re.findall(r"[wA]\d+x", " ".join(lines)))


@given(st.text() | st.binary() | st.lists(st.sampled_from(CAPTURE.splitlines())).map("\n".join))
def test_any_text_is_parsed(text: str | bytes) -> None:
    parse_messages(text)
