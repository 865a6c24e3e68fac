"""Rules for the address of a database, for the loader and for dbt.

profiles.yml cannot import this module, so `make profile` writes a copy of these rules into it.
"""

import re
from typing import NamedTuple

# libpq's options that are fields of dbt's profile, and those that reach dbt's libpq only through
# the environment: PGCHANNELBINDING, PGREQUIREAUTH.
OPTIONS = ("sslmode", "sslrootcert", "sslcert", "sslkey")
FROM_ENVIRONMENT = ("channel_binding", "require_auth")
_ALL = (*OPTIONS, *FROM_ENVIRONMENT)
_SSLMODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
_BINDINGS = ("disable", "prefer", "require")
_PORT = "(?:6553[0-5]|655[0-2][0-9]|65[0-4][0-9]{2}|6[0-4][0-9]{3}|[1-5][0-9]{4}|[1-9][0-9]{0,3})"
_QUERY = r"^[^?]*\?(?:.*&)?"  # the text before an option
_HOST = "://(?:[^@/?]*@)?(?![^/?]*@)"  # the text before the host
_UTF_8 = (
    "[^%]|%[0-7].|(?:%c[2-9a-f]|%d.|%e0%[ab].|%ed%[89].|%e[1-9a-cef]%[89ab].|%f0%[9ab].%[89ab]."
    "|%f[1-3]%[89ab].%[89ab].|%f4%8.%[89ab].)%[89ab]."
)

PATTERN = re.compile(
    r"postgres(?:ql)?://(?:(?P<user>[^:@/?]*)(?::(?P<password>[^:@/?]*))?@)?"
    r"(?P<host>\[[0-9A-Fa-f:.]+\]|%2[Ff][^:@/?]*|[\w.-]+)(?::(?P<port>[0-9]+))?"
    r"/(?P<database>[^@/?]+)(?:\?(?P<query>.+))?"
)
POOLED = re.compile(r"^([^./]+)-(?i:pooler)(?=\.|$)")


def _one_of(words: tuple[str, ...]) -> str:
    return f"one of {', '.join(words)}"


class Rule(NamedTuple):
    """A pattern that no valid address contains, and the problem if it does.

    `{key}` stands for the group of this name, the name of an option.
    """

    pattern: str
    problem: str


# The order matters: each rule relies on those above. No message contains a part of the address
# that may hold a password.
RULES = (
    Rule(r"^psql\s", "leave out psql and the quotes"),
    Rule("^['\"]|['\"]$", "leave out the quotes around it"),
    Rule("^(?!postgres(?:ql)?://)", "it does not begin with postgresql://"),
    Rule(r"[\s\x00-\x1f\x7f-\x9f]", "a blank or a line break is in it; write a blank as %20"),
    Rule("#", "write # as %23"),
    Rule("%(?![0-9A-Fa-f]{2})", "write a percent sign that stands for itself as %25"),
    Rule("%(?:[01]|7[Ff])", "a control character is in it, behind a percent sign"),
    Rule(f"(?i)^(?!(?:{_UTF_8})*$)", "what its percent signs stand for is no UTF-8"),
    Rule("://[^@]*@[^@]*@", "it has more than one @; in a user or password, write @ as %40"),
    Rule("://[^@]*[/?][^@]*@", "before the @, write / as %2F and ? as %3F"),
    Rule("://[^:@]*:[^:@]*:[^@]*@", "in a user or password, write : as %3A"),
    Rule(f"{_HOST}[^/?]*(?:,|%2[Cc])", "it names several hosts; name one"),
    Rule(f"{_HOST}(?::[0-9]*)?(?:[/?]|$)", "the host is missing, after // or @"),
    Rule(rf"{_HOST}[^\[/?:]*:[^/?:]*:", "an IPv6 address stands in brackets: [::1]"),
    Rule(
        rf"{_HOST}(?:\[[^/?]*\]|[^\[/?:]*):(?!{_PORT}(?:[/?]|$))",
        "the port is no number from 1 to 65535",
    ),
    Rule(f"{_HOST}(?!%2[Ff])[^/?]*%", "only a folder as the host has percent signs: %2Ftmp"),
    Rule(r"://[^/?]*/?(?:\?|$)", "the name of the database is missing, after the host and a /"),
    Rule(r"://[^/?]*/[^/?]*/", "leave out the / after the name of the database"),
    Rule(rf"{_QUERY}(?:&|$)", "leave out the ? or & that no option follows"),
    Rule(rf"{_QUERY}[^=&]*(?:&|$)", "after the ?, an option is name=value"),
    Rule(
        rf"{_QUERY}(?!\w{{1,40}}=)", "write the names of options in letters, without percent signs"
    ),
    Rule(rf"{_QUERY}(?P<key>\w+)=(?:&|$)", "the option {key} is empty"),
    Rule(rf"{_QUERY}(?P<key>\w+)=[^=&]*=", "in the option {key}, write = as %3D"),
    Rule(rf"{_QUERY}(?P<key>\w+)=(?:.*&)?(?P=key)=", "the option {key} is there twice"),
    Rule(f"{_QUERY}ssl=", "write sslmode=require for ssl=true"),
    Rule(
        f"{_QUERY}(?P<key>user|password|host|port|dbname)=",
        "{key} stands before the ?: postgresql://user:pass@host:port/db",
    ),
    Rule(
        rf"{_QUERY}(?!(?:{'|'.join(_ALL)})=)(?P<key>\w+)=",
        f"leave out the option {{key}}; there are {', '.join(_ALL)}",
    ),
    Rule(
        f"{_QUERY}sslmode=(?!(?:{'|'.join(_SSLMODES)})(?:&|$))", f"sslmode is {_one_of(_SSLMODES)}"
    ),
    Rule(
        f"{_QUERY}channel_binding=(?!(?:{'|'.join(_BINDINGS)})(?:&|$))",
        f"channel_binding is {_one_of(_BINDINGS)}",
    ),
    Rule(
        f"{_QUERY}require_auth=(?![a-z0-9!,-]+(?:&|$))",
        "require_auth lists methods, such as scram-sha-256",
    ),
    Rule(
        f"^(?!{PATTERN.pattern}$)",
        "it is not of the form below, or has a character that must be percent-encoded",
    ),
)


def problem_of(url: str) -> str | None:
    """Return the problem of an address, without repeating the address; None if it is valid."""
    for rule in RULES:
        if found := re.search(rule.pattern, url):
            return rule.problem.format(**found.groupdict())
    return None


def variable_of(option: str) -> str:
    """Return the environment variable for a libpq option in FROM_ENVIRONMENT."""
    return f"PG{option.replace('_', '').upper()}"
