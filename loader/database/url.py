"""The address of a PostgreSQL database: what drivers take, and what a message may show.

Hand-written: what the loader accepts must be what profiles.yml accepts, and SQLAlchemy's `make_url`
accepts more (no host, two @, no database) and decodes neither host nor database.
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import quote, unquote, urlsplit

import certifi

# The pattern of profiles.yml, to the letter: the loader accepts what dbt accepts.
URL_PATTERN = re.compile(
    r"postgres(?:ql)?://(?:(?P<user>[^:@/?#\s]*)(?::(?P<password>[^:@/?#\s]*))?@)?"
    r"(?P<host>\[[0-9A-Fa-f:.]+\]|[^:@/?#\[\]\s]+)(?::(?P<port>\d{1,5}))?"
    r"/(?P<database>[^/?#\s]+)(?:\?(?P<query>[^#\s]*))?"
)
_SHORTEST_SECRET = 4
_PINNED = ("client_encoding", "options")
# A pooler refuses these before anything is read.
_OPTIONS = "-c datestyle=ISO -c intervalstyle=postgres -c timezone=UTC"
_POOLED = re.compile(r"^([^./]+)-pooler(?=\.|$)")


@dataclass(frozen=True, slots=True)
class DatabaseUrl:
    """A PostgreSQL address on its direct host. Its `repr` and `str` hide the password.

    Args:
        url: What drivers take.
        host: Host name, address or socket folder, decoded.
        port: As given; None for the default.
        database: Decoded.
        was_pooled: Whether `-pooler` was taken off the host: Neon's pooled host runs each
            transaction on any session, which loading, dbt and advisory locks cannot use.
        schema: Where a table is whose name has no schema.
    """

    url: str = field(repr=False)
    host: str
    port: int | None
    database: str
    was_pooled: bool = False
    schema: str = "public"

    def __str__(self) -> str:
        """Host and database, without user and password."""
        return f"{self.host}{f':{self.port}' if self.port else ''}/{self.database}"

    @property
    def pinned(self) -> str:
        """The address for drivers, with settings that no role, database or shell changes."""
        base, _, query = self.url.partition("?")
        given = [each.partition("=") for each in query.split("&") if each]
        kept = [f"{key}={value}" for key, _, value in given if key not in _PINNED]
        options = [unquote(value) for key, _, value in given if key == "options"]
        pins = quote(" ".join([*options, _OPTIONS, f"-c search_path={self.schema}"]), safe="")
        return f"{base}?{'&'.join([*kept, 'client_encoding=utf8', f'options={pins}'])}"

    @property
    def user(self) -> str:
        """The user, decoded; empty if the address names none."""
        return unquote(urlsplit(self.url).username or "")

    @property
    def is_local(self) -> bool:
        """Whether the host is this machine."""
        return self.host.startswith("/") or self.host in ("localhost", "127.0.0.1", "::1")

    def redacted(self, text: str) -> str:
        """A driver's message without the password, as written or decoded."""
        return without(passwords(self.url), text)

    @property
    def fingerprint(self) -> str:
        """Eight hex digits that tell databases apart, whoever connects."""
        identity = f"{self.host}:{self.port or 5432}/{self.database}"
        return hashlib.sha256(identity.encode()).hexdigest()[:8]


def parse_database_url(url: str) -> DatabaseUrl:
    """Parse an address and replace a pooled host by the direct one.

    Raises:
        ValueError: It is malformed; the message does not repeat it.
    """
    parts = URL_PATTERN.fullmatch(url.strip())
    if not parts:
        message = "it is not of the form below, or has a character that must be percent-encoded"
        raise ValueError(message)
    if re.search("%(?![0-9A-Fa-f]{2})|%00", url):
        message = "a percent sign stands for itself only as %25, and %00 for nothing"
        raise ValueError(message)
    host = parts["host"]
    direct = _POOLED.sub(r"\1", host)
    start, end = parts.span("host")
    _, _, written = f"{parts.string[:start]}{direct}{parts.string[end:]}".partition("://")
    return DatabaseUrl(
        url=f"postgresql://{written}{_bundled_certificates(parts['query'] or '')}",
        host=unquote(direct.strip("[]"), errors="strict"),
        port=int(parts["port"]) if parts["port"] else None,
        database=unquote(parts["database"], errors="strict"),
        was_pooled=direct != host,
    )


def _bundled_certificates(query: str) -> str:
    """Return the option that pip's libpq needs to verify certificates: it finds none itself."""
    if "sslmode=verify" not in query or "sslrootcert=" in query:
        return ""
    return f"&sslrootcert={quote(certifi.where(), safe='')}"


def passwords(url: str) -> set[str]:
    """Return the passwords in what may be an address, as written and decoded."""
    found = re.findall(r"(?<=password=)[^&#\s]*", url)
    if userinfo := re.match(r"[^:/]*://[^:/]*:(.*)@", url):
        found.append(userinfo[1])
    return {form for password in found for form in (password, unquote(password)) if password}


def without(secrets: Iterable[str], text: str) -> str:
    """Replace secrets by `***`, except those of three letters, which words may contain."""
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, "***") if len(secret) >= _SHORTEST_SECRET else text
    return text
