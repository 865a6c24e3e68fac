"""Case 48: text of others never reaches a terminal, log or message unescaped."""

import contextlib
import io
import json
import logging
import os
import sys
import threading
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rich.text import Text

from loader.cli import main
from loader.cli.output import line, lines, listing, note, print_all, print_json, progress, waiting
from loader.errors import SettingsError
from loader.guards import terminal
from tests.support.project import Ended, Project
from tests.support.screen import HOSTILE, UNSAFE, screen, unsafe

duckdb_only = pytest.mark.parametrize("engine", ["duckdb"], indirect=True)
DAILY = "daily-reports/md-output"
# A file name has at most 255 bytes.
NAME = f"\x1b]0;pwned\x07\x1b[31mFAKE\x9b31m\n{UNSAFE}"
REPORT = """\
## {0}

## 2025-10-26
**Employee**: {0}

x

## 2025-10-27
**Employee**: {0}a
**Employee**: {0}b

y
"""


def shown(project: Project, *args: str) -> Ended:
    """Return the result of a command whose output goes to terminals."""
    for name, value in project.environ.items():
        project.patch.setenv(name, value)
    with (
        screen() as out,
        screen() as err,
        contextlib.redirect_stdout(out.stream),
        contextlib.redirect_stderr(err.stream),
    ):
        try:
            code = main([*args, "--target", project.target])
        except SystemExit as exit_:
            code = int(exit_.code or 0)
    return Ended(code, out.text, err.text)


@duckdb_only
def test_48_no_command_shows_text_of_others_unescaped(project: Project) -> None:
    author = HOSTILE.replace("\r", "")  # a carriage return would end the line
    project.write(f"{DAILY}/rocks/{NAME}.md", REPORT.format(author))
    project.write(f"{DAILY}/{NAME}/a.md", REPORT.format("Ana"))
    project.write("configs/rocks/config.json", json.dumps({"jira": {"start_date": HOSTILE}}))
    project.write(f"jira/md_output/rocks/{NAME}.md", "x")
    bad = os.fsencode(project.workspace / DAILY / "rocks") + b"/\x9b31m\xff.md"
    with open(bad, "w") as file:  # noqa: PTH123 - a name in bytes
        file.write("x")
    blobs = project.folder / "warehouse/blobs"
    run = project.run_args()
    ended = [shown(project, *run), shown(project, "status", "--json")]
    assert [(0, True)] * 2 == [(e.code, r"\x1b[31mFAKE" in e.out) for e in ended]
    paths = {each["path"] for each in json.loads(ended[1].out)["rejections"]}
    assert f"{DAILY}/rocks/{NAME}.md" in paths
    for blob in [path for path in blobs.rglob("*") if path.is_file()]:
        blob.write_bytes(b"other")
    stored = project.query("select distinct author_name from raw.daily_reports")
    assert len(stored) == 1
    for args in (
        ["status"],
        ["verify"],
        ["verify", "--json"],
        ["verify", "--orphans"],
        ["forget", "--dry-run", "--path", f"{DAILY}/rocks/{NAME}.md"],
        ["forget", "--dry-run", "--author", HOSTILE],
        ["forget", "--author", HOSTILE],
        ["run", "--workspace", HOSTILE],
        [*run, "--team", HOSTILE],
        [*run, "--blob-manifest", HOSTILE],
        ["run", HOSTILE],
        ["run", "--blob-store", HOSTILE],
        ["status", "--since", HOSTILE],
        [HOSTILE],
    ):
        ended.append(shown(project, *args))
        assert ended[-1].out or ended[-1].err, args
    project.patch.setenv("DEBUG", "true")
    ended.append(shown(project, "run", "--workspace", HOSTILE))
    assert "Traceback" in ended[-1].err
    assert [] == unsafe("".join(each.out + each.err for each in ended))


def log() -> None:
    logging.getLogger("loader").warning("%s", HOSTILE)


def log_elsewhere() -> None:
    logging.getLogger("library").warning("%s", HOSTILE)


def warn() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        # Python writes it itself; pytest would capture it.
        sys.stderr.write(warnings.formatwarning(HOSTILE, UserWarning, HOSTILE, 1))


def fail_in_a_thread() -> None:
    def fail() -> None:
        raise ValueError(HOSTILE)

    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()


def fail() -> None:
    raise ValueError(HOSTILE)


def fail_for_a_reason() -> None:
    raise SettingsError(HOSTILE)


def fail_at_a_file() -> None:
    Path(HOSTILE).read_text()


def show_bars() -> None:
    with progress("Loading", is_shown=True) as shown_:
        shown_.start(1)
        sys.stderr.write(HOSTILE)
        shown_.advance(1)
    with waiting(HOSTILE, is_shown=True):
        sys.stderr.write(HOSTILE)


@pytest.mark.parametrize(
    "act",
    [
        log,
        log_elsewhere,
        warn,
        fail_in_a_thread,
        fail,
        fail_for_a_reason,
        fail_at_a_file,
        show_bars,
    ],
)
@pytest.mark.parametrize("debug", ["true", "false"])
def test_48_logs_failures_and_libraries_escape_too(
    act: Callable[[], None], debug: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEBUG", debug)
    monkeypatch.setenv("TERM", "xterm-256color")
    # Without pytest's own.
    monkeypatch.setattr(threading, "excepthook", threading.__excepthook__)
    monkeypatch.setattr(logging.getLogger(), "handlers", [])

    def command(*_: object) -> int:
        act()
        return 0

    monkeypatch.setattr("loader.cli.status.opened_settings", command)
    with screen() as err, contextlib.redirect_stderr(err.stream):
        main(["status"])
    assert [] == unsafe(err.text)
    assert r"\x1b]52;c;cm0gLXJmIH4K" in err.text
    if act is show_bars:
        assert b"\x1b[2K" in err.written


def test_our_own_colors_reach_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    with screen() as out, contextlib.redirect_stdout(out.stream), terminal.guarded():
        print_all([listing("Title", ("a",), [(HOSTILE,)])])
    assert b"\x1b[1mTitle" in out.written
    assert [] == unsafe(out.text)


def test_a_guarded_stream_is_not_a_terminal() -> None:
    with screen() as out, contextlib.redirect_stdout(out.stream), terminal.guarded():
        assert not sys.stdout.isatty()
        assert terminal.raw(sys.stdout).isatty()
        with pytest.raises(io.UnsupportedOperation):
            sys.stdout.fileno()


TEXTS = st.text(st.characters(), max_size=20)  # including lone surrogates


@settings(max_examples=50)  # a table takes time
@given(st.lists(TEXTS, min_size=1, max_size=3))
@example([HOSTILE])
@example(["[bold]x[/bold] [link=http://x]y[/link]"])
def test_48_all_output_is_safe(texts: list[str]) -> None:
    out = io.StringIO()
    columns = tuple(texts)
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out), terminal.guarded():
        print_all([listing(texts[0], columns, [columns])])
        print_all([*map(line, texts), *map(lines, texts)])
        print_all([Text(texts[0])])  # not escaped yet
        note(texts[0])
        sys.stderr.writelines(texts)
        print_json(texts=texts)
    assert [] == unsafe(out.getvalue())


@settings(max_examples=50)
@given(st.dictionaries(TEXTS, TEXTS))
def test_48_json_has_the_same_texts_with_escapes(texts: dict[str, str]) -> None:
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        print_json(texts=texts)
    assert [] == unsafe(out.getvalue())
    assert texts == json.loads(out.getvalue())["texts"]


@settings(max_examples=50)
@given(TEXTS)
def test_a_line_is_one_line(text: str) -> None:
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        print_all([line(text)])
    assert out.getvalue().count("\n") == 1
