"""Errors of PostgreSQL and Neon: the message, and whether the loader waits.

The texts are from neondatabase/neon, proxy/src; from its control plane's messages; and its docs.
"""

import pytest

from loader.database.refusals import LOST, of_connection, of_statement
from loader.settings import load_settings
from tests.support.postgres import Postgres
from tests.support.project import Project
from tests.support.refusing import refusing

MORE = "Upgrade your plan to increase limits."
NOT_FOUND = "could not be found, or you don't have access to it. Please check the provided ID and"
FAILED = "Control plane request failed"
# Errors that waiting cannot fix, with a word of the hint.
LASTING = {
    'database "work" does not exist': "Roles & Databases",
    'role "ana" does not exist': "user and password",
    'password authentication failed for user "ana"': "user and password",
    "password authentication failed for user 'ana'": "user and password",
    'role "ana" is not permitted to log in': "alter role NAME login",
    'permission denied for database "work"': "grant connect",
    'database "work" is not currently accepting connections': "Monitoring",
    'no pg_hba.conf entry for host "1.2.3.4", user "ana", database "w", no encryption': "sslmode",
    'no pg_hba.conf entry for host "1.2.3.4", user "ana", database "work"': "user and password",
    "connection is insecure (try using `sslmode=require`)": "sslmode=require",
    f"Your account or project has exceeded the compute time quota. {MORE}": "Billing",
    f"Your project has exceeded the data transfer quota. {MORE}": "Billing",
    f"Your project has exceeded the written data quota. {MORE}": "Billing",
    f"Your project has exceeded the logical size quota. {MORE}": "Billing",
    f"Your project has exceeded the active time quota. {MORE}": "Billing",
    "You've exceeded the compute time for this branch. Upgrade your plan to increase limits or"
    " connect to another branch.": "Billing",
    "You have exceeded the limit of concurrently active endpoints. Please suspend some endpoints"
    " and try again.": "Billing",
    "The endpoint has been disabled. Enable it using Neon API and retry.": "Computes",
    "The endpoint has been disabled. Enable it using the API and retry.": "Computes",
    f"{FAILED}: endpoint is disabled": "Computes",
    f"{FAILED}: endpoint cannot be found": "Connection Details",
    f"The requested endpoint {NOT_FOUND} try again.": "Connection Details",
    f"The requested project {NOT_FOUND} try again.": "Connection Details",
    f"The requested branch {NOT_FOUND} try again.": "Connection Details",
    "The project is suspended": "Computes",
    "The role you're attempting to use is protected and cannot be used for password-based"
    " authentication. Please pick a different role and try again.": "user and password",
    "This IP address 203.0.113.7 is not allowed to connect to this endpoint. Please add it to the"
    " allowed list in the Neon console.": "Network security",
    "This connection is trying to access this endpoint from a blocked network.": "Network security",
    "Endpoint ID is not specified. Either please upgrade the postgres client library (libpq) for"
    " SNI support or pass the endpoint ID (first part of the domain name) as a parameter:"
    " '?options=endpoint%3D<endpoint-id>'. See more at https://neon.tech/sni": "host name",
    "unsupported startup parameter: extra_float_digits": "connection pooler",
    "unsupported startup parameter in options: search_path. Please use unpooled connection":
        "connection pooler",
}  # fmt: skip
PASSING = (
    "the database system is starting up",
    "the database system is shutting down",
    "the database system is in recovery mode",
    "the database system is not yet accepting connections",
    "terminating connection due to administrator command",
    "sorry, too many clients already",
    'too many connections for role "ana"',
    'too many connections for database "work"',
    "remaining connection slots are reserved for roles with the SUPERUSER attribute",
    "no more connections allowed (max_client_conn)",
    "Too many connections to this endpoint. Please try again later.",
    "Failed to acquire permit. Too many database connection attempts are currently ongoing.",
    "You've exceeded the rate limit. Please wait a moment and try again.",
    (
        "Your project already has running operations. Please wait until they complete, and then try"
        " again."
    ),
    "Couldn't connect to compute node",
    FAILED,
    f"{FAILED}: endpoint is temporarily unavailable. Check your quotas and/or contact our support.",
    "Authentication timed out",
    "The request could not be authorized due to an internal error",
    "server login has been failing, try again later (server_login_retry)",
    "out of memory",
)
AT = 'connection failed: connection to server at "203.0.113.7", port 5432 failed: '
SILENT = {
    f"{AT}Connection refused\n\tIs the server running on that host?": True,
    f"{AT}timeout expired": True,
    f"{AT}server closed the connection unexpectedly\n\tThis probably means": True,
    f"{AT}Network is unreachable\n\tIs the server running on that host?": True,
    "connection timeout expired": True,
    "failed to resolve host 'x': [Errno -3] Temporary failure in name resolution": True,
    "failed to resolve host 'x': [Errno -2] Name or service not known": False,
    "failed to resolve host 'x': [Errno -5] No address associated with hostname": False,
    f"{AT}fe_sendauth: no password supplied": False,
    f"{AT}server does not support SSL, but SSL was required": False,
    f"{AT}SSL error: certificate verify failed": False,
    f"{AT}channel binding required, but server authenticated client without channel binding": False,
    f"{AT}received invalid response to SSL negotiation: H": False,
}


@pytest.mark.parametrize("text", LASTING)
def test_a_permanent_refusal_has_a_hint(text: str) -> None:
    for severity in ("FATAL", "ERROR"):
        refusal = of_connection(f"{AT}{severity}:  {text}\nHINT:  Something.")
        assert refusal.words == text.rstrip(".")
        assert not refusal.is_passing
        assert LASTING[text] in refusal.hint
        assert refusal.hint.endswith(", then run the same command again.")


@pytest.mark.parametrize("text", PASSING)
def test_a_temporary_refusal_is_waited_for(text: str) -> None:
    refusal = of_connection(f"{AT}FATAL:  {text}")
    assert (refusal.words, refusal.is_passing) == (text.rstrip("."), True)


@pytest.mark.parametrize("text", SILENT)
def test_errors_of_a_silent_server(text: str) -> None:
    refusal = of_connection(text)
    assert refusal.is_passing == SILENT[text]
    assert "\n" not in refusal.words


def test_the_answer_of_one_address_decides() -> None:
    """psycopg tries each address of a host. One that this machine cannot reach does not count."""
    quota = f"Your account or project has exceeded the compute time quota. {MORE}"
    text = (
        "Multiple connection attempts failed. All failures were:\n"
        f"- host: 'ep-x', port: None, hostaddr: '203.0.113.7': {AT}ERROR:  {quota}\n"
        f"- host: 'ep-x', port: None, hostaddr: '203.0.113.8': {AT}ERROR:  {quota}\n"
        f"- host: 'ep-x', port: None, hostaddr: '2001:db8::1': {AT}Network is unreachable\n"
        "\tIs the server running on that host and accepting TCP/IP connections?"
    )
    refusal = of_connection(text)
    assert (refusal.words, refusal.is_passing) == (quota.rstrip("."), False)


@pytest.fixture
def neon(project: Project) -> Project:
    project.store = None
    return project


@pytest.mark.parametrize("engine", ["duckdb"])
@pytest.mark.parametrize("args", [["status"], ["verify"], ["schema", "diff"], ["ids"]])
def test_a_permanent_refusal_is_reported_after_one_try(args: list[str], neon: Project) -> None:
    with refusing("The endpoint has been disabled. Enable it using Neon API and retry.") as server:
        neon.url = server.url()
        ended = neon.loader(*args)
    assert (ended.code, ended.out.count("\n"), server.refused) == (1, 1, 1)
    first, hint = ended.err.splitlines()
    assert first == (
        f"Error: Cannot connect to 127.0.0.1:{server.port}/work: The endpoint has been disabled."
        " Enable it using Neon API and retry."
    )
    assert "Neon Console" in hint


@pytest.mark.parametrize("engine", ["duckdb"])
def test_a_temporary_refusal_is_retried(neon: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("loader.database.connect.CONNECT_PATIENCE", 2)
    with refusing("the database system is starting up", "57P03", "FATAL") as server:
        neon.url = server.url()
        ended = neon.loader("status")
    assert (ended.code, server.refused) == (1, 3)
    assert "Cannot reach " in ended.err


@pytest.mark.parametrize("engine", ["postgres"])
def test_a_missing_database_and_a_missing_role(project: Project, postgres: Postgres) -> None:
    for url, words in (
        (postgres.url("no_such_database"), 'database "no_such_database" does not exist'),
        (postgres.url("work", "nobody_here"), 'role "nobody_here" does not exist'),
    ):
        project.url = url
        ended = project.loader("status")
        assert (ended.code, words in ended.err) == (1, True), ended
        assert "Cannot reach " not in ended.err


@pytest.mark.parametrize("engine", ["postgres"])
def test_a_database_that_is_read_only(project: Project) -> None:
    """Raised before a blob is uploaded, by each command that writes and by dbt."""
    project.write("transcripts/markdown-output/rocks/2025-10-27.md", "# x")
    project.execute("alter database work set default_transaction_read_only = on")
    for args in (project.run_args(), ["prune", "--keep", "1", "--yes"]):
        ended = project.loader(*args)
        assert (ended.code, "The database is read-only" in ended.err) == (1, True), ended
        assert "DATABASE_URL_PROD" in ended.err
    assert {} == project.blobs()
    built = project.dbt("build")
    assert built.code != 0
    assert "The database is read-only" in built.out
    assert "Traceback" not in built.out


@pytest.mark.parametrize(
    ("state", "text", "words"),
    [
        (
            "53100",
            (
                "could not extend file because project size limit (512 MB) has been exceeded\n"
                "HINT:  This limit is defined externally by the project size limit"
            ),
            "The database is full: could not extend file because project size limit (512 MB)",
        ),
        (
            None,
            (
                "Failed to execute COPY statement: PGRES_FATAL_ERROR ERROR:  could not extend file"
                ' "base/5/1": No space left on device'
            ),
            'The database is full: could not extend file "base/5/1": No space left on device.',
        ),
        ("53300", "too many clients", "The connection to the database was lost"),
        (LOST, "server closed the connection unexpectedly", "Nothing is lost: run the same"),
        ("25006", "cannot execute INSERT in a read-only transaction", "The database is read-only"),
        ("42501", "permission denied for table runs\nLINE 1: …", "no such right on table runs.\n"),
        ("42501", "must be owner of view x", "may not do this: it does not own view x.\n"),
        (None, "ERROR:  permission denied for schema raw", "no such right on schema raw.\n"),
    ],
)
def test_a_refused_statement(state: str | None, text: str, words: str) -> None:
    settings = load_settings("dev", {"DATABASE_URL": "postgresql://ana:canary@h/db"})
    said = of_statement(text, state, settings)
    assert said
    assert words in said
    assert "HINT" not in said
    assert len(said.splitlines()) == 2


def test_any_other_refusal_keeps_its_text() -> None:
    settings = load_settings("dev", {"DATABASE_URL": "postgresql://ana:canary@h/db"})
    assert of_statement("canceling statement due to statement timeout", "57014", settings) is None
    assert of_statement('relation "x" does not exist', "42P01", settings) is None
