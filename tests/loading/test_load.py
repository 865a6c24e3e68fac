"""`from loader import load`: load from a Python program."""

import inspect
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from loader import load
from loader.cli.run import add_arguments
from loader.errors import LoaderError
from loader.workspace.kinds import Kind
from tests.support.project import ROOT, Project

pytestmark = pytest.mark.either_engine

DAY = "**Employee**: Ana Reyes\n\n## 2025-10-27\n\n- Wrote the plan\n"


def test_load(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    for name, value in {**project.environ, "PGAPPNAME": "theirs"}.items():
        project.patch.setenv(name, value)
    project.write("daily-reports/md-output/rocks/ana.md", DAY)
    project.write("daily-reports/md-output/timeclock/bo.md", DAY.replace("Ana Reyes", "Bo Lind"))
    tried = load(project.workspace, target=project.target, dry_run=True)
    assert tried.kinds[Kind.DAILY_REPORTS].loaded == 2
    first = load(project.workspace, target=project.target, teams=["rocks"])
    again = load(str(project.workspace), target=project.target)
    counts = [each.kinds[Kind.DAILY_REPORTS] for each in (first, again)]
    assert [(each.loaded, each.rows, each.unchanged) for each in counts] == [(1, 1, 0), (1, 1, 1)]
    assert project.query("select count(*) from raw.daily_reports") == [(2,)]
    assert capsys.readouterr().out == ""
    assert os.environ["PGAPPNAME"] == "theirs"
    for path in (project.folder / "warehouse").rglob("*"):
        assert not stat.S_IMODE(path.stat().st_mode) & 0o077, path


@pytest.mark.parametrize("engine", ["duckdb"])
def test_errors_can_be_caught(project: Project, tmp_path: Path) -> None:
    for name, value in project.environ.items():
        project.patch.setenv(name, value)
    with pytest.raises(LoaderError, match="nowhere"):
        load(tmp_path / "nowhere", target="local")
    with pytest.raises(ValueError, match="engine"):
        load(project.workspace, target="local", engine="local", dry_run=True)
    with pytest.raises(ValueError, match="blob_manifest"):
        load(project.workspace, target="local", upload=False)


def test_it_has_the_options_of_run_and_they_are_documented() -> None:
    import argparse  # noqa: PLC0415

    parser = argparse.ArgumentParser()
    add_arguments(parser)
    of_run = {action.dest for action in parser._actions} - {"help", "quiet", "verbose", "strict"}  # noqa: SLF001
    same = {"team": "teams", "week_start": "week", "week_end": "week", "no_upload": "upload"}
    parameters = set(inspect.signature(load).parameters)
    assert {same.get(name, name) for name in of_run} == parameters - {"target", "progress"}
    page = (ROOT / "docs/python.md").read_text()
    assert all(f"`{name}`" in page for name in parameters)


def test_the_package_is_imported_at_once() -> None:
    code = """if True:
        import sys
        before = set(sys.modules)
        import loader
        new = {name.partition(".")[0] for name in set(sys.modules) - before}
        print(new - sys.stdlib_module_names)
    """
    ended = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True, text=True
    )
    assert ended.stdout.strip() == "{'loader'}"
