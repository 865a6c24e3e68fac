"""A project outside any clone: created by `init`, with its tables from the wheel."""

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import duckdb
import pytest
import yaml

from loader import project as files
from loader.cli import main
from loader.errors import SettingsError
from loader.project import create, find_root, find_seeds, link_package
from loader.workspace.teams import load_teams
from tests.support.project import ROOT

_SOURCES = ("pyproject.toml", "README.md", "LICENSE", "dbt_project.yml", "profiles.yml")
_DBT = "from dbt.cli.main import cli; cli()"
_OWN = "select name from {{ ref('teams') }}\n"


def test_the_files_that_init_creates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["init", "acme-reports"]) == 0
    made = tmp_path / "acme-reports"
    found = {p.relative_to(made).as_posix() for p in made.rglob("*") if _is_users(p, made)}
    seeds = {f"seeds/{path.name}" for path in (ROOT / "seeds").iterdir()}
    own = {"dbt_project.yml", "packages.yml", "profiles.yml", "models/.gitkeep"}
    assert {".env.example", ".gitignore", *own, *seeds} == found
    mine = yaml.safe_load((made / "dbt_project.yml").read_text())
    core = yaml.safe_load((ROOT / "dbt_project.yml").read_text())
    assert mine["name"] == "acme_reports"
    for key in ("profile", "flags"):
        assert core[key] == mine[key]


def test_init_overwrites_nothing(tmp_path: Path) -> None:
    (tmp_path / "seeds").mkdir()
    with pytest.raises(SettingsError, match="is not empty"):
        create(tmp_path)


@pytest.mark.parametrize("name", ["orchestrator_elt", "2025", "ä"])
def test_dbt_accepts_the_name(tmp_path: Path, name: str) -> None:
    create(tmp_path / name)
    mine = yaml.safe_load((tmp_path / name / "dbt_project.yml").read_text())
    assert mine["name"].startswith("project_")


def test_commands_read_the_seeds_of_the_folder_they_run_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert find_root() == ROOT
    create(tmp_path / "acme")
    (tmp_path / "acme/seeds/seed_teams.csv").write_text("name,organization\nMine,Full Scale\n")
    (tmp_path / "acme/seeds/seed_team_aliases.csv").write_text("alias,team\nours,Mine\n")
    monkeypatch.chdir(tmp_path / "acme/models")
    assert find_seeds() == tmp_path / "acme/seeds"
    assert load_teams() == {"Mine": "Mine", "ours": "Mine"}


def test_links_follow_an_installation_that_moved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    create(tmp_path)
    monkeypatch.chdir(tmp_path)
    link_package()
    monkeypatch.setattr(files, "CORE", tmp_path / "elsewhere")
    link_package()
    package = tmp_path / "dbt_packages/orchestrator_elt"
    assert (package / "dbt_project").readlink() == tmp_path / "elsewhere/dbt_project"
    assert (package / "seeds").resolve() == tmp_path / "seeds"


def test_a_wheel_without_a_project_says_how_to_make_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "IS_CLONE", False)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SettingsError, match="orchestrator-elt init DIR"):
        find_root()
    assert "orchestrator-elt[" not in files.how_to_install("mcp")


class _Installation:
    """An environment with a wheel, and the packages of this one."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.python = folder / "env/bin/python"
        new = [sys.executable, "-m", "venv", "--without-pip", str(folder / "env")]
        subprocess.run(new, check=True)
        (packages,) = (folder / "env/lib").glob("python*/site-packages")
        (packages / "others.pth").write_text(sysconfig.get_path("purelib"))

    def install(self, source: Path) -> None:
        """Build the wheel of a source folder, and install it."""
        shutil.rmtree(self._folder / "dist", ignore_errors=True)
        build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel"]
        subprocess.run([*build, "-d", self._folder / "dist"], cwd=source, check=True)
        (wheel,) = (self._folder / "dist").glob("*.whl")
        pip = [
            sys.executable,
            "-m",
            "pip",
            "--python",
            str(self.python),
            "--disable-pip-version-check",
        ]
        how = ["--quiet", "--no-index", "--no-deps", "--ignore-installed"]
        subprocess.run([*pip, "install", *how, str(wheel)], check=True)

    def run(self, program: str, *args: str | Path, cwd: Path) -> str:
        """Run a command of this environment: `orchestrator-elt`, or `dbt`; return its output."""
        start = [self.python, "-c", _DBT] if program == "dbt" else [self.python.with_name(program)]
        environ = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        ended = subprocess.run(
            [*start, *args], cwd=cwd, env=environ, capture_output=True, text=True, check=False
        )
        assert ended.returncode == 0, ended
        return ended.stdout


@pytest.mark.long
def test_install_load_and_upgrade_from_wheels(tmp_path: Path) -> None:
    pytest.importorskip("hatchling")
    installation = _Installation(tmp_path)
    installation.install(ROOT)
    installation.run("orchestrator-elt", "init", "acme", cwd=tmp_path)
    acme = tmp_path / "acme"
    (acme / "models/my_teams.sql").write_text(_OWN)
    workspace = ("--workspace", ROOT / "examples/orchestrator")
    installation.run("orchestrator-elt", "run", "--target", "local", *workspace, cwd=acme)
    build = ("--quiet", "build", "--target", "local")
    tests = ("--exclude-resource-type", "test", "unit_test")
    installation.run("dbt", *build, *tests, cwd=acme)
    said = installation.run("orchestrator-elt", "status", "--target", "local", "--next", cwd=acme)
    assert "warehouse.duckdb" in said
    assert "studio --target local" in said
    query = "select count(*), (select count(*) from public.teams) from public.my_teams"
    with duckdb.connect(acme / ".warehouse/warehouse.duckdb") as connection:
        mine, teams = connection.execute(query).fetchall()[0]
    assert mine == teams > 0

    own = {path: path.read_bytes() for path in acme.rglob("*") if _is_users(path, acme)}
    assert acme / "models/my_teams.sql" in own
    source = tmp_path / "next"
    for name in ("loader", "dbt_project", "seeds"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in (*_SOURCES, ".env.example"):
        shutil.copy(ROOT / name, source)
    view = source / "dbt_project/models/reporting/reports_without_type.sql"
    view.write_text(f"{view.read_text()}\n-- of the next release\n")
    installation.install(source)
    installation.run("dbt", *build, *tests, "--select", "reports_without_type", cwd=acme)
    (compiled,) = (acme / "target/compiled").rglob("reports_without_type.sql")
    assert "of the next release" in compiled.read_text()
    assert {path: path.read_bytes() for path in own} == own


def _is_users(path: Path, project: Path) -> bool:
    top = path.relative_to(project).parts[0]
    made = {".warehouse", ".orchestrator_elt", "dbt_packages", "logs", "target"}
    return path.is_file() and top not in made
