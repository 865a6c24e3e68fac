"""Find a file's rows of the replaced system for `forget --path`: raw has no path for them.

That system stored a transcript's file name, and named a blob after its file, both without
folders. So rows that match a file in a subfolder may belong to another file of that name.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from loader.maintenance.eraser import Eraser
from loader.maintenance.old_rows import is_old
from loader.tables import FILE_TABLES
from loader.workspace.kinds import KINDS, Kind

OF_IDS = "cast(id as text) = any(%s)"
_TEAMS = "select cast(id as text), name from teams"
_ROWS = "select cast(id as text), cast(team_id as text), {column} from {kind} where {is_old}"


@dataclass(frozen=True)
class OldFile:
    """The rows that the replaced system stored for a file.

    Args:
        kind: The table of its rows.
        ids: Ids of the rows that come from the file.
        unclear: Rows that may come from the file, each with the missing evidence.
    """

    kind: Kind
    ids: list[str] = field(default_factory=list)
    unclear: list[str] = field(default_factory=list)


def find_old_file(eraser: Eraser, path: str, teams: Mapping[str, str]) -> OldFile | None:
    """Return the rows of a file; None if the path is not an input file.

    Args:
        eraser: Reads the database. Call before any deletion.
        path: The file's path relative to the workspace, with `/`.
        teams: Team names by folder name, from the seeds.
    """
    kind = next((each for each in KINDS if path.startswith(f"{KINDS[each].root}/")), None)
    if not kind:
        return None
    folder, _, rest = path.removeprefix(f"{KINDS[kind].root}/").partition("/")
    below = rest.removeprefix(f"{KINDS[kind].below_team}/" if KINDS[kind].below_team else "")
    found = OldFile(kind)
    has_name = "filename" in FILE_TABLES[kind].same_in_files
    column = "filename" if has_name else "blob_key"
    names = {row[0]: row[1] for row in eraser.stream("teams", _TEAMS)}
    query = _ROWS.format(column=column, kind=kind, is_old=is_old(eraser, kind))
    for id_, team, name in eraser.stream(kind, query):
        if not name or names.get(team, "") not in {"", teams.get(folder, folder)}:
            continue
        name_below = name if has_name else _below(name)
        if name_below == below and team:
            found.ids.append(id_)
        elif name_below.rpartition("/")[2] == below.rpartition("/")[2]:
            lacks = f"its {column} has not the folders of this file" if team else "it has no team"
            found.unclear.append(f"{kind} {id_} ({name}): {lacks}")
    return found


def _below(blob_key: str) -> str:
    """Return the part of a blob's name below the team and the kind of file."""
    _, _, rest = blob_key.partition("/")
    for module in ("slack/sanitized", rest.partition("/")[0]):
        if rest.startswith(f"{module}/"):
            return rest.removeprefix(f"{module}/")
    return rest
