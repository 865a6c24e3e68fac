"""Who may read the files that a command leaves."""

import stat
from pathlib import Path


def wrong_modes(folder: Path) -> dict[str, str]:
    """Return what is not as it should be: 0700 for a folder, 0600 for a file."""
    wrong = {}
    for path in [folder, *folder.rglob("*")]:
        mode = stat.S_IMODE(path.lstat().st_mode)
        if not path.is_symlink() and mode != (0o700 if path.is_dir() else 0o600):
            wrong[str(path.relative_to(folder))] = oct(mode)
    return wrong
