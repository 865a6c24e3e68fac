"""Replace known secrets, and text that looks like a secret, by `***`.

This is the last resort: our messages contain no secrets, but drivers and stores may quote one.
"""

import json
import re
from collections.abc import Iterable, Iterator
from urllib.parse import quote, quote_plus, unquote

_HIDDEN = "***"
_SHORTEST = 4  # characters; ordinary words may contain shorter secrets
# Parts of a connection string or a signature that Azure's libraries may quote.
_PARTS = re.compile(r"(?:AccountKey|sig)=([^;&\s]+)")
_PASSWORD = r"(?i:password|passwd|pwd)"  # noqa: S105
# From the first colon after the // to the last @; also without //, as in a broken address.
_USERINFO = re.compile(r"(?:[^:/]*://)?[^:/]*:(?!//)(?P<password>.*)@", re.DOTALL)
_IN_QUERY = re.compile(rf"{_PASSWORD}=(?P<password>[^&#\s]*)")
# Keep the example in messages about an address.
_IN_ADDRESS = re.compile(r"(://(?!user:pass@)[^\s:/@]*:)[^\s/]+(?=@)")
_AFTER_NAME = re.compile(rf"({_PASSWORD}(?:['\"]\s*:|\s*=)\s*)('[^']*'|\"[^\"]*\"|[^\s&'\",)]+)")


def passwords_in(address: str) -> set[str]:
    """Return the passwords, as written, in a text that may be a database's address."""
    readable = {address, re.sub("%[0-7][0-9A-Fa-f]", lambda found: unquote(found[0]), address)}
    found = {match["password"] for text in readable for match in _IN_QUERY.finditer(text)}
    if userinfo := _USERINFO.match(address):
        found.add(userinfo["password"])
    return found


def masked(secrets: Iterable[str], text: str) -> str:
    """Return a text without secrets.

    Args:
        secrets: The secrets as written. Each form that drivers use is replaced; short secrets only
            as whole words. Text that looks like a password is replaced even if it is not a known
            secret.
        text: The text to show.
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
