import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loader.parsing.transcript_turns import Participant, Turn, parse_participants, parse_turns
from tests.support.project import ROOT

EXAMPLE = ROOT / "examples/orchestrator/transcripts/markdown-output"
ORCHESTRATOR = """# October 13, 2025

## Meeting Participants

- Ana Reyes
- Bo

## 0:00 - Ana Reyes
Fixed search &amp; filter &lt;UTC+8&gt;.

Two <i>lines</i>&nbsp;of <code>GET /api</code> O&#39;Neil.

## 0:37 - Bo
### deeper

## 0:20 - Ana Reyes
Times go backward.

##  - Cy de la Cruz
No time.

## 1:02:03 -
Nobody.

---

*Transcript processed on 11/22/2026, 1:27:53 PM*
"""


def test_a_transcript_of_the_orchestrator() -> None:
    turns = parse_turns("standup 10-13-2025.md", ORCHESTRATOR)
    assert [
        Turn(1, "Ana Reyes", 0, "Fixed search & filter <UTC+8>.\n\nTwo lines of GET /api O'Neil."),
        Turn(2, "Bo", 37, "### deeper"),
        Turn(3, "Ana Reyes", 20, "Times go backward."),
        Turn(4, "Cy de la Cruz", None, "No time."),
        Turn(5, None, 3723, "Nobody."),
    ] == turns
    assert turns == parse_turns("x.md", ORCHESTRATOR.replace("\n", "\r\n").encode())
    assert [
        Participant("Ana Reyes", 2, 13),
        Participant("Bo", 1, 1),
        Participant("Cy de la Cruz", 1, 2),
    ] == parse_participants(ORCHESTRATOR, turns)


TWO = [(83, "Ana Reyes", "Hello: at 10:30"), (3723, "Bo", "Yes.")]
FORMS = {
    "zoom.vtt": (
        "WEBVTT\n\n1\n00:01:23.000 --> 00:01:25.000\nAna Reyes: Hello: at 10:30\n\n"
        "2\n01:02:03.500 --> 01:02:04.000\nBo: Yes.\n"
    ),
    "zoom-ids.vtt": (
        'WEBVTT\n\n1 "Ana Reyes" (3372)\n01:23.000 --> 01:25.000\nHello: at 10:30\n\n'
        '2 "Bo" (17)\n01:02:03.500 --> 01:02:04.000\nYes.\n'
    ),
    "teams.vtt": (
        "\ufeffWEBVTT\n\nNOTE from Teams\n\n5a1b6c7d-0000-4000-8000-abcdefabcdef/12-0\n"
        "00:01:23.000 --> 00:01:25.000\n<v Ana Reyes>Hello: at\n10:30</v>\n\n"
        "01:02:03.500 --> 01:02:04.000 align:left\n<v.loud Bo><c.red>Yes.</c></v>\n"
    ),
    "subrip.srt": (
        "1\n00:01:23,000 --> 00:01:25,000\nAna Reyes: Hello: at 10:30\n\n"
        "2\n01:02:03,500 --> 01:02:04,000\nBo: Yes.\n"
    ),
    "fathom.txt": (
        "Weekly - April 16\nVIEW RECORDING - 31 mins (No highlights): https://x.example/1\n\n---\n\n"
        "1:23 - Ana Reyes\n  Hello: at 10:30\n\n1:02:03 - Bo\n  Yes.\n"
    ),
    "fathom.md": (
        "# Weekly\n[@1:23](https://x.example/?t=1) - **Ana Reyes**\nHello: at 10:30\n\n"
        "@1:02:03 - **Bo**\nYes.\n"
    ),
    "teams.md": (
        "Weekly sync-20260615_133555-Meeting Transcript\n15 June 2026, 03:35am\n27m 42s\n"
        "Ana Reyes started transcription\nAna Reyes   1:23\nHello: at 10:30\nBo   1:02:03\nYes.\n"
        "Ana Reyes stopped transcription\n"
    ),
    "otter.txt": (
        "Ana Reyes  1:23  \nHello: at 10:30\n\nBo 1:02:03\nYes.\n\nTranscribed by https://otter.ai\n"
    ),
    "brackets.md": "[00:01:23] Ana Reyes: Hello: at 10:30\n[01:02:03] **Bo**: Yes.\n",
    "brackets below.md": "[00:01:23] Ana Reyes:\nHello: at 10:30\n\n(01:02:03) Bo\nYes.\n",
    "bold.md": "**Ana Reyes** (1:23): Hello: at 10:30\n\n**Bo** [1:02:03]\nYes.\n",
    "bold around.md": "**Ana Reyes (1:23):** Hello: at 10:30\n**[1:02:03] Bo:** Yes.\n",
    "zoom.txt": "[Ana Reyes] 00:01:23\nHello: at 10:30\n\n[Bo] 01:02:03\nYes.\n",
    "headings.md": "### Ana Reyes (1:23)\nHello: at 10:30\n### Bo - 1:02:03\nYes.\n",
    "meet.md": (
        "# 📖 Transcript\n\n### 00:01:23\n\n**Ana Reyes:** Hello: at 10:30\n\n### 01:02:03\n\n"
        "**Bo:** Yes.\n\n### Transcription ended after 01:30:59\n\n*This editable transcript was "
        "computer generated and might contain errors. People can also change the text after it "
        "was created.*\n"
    ),
    "meet.txt": "Sync - Transcript\n00:01:23\nAna Reyes: Hello: at 10:30\n01:02:03\nBo: Yes.\n",
}


@pytest.mark.parametrize("name", FORMS)
def test_forms(name: str) -> None:
    turns = parse_turns(name, FORMS[name])
    said = [(turn.offset_seconds, turn.speaker, turn.text.replace("\n", " ")) for turn in turns]
    assert TWO == said
    assert [1, 2] == [turn.position for turn in turns]


@pytest.mark.parametrize(
    "line",
    [
        *("- [0:37] Ana Reyes: hi", "> **Ana Reyes** (0:37): hi", "(0:37) **Ana Reyes**: hi"),
        *(
            "[0:37.000 --> 0:43.000] Ana Reyes: hi",
            "Ana Reyes (00:37 - 00:43):\nhi",
            "0:37 Ana Reyes: hi",
        ),
        *(
            "**0:37 Ana Reyes**\nhi",
            "**Ana Reyes** `0:37`\nhi",
            "Ana Reyes, 0:37\nhi",
            "0:37 - Ana Reyes: hi",
        ),
        *("Ana Reyes | 0:37\nhi", "**Ana Reyes** _(0:37)_\nhi", "**Ana Reyes** - 0:37\nhi"),
    ],
)
def test_other_spellings_of_a_time(line: str) -> None:
    assert [Turn(1, "Ana Reyes", 37, "hi")] == parse_turns("x.md", f"# Sync\n\n{line}\n")


def test_several_voices_of_a_cue_and_text_outside() -> None:
    text = (
        "WEBVTT\n\nan opening\n\n00:01.000 --> 00:02.000\n<v Ana>One</v>\n<v Bo>Two</v>\n\n"
        "a tail\n\n1\n00:03.000 --> 00:04.000\n\n00:05.000 --> 00:06.000\nno name\n"
    )
    assert [
        Turn(1, None, None, "an opening"),
        Turn(2, "Ana", 1, "One"),
        Turn(3, "Bo", 1, "Two\na tail"),
        Turn(4, None, 5, "no name"),
    ] == parse_turns("x.vtt", text)


def test_names_without_times_need_evidence() -> None:
    talk = "# Sync\n\nAna: Hi\nBo: Ho\nAna: Hu\nNote: x\n"
    assert [("Ana", "Hi"), ("Bo", "Ho"), ("Ana", "Hu\nNote: x")] == told(talk)
    listed = "# Sync\n\n**Participants**: Ana, Bo Li\n\nAna: Hi\nDecision two: wait\n"
    assert [("Ana", "Hi\nDecision two: wait")] == told(listed)
    assert ["Ana", "Bo Li"] == [each.name for each in parse_participants(listed, [])]
    minutes = "# Minutes\n\nBudget: we wait\nRelease: on Friday\n"
    assert [(None, "Budget: we wait\nRelease: on Friday")] == told(minutes)


@pytest.mark.parametrize(
    "line",
    [
        "we meet at 10:30",
        "See you at 10:30",
        "10:30 we met",
        "[10:30](https://x.example) is it",
        "the talk (0:37): good",
        "see https://x.example:8080/1",
        "at 1:2",
    ],
)
def test_a_time_in_a_sentence_begins_no_turn(line: str) -> None:
    assert [("Ana", f"a\n{line}\nb")] == told(f"[00:01] Ana: a\n{line}\nb\n")


def test_text_above_and_between_turns_has_no_speaker() -> None:
    text = (
        "---\ntitle: Sync\ndate: 2025-10-13\n---\n# Sync\nDate: October 13, 2025\n\n## Summary\n\n"
        "All is well.\n\n## 0:00 - Ana\nHi.\n\n## Action items\n- Bo: tests\n\n## Attendees\n- A\n"
    )
    assert [
        (
            None,
            "title: Sync\ndate: 2025-10-13\nSync\nDate: October 13, 2025\nSummary\nAll is well.",
        ),
        ("Ana", "Hi."),
        (None, "Action items\n- Bo: tests"),
    ] == told(text)


@pytest.mark.parametrize(
    ("raw", "seen"),
    [
        ("a &lt;b&gt; c", "a <b> c"),
        ("<b>a</b><br>b<br/>c", "a\nb\nc"),
        ("&amp;lt; &copy; &#x1F600; &nope;", "&lt; © 😀 &nope;"),
        ("List<Item> x < y > z <UTC+8>", "List<Item> x < y > z <UTC+8>"),
        ("<a href='x'>a</a> <p>b</p>", "a\nb"),
        ("&#" + "9" * 5000 + ";", "&#" + "9" * 5000 + ";"),
        ("C:\\temp\\new {x}", "C:\\temp\\new {x}"),
    ],
)
def test_text_as_people_see_it(raw: str, seen: str) -> None:
    said = " ".join(parse_turns("x.md", f"## 0:00 - Ana\n{raw}\n")[0].text.split())
    assert " ".join(seen.split()) == said


@pytest.mark.parametrize("name", ["undefined", "", "N/A", "x" * 300])
def test_no_name(name: str) -> None:
    turns = parse_turns("x.md", f"## 0:05 - Ana\n## 0:00 - {name}\na")
    assert [
        Turn(1, "Ana", 5, ""),
        Turn(2, None, 0, f"{name}\na" if len(name) > 200 else "a"),
    ] == turns


def test_each_heading_of_the_example_is_a_turn() -> None:
    count = 0
    for path in sorted(Path(EXAMPLE).rglob("*.md")):
        text = path.read_text(encoding="utf-8")
        headings = re.findall(r"^## ([\d:]*) - (.+)$", text, re.MULTILINE)
        turns = parse_turns(path.name, text)
        assert [speaker for _, speaker in headings] == [turn.speaker for turn in turns]
        assert all(turn.text for turn in turns)
        assert [not clock for clock, _ in headings] == [
            turn.offset_seconds is None for turn in turns
        ]
        people = parse_participants(text, turns)
        assert len(turns) == sum(person.turns for person in people)
        listed = text.partition("## Meeting Participants")[2].partition("##")[0]
        assert (
            re.findall("- (.+)", listed)
            == [person.name for person in people][: len(listed.split("- ")) - 1]
        )
        count += len(turns)
    assert count > 500


SPEAKERS = st.sampled_from(
    ["Ana Reyes", "Bo", "小龍", "Cy de la Cruz", "Speaker 1", "Nguyễn Văn An"]
)
WORDS = st.lists(st.sampled_from(["wörd", "10:30", "it's", "#482", "a:", "- x", "<b>"]), min_size=1)
TURNS = st.lists(st.tuples(SPEAKERS, st.integers(0, 359_999), WORDS), min_size=1, max_size=8)


def clock(seconds: int) -> str:
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"


WRITTEN = {
    "heading": "## {clock} - {speaker}\n{text}\n\n",
    "brackets": "[{clock}] {speaker}: {text}\n",
    "bold": "**{speaker}** ({clock}): {text}\n\n",
    "behind": "{speaker}   {clock}\n{text}\n\n",
    "Fathom": "{clock} - {speaker}\n  {text}\n\n",
    "voice": "{clock}.000 --> {clock}.999\n<v {speaker}>{text}</v>\n\n",
    "cue": "{clock},000 --> {clock},999\n{speaker}: {text}\n\n",
}


@given(st.sampled_from(sorted(WRITTEN)), TURNS)
def test_turns_come_back_as_they_were_said(
    form: str, said: list[tuple[str, int, list[str]]]
) -> None:
    text = "# Sync\n\n" * (form not in {"voice", "cue"}) + "".join(
        WRITTEN[form].format(clock=clock(seconds), speaker=speaker, text=" ".join(words))
        for speaker, seconds, words in said
    )
    expected = [
        (speaker, seconds, " ".join(" ".join(words).replace("<b>", "").split()))
        for speaker, seconds, words in said
    ]
    assert expected == [
        (turn.speaker, turn.offset_seconds, " ".join(turn.text.split()))
        for turn in parse_turns("x.md", text)
    ]


LINES = st.sampled_from(
    [
        *(
            "w{}",
            "w{}: w{}",
            "- w{}",
            "# w{}",
            "## 0:05 - W{}",
            "## - W{}",
            "### 0:01",
            "0:02",
            "",
        ),
        *("[0:01] W{}: w{}", "**W{}** (0:37): w{}", "W{}  0:37", "W{} 0:37", "0:00 - W{}", "---"),
        *("1", "00:01.000 --> 00:02.000", "<v W{}>w{}</v>", "w{}</v>", "NOTE", "W{}: w{}", "```"),
        *(
            "## Participants",
            "Attendees: W{}, W{}",
            "WEBVTT",
            "**W{}:** w{}",
            "[w{}]",
            "w{} &amp; w{}",
        ),
    ]
)


FIRST = {"x.md": "## 0:09 - First", "x.txt": "[0:09] First: a", "x.vtt": "WEBVTT"}


@given(st.sampled_from(sorted(FIRST)), st.lists(LINES))
def test_no_text_is_lost_between_turns(name: str, forms: list[str]) -> None:
    number = iter(range(10_000))
    lines = [re.sub(r"\{\}", lambda _: f"{next(number)}x", form) for form in forms]
    if name == "x.txt":  # headings that start turns would change its form
        lines = [line for line in lines if not re.match("## (0:05 )?-", line)]
    text = "\n".join([FIRST[name], *lines])
    turns = parse_turns(name, text)
    assert list(range(1, len(turns) + 1)) == [turn.position for turn in turns]
    people = [person.name for person in parse_participants(text, turns)]
    told = "\n".join([*(f"{turn.speaker}\n{turn.text}" for turn in turns), *people])
    if "NOTE" in forms or (name == "x.vtt" and "-->" not in text):
        return  # a comment; a text without turns, whose title does not count
    for word in re.findall(r"[wW]?\d+x", text):
        assert word in told, word


@given(st.sampled_from(["x.md", "x.vtt"]), st.text() | st.binary())
def test_any_text_is_parsed(name: str, text: str | bytes) -> None:
    for turn in parse_turns(name, text):
        assert turn.text or turn.speaker
    parse_participants(text, [])


def told(text: str) -> list[tuple[str | None, str]]:
    return [(turn.speaker, turn.text) for turn in parse_turns("x.md", text)]
