"""Escape control characters and invisible characters.

Without escapes, a report's text could clear the screen, write to the operator's clipboard (OSC 52)
or reverse the direction of a line. Escaped are C0 and C1 controls, DEL, line and paragraph
separators, bidirectional and invisible characters, and lone surrogates. The joiners of emoji and
scripts are kept.
"""

import re

_UNSAFE = (
    "\\x00-\\x09\\x0b-\\x1f\\x7f-\\x9f\\xad\\u061c\\u180e\\u200b\\u200e\\u200f\\u2028-\\u202e"
    "\\u2060-\\u206f\\ufeff\\ufff9-\\ufffb\\ud800-\\udfff\\U000e0000-\\U000e007f"
)
_IN_TEXT = re.compile(f"[{_UNSAFE}]")
_IN_LINE = re.compile(f"[\\n{_UNSAFE}]")
_BEYOND_BMP = 0x10000


def escaped(text: str) -> str:
    r"""Return a text with escapes such as `\x1b` and `\u202e`; line feeds stay."""
    return text if text.isprintable() else _IN_TEXT.sub(_python_escape, text)


def escaped_line(text: str) -> str:
    r"""Return a text as one line, with escapes also for line feeds (`\n`)."""
    return text if text.isprintable() else _IN_LINE.sub(_python_escape, text)


def escaped_json(document: str) -> str:
    r"""Return an equivalent JSON document with JSON's escapes in its strings."""
    return _IN_TEXT.sub(_json_escape, document)


def _python_escape(match: re.Match[str]) -> str:
    return match[0].encode("unicode_escape").decode()


def _json_escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < _BEYOND_BMP:
        return f"\\u{code:04x}"
    high, low = divmod(code - _BEYOND_BMP, 0x400)
    return f"\\u{0xD800 + high:04x}\\u{0xDC00 + low:04x}"
