r"""Check addresses of blobs on Vercel Blob.

urllib and urllib3 find different hosts in one address (`https://a\@b/`), and the token goes to the
host. So we use no parser: an address is a literal origin, a slash, and a path that all parsers read
in the same way. Exactly this text is sent.
"""

import re

HOST = ".blob.vercel-storage.com"
_PLAIN = r"[^\s\x00-\x20\x7f-\x9f\ud800-\udfff\\#]"
# No empty part, no `.` or `..`, and no percent-encoded slash or control character.
_PATH = re.compile(
    rf"(?:/(?!\.{{1,2}}(?:[/?]|$))(?:(?!%(?:[01]|2[EeFf]|5[Cc]|7[Ff]))(?![/?]){_PLAIN})+)+"
    rf"(?:\?{_PLAIN}*)?"
)
_ORIGIN = re.compile(
    rf"https://[a-z0-9]{{1,63}}\.(?P<kind>private|public){re.escape(HOST)}"
    r"|http://(?:localhost|127\.0\.0\.1)(?::[0-9]{1,5})?"  # a test server on this machine
)


def is_at(url: str, origin: str) -> bool:
    """Return whether an address consists of the origin, such as `https://host`, and a path."""
    return url.startswith(f"{origin}/") and bool(_PATH.fullmatch(url, len(origin)))


def kind_of(url: str) -> str | None:
    """Return `private` or `public` for an address of any store, "" for a test server's.

    Return None for any other address.
    """
    origin = _ORIGIN.match(url)
    return (origin["kind"] or "") if origin and is_at(url, origin[0]) else None
