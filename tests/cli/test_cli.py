import json
import os
import pty
import shlex
import subprocess
import sys

import pytest

from loader import __version__
from loader.cli import COMMANDS, main
from loader.cli.options import TARGETS
from loader.settings import Target
from loader.workspace.kinds import Kind
from tests.support.project import EXAMPLE, ROOT, Project

local_only = pytest.mark.parametrize("engine", ["duckdb"], indirect=True)


def command(*args: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "loader", *args],
        env={**os.environ, "PYTHONPATH": str(ROOT), **environ},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("name", COMMANDS)
def test_help_imports_nothing_heavy(name: str) -> None:
    heavy = {"alembic", "dbt", "dlt", "duckdb", "fsspec", "psycopg", "pyarrow", "rich", "urllib3"}
    code = (
        "import sys\n"
        "from loader.cli import main\n"
        f"try:\n    main([{name!r}, '--help'])\n"
        "except SystemExit:\n    pass\n"
        f"print({heavy} & set(sys.modules))"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert result.stdout.endswith("set()\n")


def test_targets() -> None:
    assert set(TARGETS) == set(Target)


def test_version() -> None:
    assert command("--version").stdout == f"loader {__version__}\n"


@pytest.mark.parametrize(
    "args",
    [[], ["load"], ["run", "--target", "production"], ["run", "--work", "."], ["run", "x"]],
)
def test_wrong_usage_is_exit_code_2(args: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        main(args)
    assert exit_.value.code == 2
    assert "usage: python -m loader" in capsys.readouterr().err


def test_a_failure_is_a_message_and_exit_code_1() -> None:
    ended = command("run", "--workspace", "missing")
    assert (ended.returncode, ended.stdout) == (1, "local: .warehouse/warehouse.duckdb\n")
    assert ended.stderr.startswith("Error: There is no folder missing")
    assert "Traceback" not in ended.stderr
    assert "Traceback" in command("run", "--workspace", "missing", DEBUG="true").stderr


def test_an_unforeseen_error_is_exit_code_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("unlikely")

    monkeypatch.setattr("loader.cli.status.opened_settings", broken)
    assert main(["status"]) == 2
    assert capsys.readouterr().err.startswith("Unforeseen error: ZeroDivisionError: unlikely\n")


def test_results_go_to_stdout_and_nothing_to_stderr() -> None:
    ended = command("run", "--workspace", str(EXAMPLE))
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "│ daily_reports       │    16 │         0 │     16 │        0 │" in ended.stdout
    assert (
        "│ no_date │ rejected │     2 │ Put a date into the heading or the file name"
        in ended.stdout
    )
    assert "\x1b" not in ended.stdout
    quiet = command("run", "--workspace", str(EXAMPLE), "--quiet")
    assert (quiet.returncode, quiet.stdout, quiet.stderr) == (0, "", "")


@local_only
def test_json_of_a_run(project: Project) -> None:
    project.copy_example()
    summary = project.load()
    assert (summary["version"], summary["target"], summary["dry_run"]) == (2, "local", False)
    assert {
        "severity": "rejected",
        "reason": "no_date",
        "kind": "meeting_transcripts",
        "path": "transcripts/markdown-output/rocks/kickoff notes.md",
        "line_number": None,
        "detail": "no date in any of: file name, folders, front matter, date line, heading",
    } in summary["rejections"]


@local_only
def test_status_reports_missing_tables(project: Project) -> None:
    ended = project.loader("status")
    assert ended.code == 1
    assert "There is no " in ended.err
    assert "python -m loader run" in ended.err
    project.write("transcripts/markdown-output/rocks/2025-10-27.md", "# x")
    project.load()
    out = project.loader("status").out
    assert "The final tables are not there yet. Build them: dbt build" in out


def test_status(built: Project) -> None:
    ended = built.loader("status")
    assert ended.code == 0
    for words in (
        "│ Full Scale Ventures │ Client organization │",
        "│ ai-coach   │ Full Scale Ventures │",
        "│ weekly-digest │",
        "│ rocks      │ daily_reports        │   24 │ 2025-10-27 │ 2025-10-31 │",
        "│ rocks      │ jira_snapshots       │    1 │ 2025-10-27 │ 2025-11-02 │",
        "kickoff notes.md",
    ):
        assert words in ended.out
    status = json.loads(built.loader("status", "--json").out)
    assert status["version"] == 2
    assert len(status["counts"]) == 40
    of_files = [count for count in status["counts"] if count["kind"] in set(Kind)]
    assert sum(count["rows"] for count in of_files) == 111
    assert len(status["rejections"]) == 2
    assert status["unfinished"] == []


def test_status_of_empty_tables(project: Project) -> None:
    (project.workspace / "transcripts/markdown-output").mkdir(parents=True)
    project.load()
    project.build()
    out = project.loader("status").out
    assert "no rows yet" in out
    assert "No rejections." in out


@local_only
def test_rejections_beyond_twenty_are_counted(project: Project) -> None:
    for number in range(25):
        project.write(f"daily-reports/md-output/rocks/{number:02}.md", "x")
    out = project.loader(*project.run_args()).out
    assert out.count("│ rejected │ no_day") == 20
    assert "… and 5 more" in out


DELETING = [
    ("forget", "--path", "no such file"),
    ("prune", "--keep", "1"),
]


@local_only
@pytest.mark.parametrize("args", DELETING)
def test_nothing_is_deleted_without_an_answer(project: Project, args: tuple[str, ...]) -> None:
    ended = project.loader(*args)
    assert ended.code == 1
    assert ended.err.startswith("Error: Nothing was deleted. This ")
    again = shlex.join(["python", "-m", "loader", *args, "--target", "local", "--yes"])
    assert ended.err.endswith(f"If you mean it: {again}\n")
    assert "Nothing was deleted" not in project.loader(*args, "--yes").err


@local_only
@pytest.mark.parametrize(
    ("args", "answer", "is_meant"),
    [
        (("prune", "--keep", "1"), "no", False),
        pytest.param(("prune", "--keep", "1"), "yes", True, marks=pytest.mark.long),
        pytest.param(("drop",), "yes", False, marks=pytest.mark.long),
        (("drop",), "warehouse.duckdb", True),
    ],
)
def test_a_terminal_gets_a_question(
    project: Project, args: tuple[str, ...], answer: str, *, is_meant: bool
) -> None:
    project.write("transcripts/markdown-output/rocks/2025-10-27.md", "# x")
    project.load()
    project.build()
    keyboard, terminal = pty.openpty()
    os.write(keyboard, f"{answer}\n".encode())
    with os.fdopen(terminal) as stdin:
        project.patch.setattr("sys.stdin", stdin)
        ended = project.loader(*args)
    os.close(keyboard)
    assert ended.code == (0 if is_meant else 1), ended
    assert "\nType " in ended.err
    assert ended.err.startswith("This removes all ")
    assert ("Nothing was deleted" in ended.err) is not is_meant
