"""Case 30: each masking rule has a text that leaks without it."""

import json
import logging
from urllib.parse import quote

import pytest

from loader.cli import main
from loader.guards.masking import masked, passwords_in
from loader.settings import redacted
from loader.settings.definitions import DATABASE_URLS, SECRETS

SECRET = "p@ss w/rd'\"\\ä"  # has a different form in each notation
ENCODED = quote(SECRET, safe="")
ADDRESS = f"postgresql://ana:{ENCODED}@host/db"


@pytest.mark.parametrize(
    "shown",
    [
        SECRET,
        ENCODED,
        "p%40ss+w%2Frd%27%22%5C%C3%A4",  # as in a form
        repr(SECRET),
        json.dumps(SECRET),
        f"{SECRET}{SECRET}",
    ],
)
def test_a_secret_is_hidden_in_each_notation(shown: str) -> None:
    for known in (SECRET, ENCODED):
        said = masked([known], f"before {shown} after")
        assert said in {"before *** after", "before '***' after", 'before "***" after'} or (
            said == "before ****** after"
        )


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://ana:{}@host/db?sslmode=require",
        "postgresql://:{}@host/db",
        "psql 'postgresql://ana:{}@host/db'",
        "ana:{}@host/db",
        "mysql://ana:{}@host",
        "postgresql://ana:{}@@host/d@b",
        "postgresql://ana:x/{}?a=b@host/db",
        "postgresql://ana:x\n{}@host/db",
        "postgresql://host/db?password={}",
        "postgresql://host/db?user=ana&password={}&sslmode=require",
        "postgresql://host/db?sslpassword={}#x",
        "postgresql://host/db?pass%77ord={}",
        "postgresql://host/db?PASSWORD={}",
        "host=h password={} dbname=x",
    ],
)
@pytest.mark.parametrize("name", DATABASE_URLS)
def test_the_password_of_any_address_is_known(
    name: str, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, address.format("canary"))
    (password,) = passwords_in(address.format("canary"))
    assert "canary" in password
    assert redacted(f"{password} is wrong") == "*** is wrong"


@pytest.mark.parametrize("address", ["postgresql://host/db", "postgresql://ana@host/db", "", "x"])
def test_an_address_may_have_no_password(address: str) -> None:
    assert passwords_in(address) == set()


EXPECTED_SECRETS = (
    "BLOB_READ_WRITE_TOKEN",
    "NEON_API_KEY",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AZURE_STORAGE_ACCOUNT_KEY",
    "AZURE_STORAGE_SAS_TOKEN",
    "AZURE_STORAGE_CONNECTION_STRING",
    "AZURE_STORAGE_CLIENT_SECRET",
)


@pytest.mark.parametrize("name", EXPECTED_SECRETS)
@pytest.mark.parametrize("value", ["canary", " canary\n", "k7"])
def test_each_secret_of_the_environment_is_known(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    assert redacted(f"wrong: {value.strip()}.") == "wrong: ***."


def test_no_secret_is_without_a_test() -> None:
    assert set(SECRETS) == set(EXPECTED_SECRETS)


@pytest.mark.parametrize("secret", ["x", "k7", "abc", "-", "ä"])
def test_a_short_secret_is_hidden_if_it_stands_alone(secret: str) -> None:
    for text in (f"at {secret} it", f"({secret})", f"u:{secret}@h", f"'{secret}'", f"={secret}"):
        assert masked([secret], text) == text.replace(secret, "***")
    words = "the box of 4k7 abcdef a-b Mädchen"
    assert masked([secret], words) == words


def test_the_longest_secret_is_hidden_first() -> None:
    assert masked(["canary", "canary-and-more"], "canary-and-more") == "***"


@pytest.mark.parametrize(
    ("secret", "shown"),
    [
        ("AccountName=a;AccountKey=canary==;EndpointSuffix=x", "key canary== is wrong"),
        ("BlobEndpoint=x;SharedAccessSignature=sv=1&sig=canary", "sv=1&sig=canary is wrong"),
        ("sv=1&sig=can%2Fary&se=x", "can/ary is wrong"),
    ],
)
def test_a_part_of_a_secret_is_hidden(secret: str, shown: str) -> None:
    assert "can" not in masked([secret], shown)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("at postgresql://ana:k7@host/db", "at postgresql://ana:***@host/db"),
        ("at s3://key:can@ary@bucket", "at s3://key:***@bucket"),
        ("at postgresql://user:pass@host/db", "at postgresql://user:pass@host/db"),
        ("at http://127.0.0.1:80/a@b", "at http://127.0.0.1:80/a@b"),
        ("user=ana password=k7 host=h", "user=ana password=*** host=h"),
        ("password='k 7' host=h", "password=*** host=h"),
        ("{'password': 'k7', 'user': 'ana'}", "{'password': ***, 'user': 'ana'}"),
        ('{"PGPASSWORD": "k7"}', '{"PGPASSWORD": ***}'),
        ("connect(passwd = k7, x)", "connect(passwd = ***, x)"),
        ("password authentication failed", "password authentication failed"),
    ],
)
def test_an_unknown_password_is_hidden_by_its_form(text: str, expected: str) -> None:
    assert masked([], text) == expected


def test_the_log_is_masked(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NEON_API_KEY", "canary")
    with pytest.raises(SystemExit):
        main(["--version"])
    logging.getLogger("loader").warning("with %s", "canary")
    assert capsys.readouterr().err == "with ***\n"


def test_a_wrong_argument_is_masked(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", ADDRESS)
    for args in (["run", "--target", ADDRESS], ["status", "--since", ADDRESS], [ADDRESS]):
        with pytest.raises(SystemExit):
            main(args)
    said = capsys.readouterr().err
    assert "***" in said
    assert ENCODED not in said
