"""Find the project's files: in a clone, or in a user's folder next to the installed wheel.

The wheel holds the dbt project and the seeds' templates. A user's folder has its own dbt project,
which uses the wheel's as a package. The package is a link, so an upgrade changes no user file.
"""

import re
import shutil
from pathlib import Path

from loader import __version__
from loader.errors import SettingsError

PACKAGE = "orchestrator_elt"
_CLONE = Path(__file__).resolve().parents[1]
IS_CLONE = (_CLONE / "dbt_project.yml").is_file()
CORE = _CLONE if IS_CLONE else Path(__file__).resolve().with_name("core")
_TEMPLATE = Path(__file__).with_name("template")
_LINKS = f".{PACKAGE}"  # packages.yml and dbt_project.yml in a user's folder refer to this name
_COPIED = (".env.example", "profiles.yml")


def how_to_install(extra: str) -> str:
    """Return the command that installs an extra of pyproject.toml."""
    if IS_CLONE:
        return "make setup"
    return f"pip install '/path/to/{PACKAGE}-{__version__}-py3-none-any.whl[{extra}]'"


def find_root() -> Path:
    """Return the project's folder.

    Search from the working directory upwards for a dbt project that uses ours. If none is found,
    use the clone that contains this code.

    Raises:
        SettingsError: No project is found, and this code is not in a clone.
    """
    here = Path.cwd()
    for folder in (here, *here.parents):
        file = folder / "dbt_project.yml"
        if file.is_file() and PACKAGE in file.read_text(encoding="utf-8", errors="replace"):
            return folder
    if IS_CLONE:
        return CORE
    raise SettingsError(
        f"{here} is not in a project. Make one: orchestrator-elt init DIR, then: cd DIR"
    )


def find_seeds() -> Path:
    """Return the folder with the seed files.

    Raises:
        SettingsError: There is no project.
    """
    return find_root() / "seeds"


def link_package() -> Path:
    """Link the installed dbt project into a user's folder; return the project's folder.

    A clone needs no link. A correct link is kept.

    Raises:
        SettingsError: There is no project.
    """
    root = find_root()
    if (root / "packages.yml").is_file() and root != CORE:
        for name in ("dbt_project", "dbt_project.yml"):
            _link(root / _LINKS / name, CORE / name)
        _link(root / _LINKS / "seeds", Path("../seeds"))
        _link(root / "dbt_packages" / PACKAGE, Path("..", _LINKS))  # as `dbt deps` does
    return root


def create(folder: Path) -> list[Path]:
    """Create a project in a new or empty folder; return its files.

    Raises:
        SettingsError: The folder is not empty.
    """
    if folder.exists() and any(each.name != ".git" for each in folder.iterdir()):
        raise SettingsError(f"{folder} is not empty. Name a new folder: orchestrator-elt init DIR")
    name = re.sub(r"\W", "_", folder.resolve().name, flags=re.ASCII).lower()
    if name == PACKAGE or not re.match(r"[a-z]", name):
        name = f"project_{name}"
    folder.mkdir(parents=True, exist_ok=True)
    for source in sorted(path for path in _TEMPLATE.rglob("*") if path.is_file()):
        path = folder / source.relative_to(_TEMPLATE)
        path = path.with_name(path.name.replace("dot.", "."))
        path.parent.mkdir(exist_ok=True)
        path.write_text(source.read_text().replace("PROJECT_NAME", name))
    (folder / "seeds").mkdir()
    for source in (*map(CORE.joinpath, _COPIED), *sorted((CORE / "seeds").glob("*.csv"))):
        shutil.copyfile(source, folder / source.relative_to(CORE))
    return sorted(path for path in folder.rglob("*") if path.is_file() and ".git" not in path.parts)


def _link(path: Path, to: Path) -> None:
    if path.is_symlink() and path.readlink() == to:
        return
    path.parent.mkdir(exist_ok=True)
    path.unlink(missing_ok=True)
    path.symlink_to(to)
