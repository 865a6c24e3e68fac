"""The loader and dbt read every form of an address alike, or both reject it."""

import os
import re
from collections.abc import Iterator, Mapping
from typing import Any
from unittest import mock

import adbc_driver_postgresql.dbapi
import certifi
import psycopg
import psycopg2  # type: ignore[import-untyped]
import pytest
import yaml
from dbt.adapters.contracts.connection import Connection, ConnectionState, Identifier
from dbt.adapters.exceptions.connection import FailedToConnectError
from dbt.adapters.postgres.connections import PostgresConnectionManager, PostgresCredentials
from dbt.config.renderer import ProfileRenderer
from dbt.exceptions import EnvVarMissingError
from dbt_common.context import set_invocation_context
from jinja2 import Environment
from psycopg.conninfo import conninfo_to_dict
from psycopg2.extensions import make_dsn, parse_dsn  # type: ignore[import-untyped]

from loader.database.connect import connect_postgres
from loader.database.url_rules import OPTIONS, RULES
from loader.errors import SettingsError, WarehouseError
from loader.settings import configure_libraries, environment, load_settings
from scripts.profile import FILE, generate
from tests.support.postgres import Postgres

SYSTEM = "/etc/ssl/certs/ca-certificates.crt"
NEON = "postgresql://ana:sEcret@ep-a-1.eu.aws.neon.tech/db"


PROFILE = yaml.safe_load(FILE.read_text())["orchestrator_elt"]["outputs"]["prod"]


@pytest.fixture(scope="module", autouse=True)
def _compiled_once() -> Iterator[None]:
    """Compile the profile's fields once: Jinja takes most of the time."""
    compiled: dict[str, Any] = {}
    compile_ = Environment.compile

    def once(self: Environment, source: str) -> Any:  # noqa: ANN401
        if source not in compiled:
            compiled[source] = compile_(self, source)
        return compiled[source]

    with mock.patch.object(Environment, "compile", once):
        yield


def profile(environ: Mapping[str, str]) -> dict[str, Any]:
    """Return the fields of the profile, as dbt renders them."""
    set_invocation_context(environ)
    fields: dict[str, Any] = ProfileRenderer({}).render_data(PROFILE)
    return fields


def credentials(environ: Mapping[str, str]) -> PostgresCredentials:
    """Return dbt-postgres's credentials for the profile, with one try."""
    fields = PostgresCredentials.translate_aliases(profile(environ)) | {"retries": 0}
    PostgresCredentials.validate(fields)
    return PostgresCredentials.from_dict(fields)


def connect_dbt(found: PostgresCredentials) -> Connection:
    """Return a connection as dbt-postgres opens it."""
    made = Connection(Identifier("postgres"), "test", found, state=ConnectionState.INIT)
    opened: Connection = PostgresConnectionManager.open(made)  # type: ignore[no-untyped-call]
    return opened


@pytest.fixture
def dbt_gets(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, str]]:
    """Return dbt-postgres's connection parameters, as libpq names them."""
    given: list[dict[str, str]] = []

    def connect(**fields: Any) -> None:  # noqa: ANN401
        given.append({key: value for key, value in parse_dsn(make_dsn(**fields)).items() if value})

    monkeypatch.setattr(psycopg2, "connect", connect)
    return given


def loader_gets(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the loader's connection parameters, as libpq names them."""
    database = load_settings("prod", environ).database
    assert database
    given = conninfo_to_dict(database.pinned)
    return {key: str(value) for key, value in given.items() if value}


# An address, and its differences from NEON.
ACCEPTED: list[tuple[str, dict[str, str]]] = [
    (NEON, {}),
    (NEON.replace("postgresql", "postgres"), {}),
    (f" \n{NEON}\t ", {}),
    (NEON.replace("-1.", "-1-pooler."), {}),
    (NEON.replace("-1.", "-1-POOLER."), {}),
    (NEON.replace("tech/", "tech:5433/"), {"port": "5433"}),
    (NEON.replace(":sEcret", ""), {"password": ""}),
    (NEON.replace("ana:sEcret@", ""), {"user": "", "password": ""}),
    (NEON.replace("sEcret", "a,b;c&d=e!$'()*+~"), {"password": "a,b;c&d=e!$'()*+~"}),
    (NEON.replace("sEcret", "%40%2F%3A%3F%23%25+%C3%A4ä😀"), {"password": "@/:?#%+ää😀"}),
    (NEON.replace("ana", "o'neil%40home"), {"user": "o'neil@home"}),
    (NEON.replace("/db", "/d%20b%2Fc%3D%26"), {"dbname": "d b/c=&"}),
    (NEON.replace("/db", "/postgresql:a=b"), {"dbname": "postgresql:a=b"}),
    ("postgresql://ana:sEcret@[2001:db8::1]/db", {"host": "2001:db8::1"}),
    ("postgresql://ana:sEcret@[::1]:65535/db", {"host": "::1", "port": "65535"}),
    ("postgresql://ana:sEcret@%2Ftmp%2Fa%20b/db", {"host": "/tmp/a b"}),
    ("postgresql://ana:sEcret@%2ftmp:1/db", {"host": "/tmp", "port": "1"}),
    (f"{NEON}?sslmode=require", {"sslmode": "require"}),
    (f"{NEON}?sslmode=disable", {"sslmode": "disable"}),
    (
        f"{NEON}?sslcert=%2Fa%20b&sslmode=verify-full&sslkey=/c&sslrootcert=/d%3D",
        {"sslcert": "/a b", "sslmode": "verify-full", "sslkey": "/c", "sslrootcert": "/d="},
    ),
    (
        f"{NEON}?sslmode=verify-full&sslrootcert=system",
        {"sslmode": "verify-full", "sslrootcert": "system"},
    ),
    (f"{NEON}?sslmode=verify-full", {"sslmode": "verify-full", "sslrootcert": SYSTEM}),
]


@pytest.mark.parametrize(("url", "expected"), ACCEPTED)
def test_46_both_drivers_get_the_same(
    url: str, expected: dict[str, str], dbt_gets: list[dict[str, str]]
) -> None:
    environ = {"DATABASE_URL_PROD": url, "DATABASE_URL": "x"}
    connect_dbt(credentials(environ))
    (dbts,) = dbt_gets
    loaders = loader_gets(environ)
    names = ("host", "port", "user", "password", "dbname", *OPTIONS)
    bundles = {certifi.where(): SYSTEM}
    both = [
        {name: bundles.get(given.get(name, ""), given.get(name, "")) for name in names}
        for given in (loaders | {"port": loaders.get("port", "5432")}, dbts)
    ]
    assert both[0] == both[1]
    usual = conninfo_to_dict(NEON) | {"port": "5432"}
    wanted = {name: str(usual.get(name, "")) for name in names} | expected
    assert both[0] == wanted
    libraries = {"application_name", "connect_timeout", "keepalives_idle"}
    pins = {"client_encoding", "options"}
    assert set(dbts) <= {*names, *libraries}
    assert set(loaders) <= {*names, *pins}


REFUSED = [
    # an address, and the error of loader and dbt
    (f"psql '{NEON}'", "leave out psql and the quotes"),
    (f"psql {NEON}", "leave out psql and the quotes"),
    (f"'{NEON}'", "leave out the quotes"),
    (f'"{NEON}"', "leave out the quotes"),
    (f"{NEON}'", "leave out the quotes"),
    ("mysql://ana:sEcret@host/db", "does not begin with postgresql://"),
    ("ana:sEcret@host/db", "does not begin with postgresql://"),
    ("jdbc:postgresql://host/db", "does not begin with postgresql://"),
    ("POSTGRESQL://host/db", "does not begin with postgresql://"),
    ("host=h user=ana password=sEcret dbname=db", "does not begin with postgresql://"),
    ("postgresql+psycopg://host/db", "does not begin with postgresql://"),
    (NEON.replace("sEcret", "sEc ret"), "a blank or a line break"),
    (NEON.replace("/db", "/d\nb"), "a blank or a line break"),
    (NEON.replace("/db", "/d\u00a0b"), "a blank or a line break"),
    (NEON.replace("sEcret", "sEc#ret"), "write # as %23"),
    (f"{NEON}#x", "write # as %23"),
    (NEON.replace("sEcret", "sEcret%"), "as %25"),
    (NEON.replace("sEcret", "sEcret%zz"), "as %25"),
    (NEON.replace("sEcret", "sEcret%00"), "a control character"),
    (NEON.replace("/db", "/d%0ab"), "a control character"),
    (NEON.replace("/db", "/d%1Bb"), "a control character"),
    (NEON.replace("sEcret", "sEcret%ff"), "is no UTF-8"),
    (NEON.replace("/db", "/d%C3b"), "is no UTF-8"),
    (NEON.replace("/db", "/d%ED%A0%80"), "is no UTF-8"),
    (NEON.replace("/db", "/d%C0%AF"), "is no UTF-8"),
    (NEON.replace("sEcret", "sEc@ret"), "more than one @"),
    (NEON.replace("sEcret", "sEc/ret"), "write / as %2F"),
    (NEON.replace("sEcret", "12/sEc?ret=x"), "write / as %2F"),
    (NEON.replace("sEcret", "sEc?ret"), "and ? as %3F"),
    (NEON.replace("sEcret", "sEc:ret"), "write : as %3A"),
    ("postgresql://ana:sEcret@a,b/db", "several hosts"),
    ("postgresql://ana:sEcret@a:1,b:2/db", "several hosts"),
    ("postgresql://ana:sEcret@a%2Cb/db", "several hosts"),
    ("postgresql://a,b", "several hosts"),
    ("postgresql:///db", "the host is missing"),
    ("postgresql://", "the host is missing"),
    ("postgresql://ana:sEcret@/db", "the host is missing"),
    ("postgresql://ana:sEcret@:5432/db", "the host is missing"),
    ("postgresql:///db?host=/tmp", "the host is missing"),
    ("postgresql://ana:sEcret@::1/db", "in brackets"),
    ("postgresql://ana:sEcret@2001:db8::1/db", "in brackets"),
    ("postgresql://ana:sEcret@host:port/db", "the port is no number"),
    ("postgresql://ana:sEcret@host:0/db", "the port is no number"),
    ("postgresql://ana:sEcret@host:/db", "the port is no number"),
    ("postgresql://ana:sEcret@host:65536/db", "the port is no number"),
    ("postgresql://ana:sEcret@[::1]:x/db", "the port is no number"),
    ("postgresql://ana:sEcret@host:٣/db", "the port is no number"),
    ("postgresql://ana:sEcret@ho%73t/db", "percent signs"),
    ("postgresql://ana:sEcret@ep-a%2Dpooler.neon.tech/db", "percent signs"),
    (NEON.removesuffix("/db"), "the name of the database is missing"),
    (NEON.removesuffix("db"), "the name of the database is missing"),
    (NEON.replace("/db", "?sslmode=require"), "the name of the database is missing"),
    (NEON.replace("/db", "/?sslmode=require"), "the name of the database is missing"),
    (f"{NEON}/", "leave out the / after"),
    (f"{NEON}/?sslmode=require", "leave out the / after"),
    (f"{NEON}/x", "leave out the / after"),
    (NEON.replace("tech/", "tech//"), "leave out the / after"),
    (f"{NEON}?", "the ? or & that no option follows"),
    (f"{NEON}?sslmode=require&", "the ? or & that no option follows"),
    (f"{NEON}?&sslmode=require", "the ? or & that no option follows"),
    (f"{NEON}?sslmode", "an option is name=value"),
    (f"{NEON}?ssl%6Dode=require", "without percent signs"),
    (f"{NEON}?%73slmode=disable&sslmode=require", "without percent signs"),
    (f"{NEON}?=require", "in letters"),
    (f"{NEON}?sslmode=", "the option sslmode is empty"),
    (f"{NEON}?sslmode=a=b", "in the option sslmode, write = as %3D"),
    (f"{NEON}?sslmode=require&sslmode=disable", "the option sslmode is there twice"),
    (f"{NEON}?sslmode=require&sslkey=/x&sslmode=require", "the option sslmode is there twice"),
    (f"{NEON}?ssl=true", "write sslmode=require for ssl=true"),
    (f"{NEON}?sslmode=verify-full&ssl=true", "write sslmode=require for ssl=true"),
    (f"{NEON}?user=ana", "user stands before the ?"),
    ("postgresql://host/db?sslmode=require&password=sEcret", "password stands before the ?"),
    (f"{NEON}?host=other", "host stands before the ?"),
    (f"{NEON}?port=1", "port stands before the ?"),
    (f"{NEON}?dbname=x", "dbname stands before the ?"),
    (f"{NEON}?pgbouncer=true", "leave out the option pgbouncer"),
    (f"{NEON}?schema=public", "leave out the option schema"),
    (f"{NEON}?sslmode=require&connection_limit=1", "leave out the option connection_limit"),
    (f"{NEON}?options=-csearch_path%3Dx", "leave out the option options"),
    (f"{NEON}?options=endpoint%3Dep-a-1", "leave out the option options"),
    (f"{NEON}?client_encoding=latin1", "leave out the option client_encoding"),
    (f"{NEON}?hostaddr=127.0.0.1", "leave out the option hostaddr"),
    (f"{NEON}?service=x", "leave out the option service"),
    (f"{NEON}?sslpassword=sEcret", "leave out the option sslpassword"),
    (f"{NEON}?target_session_attrs=any", "leave out the option target_session_attrs"),
    (f"{NEON}?SSLMODE=require", "leave out the option SSLMODE"),
    (f"{NEON}?sslmode=no", "sslmode is one of disable, allow"),
    (f"{NEON}?sslmode=verify%2Dfull", "sslmode is one of disable, allow"),
    (f"{NEON}?channel_binding=yes", "channel_binding is one of"),
    (f"{NEON}?require_auth=a%20b", "require_auth lists methods"),
    (NEON.replace("/db", r"\x/db"), "of the form"),
    ("postgresql://[::1/db", "of the form"),
]


@pytest.mark.parametrize(("url", "words"), REFUSED)
def test_46_both_reject_and_name_the_wrong_part(url: str, words: str) -> None:
    name = "DATABASE_URL_PROD" if len(url) % 2 else "DATABASE_URL"
    with pytest.raises(SettingsError) as loaders:
        load_settings("prod", {name: url})
    with pytest.raises(EnvVarMissingError) as dbts:
        profile({name: url})
    for said in map(str, (loaders.value, dbts.value)):
        assert f"{name} is malformed: " in said
        assert words in said
        assert "postgresql://user:pass@host/db?sslmode=require" in said
        assert not any(part in said for part in ("sEc", "ret@", "=x", "latin1", "127.0.0.1"))


def test_46_each_rule_is_needed() -> None:
    first = [
        next((rule for rule in RULES if re.search(rule.pattern, url.strip())), None)
        for url, _ in REFUSED
    ]
    assert set(RULES) == set(first)


def test_profiles_has_the_rules_of_the_loader() -> None:
    assert FILE.read_text() == generate(FILE.read_text()), "make profile"


FROM_ENVIRONMENT = [
    ("channel_binding=require", {"PGCHANNELBINDING": "require"}),
    ("sslmode=require&require_auth=scram-sha-256,md5", {"PGREQUIREAUTH": "scram-sha-256,md5"}),
    (
        "channel_binding=require&require_auth=!none",
        {"PGCHANNELBINDING": "require", "PGREQUIREAUTH": "!none"},
    ),
]


@pytest.mark.parametrize(("query", "variables"), FROM_ENVIRONMENT)
def test_46_options_without_a_dbt_field_are_required_in_the_environment(
    query: str, variables: dict[str, str], dbt_gets: list[dict[str, str]]
) -> None:
    environ = {"DATABASE_URL": f"{NEON}?{query}"}
    connect_dbt(credentials(environ | variables))
    loaders = loader_gets(environ | variables)
    for variable, value in variables.items():
        assert loaders[{"PGC": "channel_binding", "PGR": "require_auth"}[variable[:3]]] == value
        for wrong in ({}, {variable: ""}, {variable: "prefer"}):
            others = {key: value for key, value in variables.items() if key != variable}
            with pytest.raises(SettingsError) as loaders_error:
                load_settings("prod", environ | others | wrong)
            with pytest.raises(EnvVarMissingError) as dbts_error:
                profile(environ | others | wrong)
            for said in map(str, (loaders_error.value, dbts_error.value)):
                assert f"DATABASE_URL asks for {variable}={value}" in said
                assert ".env" in said
                assert "sEcret" not in said
    assert len(dbt_gets) == 1


def test_46_the_loaders_drivers_ignore_the_shell(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Only the check knows whether dbt will see it."""
    monkeypatch.setattr("loader.settings._HIDDEN", {})
    for variable in ("PGCHANNELBINDING", "PGREQUIREAUTH", "PGHOSTADDR"):
        monkeypatch.setenv(variable, "x")
    configure_libraries()
    assert not any(name.startswith("PG") for name in os.environ)
    seen = {name: value for name, value in environment().items() if name.startswith("PG")}
    assert seen == {"PGCHANNELBINDING": "x", "PGREQUIREAUTH": "x"}


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("PGREQUIREAUTH", "scram-sha-256", "requirement"),
        ("PGCHANNELBINDING", "require", "channel binding"),
    ],
)
def test_46_both_reject_a_server_that_cannot_do_what_is_required(
    postgres: Postgres, variable: str, value: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a server that needs no password, libpq itself rejects it, in dbt and in the loader."""
    option = {"PGREQUIREAUTH": "require_auth", "PGCHANNELBINDING": "channel_binding"}[variable]
    environ = {"DATABASE_URL": postgres.url("postgres"), variable: value}
    monkeypatch.delenv(variable, raising=False)
    connect_dbt(credentials(environ)).handle.close()
    environ["DATABASE_URL"] += f"?{option}={value}"
    monkeypatch.setenv(variable, value)  # read by libpq
    with pytest.raises(FailedToConnectError, match=words):
        connect_dbt(credentials(environ))
    database = load_settings("prod", environ).database
    assert database
    monkeypatch.setattr("loader.database.connect.CONNECT_PATIENCE", 0)
    with pytest.raises(WarehouseError, match=words):
        connect_postgres(database)
    for drivers in (psycopg.connect, adbc_driver_postgresql.dbapi.connect):
        with pytest.raises(Exception, match=words):
            drivers(database.pinned)
