from pathlib import Path

import pytest

from loader.database.url import parse_database_url
from loader.errors import SettingsError
from loader.settings import (
    Target,
    environment,
    load_settings,
    load_vercel_settings,
    other_settings,
)

URL = "postgresql://user:sEcret@host/db"


@pytest.mark.parametrize(
    ("target", "environ", "expected"),
    [
        (None, {}, Target.LOCAL),
        (None, {"ENABLE_NEON_DB_STORAGE": "false", "NEON_ENV": "prod"}, Target.LOCAL),
        (None, {"ENABLE_NEON_DB_STORAGE": "true"}, Target.DEV),
        (None, {"ENABLE_NEON_DB_STORAGE": "1", "NEON_ENV": "prod"}, Target.PROD),
        ("local", {"ENABLE_NEON_DB_STORAGE": "true"}, Target.LOCAL),
        ("staging", {"NEON_ENV": "prod"}, Target.STAGING),
    ],
)
def test_target(target: str | None, environ: dict[str, str], expected: Target) -> None:
    assert load_settings(target, {"DATABASE_URL": URL, **environ}).target == expected


def test_neon_env_of_another_name_is_an_error() -> None:
    with pytest.raises(SettingsError, match="NEON_ENV is 'production'"):
        load_settings(None, {"ENABLE_NEON_DB_STORAGE": "1", "NEON_ENV": "production"})


@pytest.mark.parametrize(
    ("environ", "host"),
    [
        ({"DATABASE_URL": "postgresql://a/db"}, "a"),
        ({"DATABASE_URL": "postgresql://a/db", "DATABASE_URL_PROD": "postgresql://b/db"}, "b"),
        ({"DATABASE_URL": "postgresql://a/db", "DATABASE_URL_PROD": ""}, "a"),
        ({"DATABASE_URL": "postgresql://a/db", "DATABASE_URL_DEV": "postgresql://b/db"}, "a"),
    ],
)
def test_the_environments_own_address_comes_first(environ: dict[str, str], host: str) -> None:
    database = load_settings("prod", environ).database
    assert database is not None
    assert database.host == host


@pytest.mark.parametrize(
    ("target", "environ", "expected"),
    [
        ("local", {}, []),
        ("local", {"DATABASE_URL": URL}, ["prod"]),
        ("dev", {"DATABASE_URL": URL}, ["local"]),
        ("dev", {"DATABASE_URL": URL, "DATABASE_URL_PROD": f"{URL}2"}, ["prod", "local"]),
        ("prod", {"DATABASE_URL_PROD": URL}, ["local"]),
        ("prod", {"DATABASE_URL_PROD": URL, "DATABASE_URL_DEV": "x"}, ["dev", "local"]),
        # The same database with another user, port and host.
        (
            "prod",
            {
                "DATABASE_URL_PROD": "postgresql://ep-x.neon.tech/db",
                "DATABASE_URL_STAGING": "postgresql://u:p@ep-x-pooler.neon.tech:5432/db",
            },
            ["local"],
        ),
    ],
)
def test_the_other_targets_with_a_database(
    target: str, environ: dict[str, str], expected: list[str]
) -> None:
    assert expected == list(other_settings(load_settings(target, environ), environ))


@pytest.mark.parametrize("value", [None, ""])
def test_a_missing_address_is_an_error_with_the_settings_to_add(value: str | None) -> None:
    environ = {} if value is None else {"DATABASE_URL": value}
    with pytest.raises(SettingsError) as error:
        load_settings("prod", environ)
    message = str(error.value)
    assert message.startswith("DATABASE_URL not configured (looked for DATABASE_URL_PROD and")
    assert "DATABASE_URL=postgresql://user:pass@host/db?sslmode=require" in message


ADDRESSES = [
    # url, host, port, database
    ("postgresql://user:pass@host/db?sslmode=require", "host", None, "db"),
    ("postgres://host:5433/db", "host", 5433, "db"),
    ("postgresql://us%40er:p%40ss%2F%25@host:1/d%20b", "host", 1, "d b"),
    ("postgresql://u:x@%2Ftmp%2FPg:5432/postgres", "/tmp/Pg", 5432, "postgres"),
    ("postgresql://u:x@[::1]:5432/db", "::1", 5432, "db"),
    ("postgresql://u:x@[2001:db8::1]/db", "2001:db8::1", None, "db"),
    (" postgresql://u@host/db ", "host", None, "db"),
]


@pytest.mark.parametrize(("url", "host", "port", "database"), ADDRESSES)
def test_address(url: str, host: str, port: int | None, database: str) -> None:
    parsed = parse_database_url(url)
    assert (host, port, database) == (parsed.host, parsed.port, parsed.database)
    assert not parsed.was_pooled


@pytest.mark.parametrize(
    "url",
    [
        "mysql://user:sEcret@host/db",
        "host/db",
        "postgresql://user:sEcret@host",
        "postgresql://user:sEcret@host/",
        "postgresql:///db",
        "postgresql://user:sEcret@/db",
        "postgresql://user:sEcret@host:port/db",
        "postgresql://user:sEcret@ho@st/db",
        "postgresql://user:sEcret%@host/db",
        "postgresql://user:sEcret@::1/db",
        "postgresql://user:sEcret@host/d%ffb",
    ],
)
def test_a_malformed_address_is_named_and_not_repeated(url: str) -> None:
    with pytest.raises(SettingsError) as error:
        load_settings("prod", {"DATABASE_URL": url})
    assert str(error.value).startswith("DATABASE_URL is malformed: ")
    assert "postgresql://user:pass@host/db" in str(error.value)
    assert "sEcret" not in str(error.value)
    assert error.value.__cause__ is None


def test_a_pooled_host_becomes_the_direct_one() -> None:
    url = "postgresql://u:x@ep-a-1-pooler.eu.aws.neon.tech/db?sslmode=require"
    parsed = parse_database_url(url)
    assert parsed.was_pooled
    assert parsed.url == url.replace("-pooler", "")
    assert parsed.host == "ep-a-1.eu.aws.neon.tech"


def test_no_repr_shows_the_password() -> None:
    settings = load_settings("prod", {"DATABASE_URL": URL})
    assert "sEcret" not in repr(settings) + str(settings) + str(settings.database)


def test_databases_have_pipelines_of_their_own() -> None:
    names = {
        load_settings(target, {"DATABASE_URL": url}).pipeline_name
        for target in ("dev", "prod")
        for url in ("postgresql://a/db", "postgresql://b/db", "postgresql://a:1/db")
    }
    assert len(names) == 6
    assert load_settings("local", {}).pipeline_name == "orchestrator_local"


def test_dotenv_is_found_upwards_and_the_shell_wins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("WAREHOUSE_DIR=from-file\nexport NEON_ENV='prod' # note\n")
    (tmp_path / "below").mkdir()
    monkeypatch.chdir(tmp_path / "below")
    monkeypatch.delenv("NEON_ENV", raising=False)
    monkeypatch.setenv("WAREHOUSE_DIR", "from-shell")
    found = environment()
    assert ("from-shell", "prod") == (found["WAREHOUSE_DIR"], found["NEON_ENV"])


TOKEN = "vercel_blob_rw_StoreId1_sEcret"


def test_the_token_identifies_the_blob_store() -> None:
    settings = load_vercel_settings({"BLOB_READ_WRITE_TOKEN": f" {TOKEN}\n"})
    assert (TOKEN, "StoreId1") == (settings.token, settings.store_id)
    assert ("private", "https://vercel.com/api/blob") == (settings.access, settings.api_url)
    assert "sEcret" not in repr(settings)


@pytest.mark.parametrize("token", ["", " ", "sEcret", "vercel_blob_rw_sEcret", f"{TOKEN} x"])
def test_an_invalid_token_is_an_error_and_not_shown(token: str) -> None:
    with pytest.raises(SettingsError, match="BLOB_READ_WRITE_TOKEN") as caught:
        load_vercel_settings({"BLOB_READ_WRITE_TOKEN": token})
    assert "sEcret" not in str(caught.value)
    assert ".env" in str(caught.value)


@pytest.mark.parametrize("access", ["private", "public", "Public "])
def test_blob_access(access: str) -> None:
    environ = {"BLOB_READ_WRITE_TOKEN": TOKEN, "BLOB_ACCESS": access}
    assert access.strip().lower() == load_vercel_settings(environ).access


@pytest.mark.parametrize(
    "url",
    [
        "https://vercel.com/api/blob/",
        "https://proxy.example:8443/blob",
        "http://localhost:3000/api/blob",
        "http://127.0.0.1:1",
        "http://[::1]:3000",
    ],
)
def test_the_token_goes_to_https_and_to_this_machine(url: str) -> None:
    environ = {"BLOB_READ_WRITE_TOKEN": TOKEN, "VERCEL_BLOB_API_URL": url}
    assert url.rstrip("/") == load_vercel_settings(environ).api_url


@pytest.mark.parametrize(
    "url",
    [
        "http://vercel.com/api/blob",
        "http://localhost.evil.example/api",
        "http://127.0.0.1.evil.example/",
        "https://user:pass@vercel.com/api/blob",
        "http://localhost@evil.example/",
        "ftp://vercel.com/",
        "vercel.com/api/blob",
        "https://vercel.com/api/blob?x=1",
        "https://evil.example\\@vercel.com/api",
        "https://evil.example\\/api",
        "https://vercel.com/api\\x",
        "https://vercel.com:x/api",
        "https://vercel。com/api",
        "http://127.0.0.1:1\\@evil.example/",
    ],
)
def test_the_token_is_sent_to_no_other_host(url: str) -> None:
    environ = {"BLOB_READ_WRITE_TOKEN": TOKEN, "VERCEL_BLOB_API_URL": url}
    with pytest.raises(SettingsError, match="VERCEL_BLOB_API_URL is malformed"):
        load_vercel_settings(environ)


@pytest.mark.parametrize("number", ["0", "65", "x", "-1", "٣", "1.5"])
def test_blob_concurrency_has_bounds(number: str) -> None:
    with pytest.raises(SettingsError, match="from 1 to 64"):
        load_settings("local", {"BLOB_CONCURRENCY": number})
    assert load_settings("local", {"BLOB_CONCURRENCY": "64"}).blob_concurrency == 64


@pytest.mark.parametrize("number", ["0", "1001", "x", "-1", "٣", "1.5"])
def test_the_largest_file_has_bounds(number: str) -> None:
    with pytest.raises(SettingsError, match="from 1 to 1000"):
        load_settings("local", {"MAX_FILE_MB": number})
    assert load_settings("local", {"MAX_FILE_MB": "1000"}).max_file_bytes == 1000 * 1024 * 1024


@pytest.mark.parametrize("url", ["http://user:sEcret@host/parts", "ftp://x/", "s3://"])
def test_parts_go_to_a_folder_or_a_store_that_is_known(url: str) -> None:
    with pytest.raises(SettingsError, match="PARTS_URL is malformed") as error:
        load_settings("local", {"PARTS_URL": url})
    assert "sEcret" not in str(error.value)
    assert load_settings("local", {"PARTS_URL": "s3://a/b/"}).parts_url == "s3://a/b"
    assert load_settings("local", {"PARTS_URL": "parts"}).parts_url == str(Path("parts").absolute())
