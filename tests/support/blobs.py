"""The output of `verify` on a project's blobs, and ways to damage the blobs."""

from typing import Any

from tests.support.documents import short
from tests.support.project import Project


def verify(project: Project, *args: str) -> tuple[int, dict[str, Any]]:
    ended = project.loader("verify", "--json", *args)
    return ended.code, short(ended.out)


def change(project: Project, key: str, data: bytes | None) -> None:
    """Replace the bytes of a blob, or delete it."""
    if not project.store:
        path = project.folder / "warehouse/blobs" / key
        path.write_bytes(data) if data is not None else path.unlink()
    elif data is None:
        del project.store.files[key]
    else:
        project.store.files[key].data = data


def header(command: str, project: Project) -> dict[str, Any]:
    """Return the first fields of a command's JSON document."""
    return {
        "version": 2,
        "command": command,
        "target": project.target,
        "database": project.place,
    }
