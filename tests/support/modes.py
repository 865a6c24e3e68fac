"""Check who may read the files of a command."""

import stat
from pathlib import Path


def wrong_modes(folder: Path) -> dict[str, str]:
    """Return the paths with a wrong mode: 0700 is right for folders, 0600 for files."""
    wrong = {}
    for path in [folder, *folder.rglob("*")]:
        mode = stat.S_IMODE(path.lstat().st_mode)
        if not path.is_symlink() and mode != (0o700 if path.is_dir() else 0o600):
            wrong[str(path.relative_to(folder))] = oct(mode)
    return wrong
