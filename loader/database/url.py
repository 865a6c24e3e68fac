"""Parse the address of a PostgreSQL database, for drivers and for messages.

Hand-written, because the loader must accept the same addresses as profiles.yml. SQLAlchemy's
`make_url` accepts more (no host, two @, no database) and decodes neither host nor database.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, unquote

import certifi

from loader.database.url_rules import FROM_ENVIRONMENT, PATTERN, POOLED, problem_of, variable_of
from loader.guards.masking import masked, passwords_in

# A pooler refuses these options at the start of a connection.
_SETTINGS = "-c datestyle=ISO -c intervalstyle=postgres -c timezone=UTC"


@dataclass(frozen=True, slots=True)
class DatabaseUrl:
    """A PostgreSQL address with its direct host. The `repr` and `str` hide the password.

    Args:
        url: The address for drivers.
        host: Host name, address or socket folder, decoded.
        port: The port as given; None for the default.
        database: The database's name, decoded.
        user: The user's name, decoded; empty if the address has none.
        options: The options after the question mark.
        was_pooled: Whether `-pooler` was removed from the host. Neon's pooled host runs each
            transaction on any session, which loading, dbt and advisory locks cannot use.
        schema: The default schema for table names without a schema.
    """

    url: str = field(repr=False)
    host: str
    port: int | None
    database: str
    user: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    was_pooled: bool = False
    schema: str = "public"

    def __str__(self) -> str:
        """Return host and database, without user and password."""
        return f"{self.host}{f':{self.port}' if self.port else ''}/{self.database}"

    @property
    def pinned(self) -> str:
        """Return the address for drivers, with settings that no role or environment overrides."""
        given = "&" if self.options else "?"
        pins = quote(f"{_SETTINGS} -c search_path={self.schema}", safe="")
        return f"{self.url}{given}client_encoding=utf8&options={pins}"

    @property
    def environment(self) -> Mapping[str, str]:
        """Return the libpq variables for options that dbt's profile has no field for."""
        given = (key for key in FROM_ENVIRONMENT if key in self.options)
        return {variable_of(key): self.options[key] for key in given}

    @property
    def is_local(self) -> bool:
        """Return whether the host is this machine."""
        return self.host.startswith("/") or self.host in ("localhost", "127.0.0.1", "::1")

    def redacted(self, text: str) -> str:
        """Return a driver's message without the password."""
        return masked(passwords_in(self.url), text)

    @property
    def fingerprint(self) -> str:
        """Return eight hex digits that identify a database, the same for every user."""
        identity = f"{self.host}:{self.port or 5432}/{self.database}"
        return hashlib.sha256(identity.encode()).hexdigest()[:8]


def parse_database_url(url: str) -> DatabaseUrl:
    """Parse an address and replace a pooled host by the direct one.

    Raises:
        ValueError: The address is malformed; the message does not repeat it.
    """
    text = url.strip()
    problem = problem_of(text)
    parts = PATTERN.fullmatch(text)
    if problem or not parts:
        raise ValueError(problem)
    host = POOLED.sub(r"\1", parts["host"])
    start, end = parts.span("host")
    given = parts["query"].split("&") if parts["query"] else []
    options = {key: unquote(value) for key, _, value in (each.partition("=") for each in given)}
    if options.get("sslmode", "").startswith("verify") and "sslrootcert" not in options:
        # The libpq of psycopg's wheel does not find the system's certificates.
        options["sslrootcert"] = certifi.where()
    query = "&".join(f"{key}={quote(value, safe='')}" for key, value in options.items())
    before = text[:start].partition("://")[2]
    behind = text[end:].partition("?")[0]
    return DatabaseUrl(
        url=f"postgresql://{before}{host}{behind}{'?' if query else ''}{query}",
        host=unquote(host.strip("[]")),
        port=int(parts["port"]) if parts["port"] else None,
        database=unquote(parts["database"]),
        user=unquote(parts["user"] or ""),
        options=options,
        was_pooled=host != parts["host"],
    )
