"""Parse the cues of WebVTT and SubRip transcripts, as written by Zoom, Teams and others."""

import re
from collections.abc import Iterator, Sequence

from loader.parsing.person_names import person_name
from loader.parsing.text import WHITE_SPACE
from loader.parsing.turn_lines import CLOCK, TurnStart, named_start, seconds

_TIMING = re.compile(rf"[ \t]*(?P<clock>{CLOCK})[ \t]*-+>[ \t]*{CLOCK}(?:[ \t].*)?", re.DOTALL)
_ID_WITH_NAME = re.compile(r'\d{1,9}[ \t]+"(?P<name>[^"]{1,200})".*', re.DOTALL)  # of Zoom
_ID = re.compile(r"\d{1,9}|[0-9a-fA-F-]{36}(?:[/_-].{0,40})?|[\w./-]{1,80}[/-]\d{1,9}")
_VOICE = re.compile(r"<v(?:\.[^\s<>]{0,100})?[ \t]+(?P<name>[^<>]{1,200})>", re.IGNORECASE)
_HEADER = re.compile(r"WEBVTT(?:[ \t].*)?|(?:Kind|Language|X-TIMESTAMP-MAP)[:=].*", re.DOTALL)
_COMMENT = re.compile(r"(?:NOTE|STYLE|REGION)(?:[ \t].*)?", re.DOTALL)


def has_cues(lines: Sequence[str]) -> bool:
    """Return whether a text has a timing line of a cue."""
    return any("->" in line and _TIMING.fullmatch(line) for line in lines)


def parse_cues(lines: Sequence[str]) -> Iterator[TurnStart]:
    """Yield the turns of a WebVTT or SubRip text: one for each cue, or for each voice of a cue.

    Text outside of cues belongs to the cue above, or to a turn without a speaker.
    """
    offset: int | None = None
    name: str | None = None
    payload: list[str] = []
    block: list[str] = []  # the lines since the last blank line
    is_comment = False
    for line in lines:
        text = line.strip(WHITE_SPACE)
        if "->" in line and (timing := _TIMING.fullmatch(line)):
            *rest, cue_id = block or [""]
            found = _ID_WITH_NAME.fullmatch(cue_id)
            if not found and not _ID.fullmatch(cue_id):
                rest.append(cue_id)
            yield from _turns(name, offset, [*payload, *rest])
            name = person_name(found["name"]) if found else None
            offset, payload, block, is_comment = seconds(timing["clock"]), [], [], False
        elif not text:
            payload += block
            block, is_comment = [], False
        elif not block and (_HEADER.fullmatch(text) if offset is None else False):
            continue
        elif is_comment or (not block and _COMMENT.fullmatch(text)):
            is_comment = True
        else:
            block.append(text)
    yield from _turns(name, offset, [*payload, *block])


def _turns(name: str | None, offset: int | None, payload: Sequence[str]) -> Iterator[TurnStart]:
    """Yield the turns of one cue."""
    text = "\n".join(payload).strip(WHITE_SPACE)
    if not text:
        return
    first, *others = _VOICE.split(text)
    if first.strip(WHITE_SPACE):
        named = None if name else named_start(first.strip(WHITE_SPACE))
        speaker, said = (named.speaker, named.text) if named else (name, first)
        yield TurnStart(speaker, offset, said)
    for speaker, said in zip(others[::2], others[1::2], strict=True):
        yield TurnStart(person_name(speaker), offset, said)
