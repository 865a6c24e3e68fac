"""Every command on a screen of 80 columns: whole words, target and database first."""

import contextlib
import io
import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.cells import cell_len

from loader.cli import COMMANDS, command_line, main
from loader.cli.failures import error_object
from loader.cli.invocation import begin, current
from loader.cli.output import line, listing, print_all
from loader.cli.wrapping import wrapped
from loader.words import counted
from tests.support.neon import KEY, PROJECT, NeonServer
from tests.support.postgres import Postgres
from tests.support.project import Ended, Project

NARROW, WIDE = 40, 80
ACTIONS = {
    "schema": ["diff", "generate", "push", "migrate", "rollback", "history", "pull", "adopt"],
    "branch": ["create", "build", "diff", "delete"],
}
AUTHOR = "Carmelito Verdon"
LONG = re.compile(r"\S{40,}|python -m loader .*|dbt .*")  # a path, a URL or a command stays whole
local_only = pytest.mark.parametrize("engine", ["duckdb"], indirect=True)
postgres_only = pytest.mark.parametrize("engine", ["postgres"], indirect=True)

# First the read-only commands with their output; then commands that change data, in this order.
READING = [
    ["status"],
    ["status", "--team", "rocks", "--since", "2030-01-01"],
    ["search", "sync", "--limit", "3"],
    ["search", "nowhere"],
    ["check"],
    ["ids"],
    ["verify"],
    ["verify", "--orphans"],
    ["verify", "--since", "2999-01-01"],
    ["forget", "--author", AUTHOR, "--dry-run"],
    ["forget", "--author", "nobody at all", "--dry-run"],
    ["prune", "--keep", "1", "--dry-run"],
    ["schema", "adopt", "--dry-run"],
]
CHANGING = [
    ["prune", "--keep", "1", "--yes"],
    ["forget", "--author", AUTHOR, "--yes"],
    ["drop"],
    ["drop", "--yes-i-mean", "work"],
]
ON_POSTGRES = [
    *(["schema", action] for action in ("diff", "history", "pull", "migrate")),
    ["schema", "migrate", "--sql"],
    ["schema", "rollback", "--dry-run"],
    ["schema", "generate", "-m", "nothing"],
    ["branch", "create", "one"],
    ["branch", "diff", "one"],
    ["branch", "delete", "one", "--yes"],
    ["branch", "delete", "one", "--yes"],
]


def shown(project: Project, args: list[str], columns: int = WIDE) -> Ended:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLUMNS", str(columns))
        return project.loader(*args)


def assert_fits(text: str, columns: int) -> None:
    """Check that no line is too long, except a path, URL or command."""
    for each in text.splitlines():
        assert cell_len(each) <= columns or LONG.fullmatch(each.split(": ", 1)[-1].strip()), each


def words(text: str) -> list[str]:
    return re.sub(r"[│┃━┏┓┡┩└┘├┤┼─┴┬╇┳╈┻]", " ", text).split()


def assert_whole(narrow: str, wide: str) -> None:
    """Check that a narrower terminal shows the same words, none of them broken."""
    missing = set(words(wide)) - set(words(narrow))
    # Stacked values have a colon or a comma after their names.
    there = {word.rstrip(":,") for word in words(narrow)}
    assert {each for each in missing if each.rstrip(":,") not in there} == set()


def look(project: Project, args: list[str], *, is_repeatable: bool) -> None:
    place = json.loads(shown(project, [*args, "--json"]).out) if is_repeatable else {}
    ended = shown(project, args)
    is_data = args[:2] == ["schema", "pull"] or "--sql" in args
    first = (ended.err if is_data else ended.out).splitlines()[0]
    assert re.fullmatch(rf"{project.target}: \S+", first), ended
    if place:
        assert {"version": 2, "command": " ".join(args[: 1 + (args[0] in ACTIONS)])} == {
            name: place[name] for name in ("version", "command")
        }
        assert first == f"{place['target']}: {place['database']}"
    if not is_data:
        assert_fits(ended.out, WIDE)
    assert_fits(ended.err, WIDE)
    if args[0] in ("status", "search"):  # tables of numbers, and of texts
        narrow = shown(project, args, NARROW)
        assert_fits(narrow.out, NARROW)
        assert_whole(narrow.out, ended.out)


@local_only
def test_commands_fit_the_screen(built: Project) -> None:
    for args in READING:
        look(built, args, is_repeatable=True)
    for extra in ([], ["--verbose"], ["--strict"], ["--dry-run"]):
        look(built, built.run_args(*extra), is_repeatable=False)
    for args in CHANGING[:-1]:
        look(built, args, is_repeatable=False)


def no_dbt(*_: object) -> None:
    raise AssertionError("dbt was asked")


@postgres_only
@pytest.mark.long  # most of them make dbt read the contracts
def test_commands_for_postgresql_fit_the_screen(
    built: Project, postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    def copy(name: str) -> str:
        return postgres.create_database(f"screen_{name}", template="work")

    with NeonServer(postgres.socket_dir, copy) as neon:
        for name, value in (
            ("NEON_API_URL", neon.url),
            ("NEON_API_KEY", KEY),
            ("NEON_PROJECT_ID", PROJECT),
        ):
            monkeypatch.setenv(name, value)
        for args in ON_POSTGRES:
            reading = args[0] == "schema" and args[1] in ("diff", "history", "pull")
            look(built, args, is_repeatable=reading or "--sql" in args)
        for action in ("create", "diff", "delete"):
            more = ["--yes"] if action == "delete" else []
            assert built.loader("branch", action, "two", "--json", *more).code == 0
        assert built.loader("branch", "diff", "two", "--json").code == 1
    with monkeypatch.context() as patch:
        patch.setattr("loader.schema.contracts.read_contracts", no_dbt)
        assert built.loader("schema", "history", "--json").code == 0
    for args in (["rollback", "--dry-run"], ["migrate"], ["push"], ["adopt", "--yes"]):
        built.loader("schema", *args, "--json")  # it checks the document
    for args in CHANGING:
        look(built, args, is_repeatable=False)


@pytest.mark.parametrize("columns", [NARROW, WIDE])
def test_help_fits_the_screen(
    columns: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    actions = [[name, action] for name, each in ACTIONS.items() for action in each]
    for args in [[], *([name] for name in COMMANDS), *actions]:
        with pytest.raises(SystemExit):
            main([*args, "--help"])
        out = capsys.readouterr().out
        if columns == WIDE:
            assert_fits(out, columns)
        assert "usage: python -m loader" in out.replace("\n", " ")


def test_without_a_command_the_commands_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    for args, names in (([], COMMANDS), (["schema"], ACTIONS["schema"])):
        with pytest.raises(SystemExit) as exit_:
            main([*args])
        said = capsys.readouterr()
        assert (exit_.value.code, said.out) == (2, "")
        assert not [name for name in names if f"    {name} " not in said.err]


FAILURES = [
    (["run", "--workspace", "missing"], 1, "WorkspaceError", "There is no folder missing."),
    (["status"], 1, "WarehouseError", "There is no "),
    (["status", "--jsn"], 2, "UsageError", "unrecognized arguments: --jsn"),
    (["status", "--since", "yesterday"], 2, "UsageError", "--since: "),
    (["load"], 2, "UsageError", "argument COMMAND: invalid choice: 'load'"),
    (["schema", "history"], 1, "SchemaError", "The schema commands are for PostgreSQL."),
    (["branch", "diff", "x"], 1, "SettingsError", "Only Neon has branches."),
    (["drop"], 1, "SettingsError", "Nothing was deleted."),
]


@local_only
@pytest.mark.parametrize(("args", "code", "type_", "message"), FAILURES)
def test_a_failure_is_a_document(
    project: Project, args: list[str], code: int, type_: str, message: str
) -> None:
    ended = project.loader(*args, "--json")
    assert (ended.code, ended.err) == (code, "")
    error = json.loads(ended.out)["error"]
    assert (error["type"], message in error["message"]) == (type_, True)


@local_only
def test_a_failure_names_file_and_line(project: Project) -> None:
    ended = project.loader(*project.run_args("--blob-manifest", "missing.json", "--json"))
    error = json.loads(ended.out)["error"]
    assert (error["type"], error["file"]) == ("ManifestError", "missing.json")
    for place in ("my seeds/a.csv, line 3", "my seeds/a.csv:3"):
        assert error_object("SettingsError", f"{place}: no name\nAdd it.") == {
            "type": "SettingsError",
            "message": f"{place}: no name",
            "hint": "Add it.",
            "file": "my seeds/a.csv",
            "line": 3,
        }
    refused = error_object("WarehouseError", "example.neon.tech: refused")
    assert refused == {"type": "WarehouseError", "message": "example.neon.tech: refused"}


def test_texts_of_others_are_never_options(capsys: pytest.CaptureFixture[str]) -> None:
    begin().given_target = "local"
    print_all([listing("Hits", ("text",), [("then run dbt build",)]), line("Next: dbt build")])
    begin()
    out = capsys.readouterr().out
    assert "│ then run dbt build │" in out
    assert "Next: dbt build --target local" in out


@local_only
def test_strict_and_quiet_report_the_first_rejection(project: Project) -> None:
    project.write("daily-reports/md-output/rocks/b.md", "x")
    args = project.run_args("--quiet", "--strict")
    for _ in range(2):  # the second run finds it unchanged
        ended = project.loader(*args)
        assert (ended.code, ended.out) == (1, "")
        first, second, third = ended.err.splitlines()
        assert first.startswith("Error: Something of 1 file was left out")
        assert second.startswith("The first one: daily-reports/md-output/rocks/b.md")
        assert third == "See all: python -m loader status --target local"
    document = json.loads(project.loader(*project.run_args("--strict", "--json")).out)
    assert document["kinds"]
    assert "status --target local" in document["error"]["hint"]


@local_only
def test_no_rows_since_a_day_are_reported(built: Project) -> None:
    out = built.loader("status", "--since", "2030-01-01").out
    for what in ("rows", "weeks of Jira and Slack", "loads"):
        assert f"no {what} since 2030-01-01\n" in out


def test_numbers_and_nouns() -> None:
    assert ["0 files", "1 file", "1,000 files"] == [counted(n, "file") for n in (0, 1, 1000)]
    assert ["1 reply", "2 replies"] == [counted(n, "reply", "replies") for n in (1, 2)]
    noun = re.compile(r"""\{[^{}]*(?:len|count|size)[^{}"']*:,\} (?!of|are|more|rows:)[a-z]+s\b""")
    files = (Path(__file__).parents[2] / "loader").rglob("*.py")
    lines = [each.strip() for file in files for each in file.read_text().splitlines()]
    allowed = ("words are too many",)
    assert [] == [
        each for each in lines if noun.search(each) and not any(a in each for a in allowed)
    ]


@pytest.fixture
def _invoked() -> Iterator[None]:
    given = shlex.split(
        "run --target prod --workspace '/my reports' --team rocks --blob-store s3://b/p --no-upload"
    )
    begin().read(command_line(given).parse_args(given))
    yield
    begin()


HINTS = {
    "Load: python -m loader run --workspace DIR": (
        "Load: python -m loader run --target prod --team rocks --blob-store s3://b/p --no-upload"
        " --workspace '/my reports'"
    ),
    "python -m loader status --json": "python -m loader status --target prod --json",
    "python -m loader verify --orphans lists them.": (
        "python -m loader verify --target prod --orphans lists them."
    ),
    "python -m loader schema diff --target dev shows all": (
        "python -m loader schema diff --target dev shows all"
    ),
    "then run dbt build.": "then run dbt build --target prod.",
    "dbt debug": "dbt debug",
    "run --blob-store local: python -m loader run --blob-store local": (
        "run --blob-store local: python -m loader run --target prod --workspace '/my reports'"
        " --team rocks --no-upload --blob-store local"
    ),
}


@pytest.mark.usefixtures("_invoked")
@pytest.mark.parametrize(("hint", "expected"), HINTS.items())
def test_hints_have_the_options_that_were_given(hint: str, expected: str) -> None:
    assert expected == current.with_options(hint)
    assert expected == line(hint).plain


def test_hints_of_weekly_have_its_options() -> None:
    given = shlex.split("weekly --target prod --workspace w --engine local")
    begin().read(command_line(given).parse_args(given))
    expected = "--target prod --engine local --workspace w"
    for command in ("run", "weekly"):
        hint = f"python -m loader {command}"
        assert f"{hint} {expected}" == current.with_options(f"{hint} --workspace DIR")
    assert "dbt build --target prod" == current.with_options("dbt build")
    begin()


def test_every_command_in_a_message_is_found_and_understood() -> None:
    """Check that the command line accepts each command that a message names."""
    begin().given_target = "prod"
    files = [*(Path(__file__).parents[2] / "loader").rglob("*.py")]
    named = [
        match[0]
        for file in files
        if "studio" not in file.parts
        for match in re.finditer(r"python -m loader [a-z]+(?: [a-z]+)?", file.read_text())
    ]
    assert len(named) > 30
    for each in named:
        assert " --target prod" in current.with_options(each)
    begin()


def test_lines_break_between_words_and_never_in_a_command() -> None:
    text = "Something is wrong here: python -m loader run --target local --workspace '/a b' now"
    assert wrapped(text, 60).splitlines() == [
        "Something is wrong here:",
        "python -m loader run --target local --workspace '/a b' now",
    ]
    assert wrapped("one two\n\nthree", 5) == "one\ntwo\n\nthree"


def test_a_table_is_stacked_if_its_words_do_not_fit(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "30")
    path = "a/very/long/path/to/some/file.md"
    print_all([listing("Files", ("file", "what"), [(path, "one two")])])
    assert capsys.readouterr().out == f"Files\nfile:\n{path}\nwhat: one two\n\n"


def test_a_closed_pipe_is_not_a_failure() -> None:
    class Closed(io.StringIO):
        def flush(self) -> None:
            raise BrokenPipeError

    with contextlib.redirect_stdout(Closed()), pytest.raises(BrokenPipeError):
        print_all([line("x")])
