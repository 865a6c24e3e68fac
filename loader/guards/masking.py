"""Secrets in texts that are shown: `***` stands for what is known, and for what looks like one.

The last resort: no message is made of a secret, but those of drivers and stores may quote one.
"""

import json
import re
from collections.abc import Iterable, Iterator
from urllib.parse import quote, quote_plus, unquote

_HIDDEN = "***"
_SHORTEST = 4  # letters; words may contain what is shorter
# What Azure's libraries may quote of a connection string or a signature.
_PARTS = re.compile(r"(?:AccountKey|sig)=([^;&\s]+)")
_PASSWORD = r"(?i:password|passwd|pwd)"  # noqa: S105
# Between the first colon behind the // and the last @; without a //, as of a broken address.
_USERINFO = re.compile(r"(?:[^:/]*://)?[^:/]*:(?!//)(?P<password>.*)@", re.DOTALL)
_IN_QUERY = re.compile(rf"{_PASSWORD}=(?P<password>[^&#\s]*)")
# The example in messages about an address stays.
_IN_ADDRESS = re.compile(r"(://(?!user:pass@)[^\s:/@]*:)[^\s/]+(?=@)")
_AFTER_NAME = re.compile(rf"({_PASSWORD}(?:['\"]\s*:|\s*=)\s*)('[^']*'|\"[^\"]*\"|[^\s&'\",)]+)")


def passwords_in(address: str) -> set[str]:
    """Return the passwords in what may be the address of a database, as written."""
    readable = {address, re.sub("%[0-7][0-9A-Fa-f]", lambda found: unquote(found[0]), address)}
    found = {match["password"] for text in readable for match in _IN_QUERY.finditer(text)}
    if userinfo := _USERINFO.match(address):
        found.add(userinfo["password"])
    return found


def masked(secrets: Iterable[str], text: str) -> str:
    """Return a text without secrets.

    Args:
        secrets: As written. They are found in each form that drivers give them; if they are short,
            only as words of their own. What looks like a password in an address or behind its name
            is hidden without being known.
        text: What is to be shown.
    """
    forms = {form for secret in secrets for form in _forms(secret)}
    for form in sorted(forms, key=len, reverse=True):
        if len(form) >= _SHORTEST:
            text = text.replace(form, _HIDDEN)
        else:
            text = re.sub(rf"(?<!\w){re.escape(form)}(?!\w)", _HIDDEN, text)
    text = _IN_ADDRESS.sub(rf"\1{_HIDDEN}", text)
    return _AFTER_NAME.sub(rf"\1{_HIDDEN}", text)


def _forms(secret: str) -> Iterator[str]:
    """Yield a secret and its parts as written, decoded, encoded and quoted."""
    for part in {secret, *_PARTS.findall(secret)}:
        for plain in {part, unquote(part)} - {""}:
            yield from {plain, quote(plain, safe=""), quote_plus(plain)}
            yield from (repr(plain)[1:-1], json.dumps(plain)[1:-1])
