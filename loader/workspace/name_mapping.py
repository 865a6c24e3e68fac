"""Read a team's mapping file: its project folder, and its people with their spellings."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from loader.parsing.people import is_nobody
from loader.parsing.rejections import Reason, Rejection
from loader.workspace import Workspace
from loader.workspace.json_files import ConfigError, read_json

_FILE = "datasource-generator/team-name-mapping-{}.json"


@dataclass(frozen=True, slots=True)
class MappedPerson:
    """A person of a mapping file.

    Args:
        full_name: The person's full name, as written.
        aliases: Other spellings, as written, without the full name.
    """

    full_name: str
    aliases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NameMapping:
    """A team's mapping file.

    Args:
        path: The file, relative to the workspace; None if the team has none.
        project_folder: The folder that may contain the team's files and configs.
        people: The people, in the order of the file.
        rejections: Invalid parts of the file, or the reason why it could not be read.
    """

    path: str | None = None
    project_folder: str | None = None
    people: list[MappedPerson] = field(default_factory=list)
    rejections: list[Rejection] = field(default_factory=list)


def mapping_path(team: str) -> str:
    """Return the path of a team's mapping file, relative to the workspace."""
    return _FILE.format(team)


def read_mapping(workspace: Workspace, team: str, others: Sequence[str] = ()) -> NameMapping:
    """Read the mapping file of a team. Never raise because of the file's content.

    Args:
        workspace: The workspace to read.
        team: The team's folder.
        others: Other names of the team; their files are used if the folder's own is missing.

    Returns:
        The mapping: empty if no file exists, with a rejection if the file cannot be read.
    """
    for path in map(mapping_path, (team, *others)):
        try:
            document = read_json(workspace, path)
        except ConfigError as error:
            return NameMapping(path, rejections=[error.rejection])
        if document is not None:
            return _mapping(path, document)
    return NameMapping()


def _mapping(path: str, document: dict[str, object]) -> NameMapping:
    mapping = NameMapping(path, _folder(document.get("projectFolder")))
    if document.get("projectFolder") and not mapping.project_folder:
        _reject(mapping, "projectFolder is not the name of a folder")
    mappings = document.get("mappings") or {}
    if not isinstance(mappings, dict):
        _reject(mapping, "mappings is not an object")
        return mapping
    for key, value in mappings.items():
        person = _person(key, value)
        if person:
            mapping.people.append(person)
        else:
            _reject(mapping, f"mappings: {key!r} is neither a name nor an object with names")
    return mapping


def _folder(value: object) -> str | None:
    """Return a folder's name; None for a path that could lead out of the workspace."""
    name = value.strip() if isinstance(value, str) else ""
    is_name = name.isprintable() and not set(name) & {"/", "\\"} and name not in {"", ".", ".."}
    return name if is_name else None


def _person(key: str, value: object) -> MappedPerson | None:
    """Return the person of an entry; None if the entry has an unknown form."""
    if isinstance(value, dict):
        aliases = value.get("aliases") or []
        aliases = [aliases] if isinstance(aliases, str) else aliases
        if not isinstance(aliases, list):
            return None
        full_name, spellings = value.get("fullName"), [key, value.get("shortName"), *aliases]
    elif isinstance(value, str):
        # Older files map a full name to a short name, or the reverse.
        full_name, spellings = max(key, value, key=_word_count), [key, value]
    else:
        return None
    names = [*_names([full_name, key])]
    if not names:
        return None
    return MappedPerson(names[0], tuple(name for name in _names(spellings) if name != names[0]))


def _names(values: Iterable[object]) -> Iterator[str]:
    """Yield each name once, without `undefined` and texts that have no letter."""
    stripped = (value.strip() for value in values if isinstance(value, str))
    yield from dict.fromkeys(name for name in stripped if not is_nobody(name))


def _word_count(name: str) -> int:
    return len(name.split())


def _reject(mapping: NameMapping, detail: str) -> None:
    mapping.rejections.append(Rejection(Reason.BAD_CONFIG, detail))
