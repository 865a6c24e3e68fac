"""Edit the seeds' CSV files in place: unchanged parts keep their bytes."""

import contextlib
import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from loader.errors import SettingsError
from loader.tables import SEEDS
from loader.workspace.people import load_people
from loader.workspace.seeds import read_seed
from loader.workspace.teams import load_names

FOLDER_NAME = "seeds"
NEEDED = {
    "seed_organizations": ("name",),
    "seed_teams": ("name", "organization"),
    "seed_team_aliases": ("alias", "team"),
    "seed_people": ("full_name",),
    "seed_report_types": ("name",),
    "seed_report_type_patterns": ("pattern",),
}
_FIELD = re.compile(r'"(?:[^"]|"")*"|[^,\r\n]*')
_END = re.compile(r"\r\n|\n|\r|\Z")
_BOM = "\ufeff"


@dataclass(frozen=True, slots=True)
class Record:
    """A line of a file, as written.

    Args:
        fields: The fields with their quotes.
        end: The line end.
    """

    fields: tuple[str, ...]
    end: str

    @property
    def cells(self) -> list[str]:
        """The values of the fields."""
        return [_unquoted(each) for each in self.fields]

    @property
    def is_blank(self) -> bool:
        """Whether the line is empty and is ignored."""
        return self.fields == ("",)

    @property
    def text(self) -> str:
        """The line as written."""
        return ",".join(self.fields) + self.end


@dataclass(frozen=True, slots=True)
class SeedFile:
    """A seed file as read.

    Args:
        path: The file's path.
        version: The SHA-256 of its bytes.
        bom: The byte order mark before the text, if any.
        records: The lines, including the header.
    """

    path: Path
    version: str
    bom: str
    records: tuple[Record, ...]

    @property
    def columns(self) -> list[str]:
        """The column names from the header."""
        return self.records[0].cells

    @property
    def rows(self) -> list[tuple[int, list[str]]]:
        """The rows, each with the index of its record."""
        return [
            (number, each.cells)
            for number, each in enumerate(self.records)
            if number and not each.is_blank
        ]


@dataclass(frozen=True, slots=True)
class Added:
    """A new row.

    Args:
        cells: The row's values.
        above: The record to insert it above; None for the end of the file.
    """

    cells: tuple[str, ...]
    above: int | None = None


def path_of(seed: str, folder: Path) -> Path | None:
    """Return the file of a seed; None if the seed or the file does not exist."""
    path = folder / f"{seed}.csv"
    return path if seed in SEEDS and path.is_file() else None


def read(path: Path) -> SeedFile:
    """Return a seed's file.

    Raises:
        SettingsError: The file cannot be read or is ambiguous; the message has file and line.
    """
    read_seed(path, NEEDED[path.stem])
    data = path.read_bytes()
    text = data.decode()
    bom = _BOM if text.startswith(_BOM) else ""
    version = hashlib.sha256(data).hexdigest()
    return SeedFile(path, version, bom, tuple(records_of(text.removeprefix(_BOM))))


def edited(
    file: SeedFile,
    changed: Mapping[int, Sequence[str]],
    removed: frozenset[int] = frozenset(),
    added: Sequence[Added] = (),
) -> bytes:
    """Return the bytes of a file with some rows changed; everything else stays as written.

    Args:
        file: The file as read.
        changed: The values of changed rows, by the index of their record.
        removed: The indexes of removed records.
        added: The new rows.
    """
    end = file.records[0].end or "\n"
    lines = []
    for number, record in enumerate(file.records):
        lines += [_line(each.cells, end) for each in added if each.above == number]
        if number in removed:
            continue
        cells = changed.get(number, record.cells)
        fields = tuple(
            raw if _unquoted(raw) == cell else _quoted(cell, is_forced=raw.startswith('"'))
            for raw, cell in zip(record.fields, cells, strict=True)
        )
        lines.append(Record(fields, record.end).text)
    new = [_line(each.cells, end) for each in added if each.above is None]
    if new and lines and not lines[-1].endswith(("\n", "\r")):
        lines[-1] += end
    return (file.bom + "".join([*lines, *new])).encode()


def save(file: SeedFile, data: bytes) -> None:
    """Replace a file atomically, if nobody has changed it since it was shown.

    Args:
        file: The file as shown.
        data: The new bytes.

    Raises:
        SettingsError: The file has changed or cannot be written, or the new text is invalid.
    """
    path = Path(os.path.realpath(file.path))
    try:
        _check(file.path, data)
        with _temporary(path) as temporary:
            temporary.write_bytes(data)
            shutil.copymode(path, temporary)
            with temporary.open("rb") as written:
                os.fsync(written.fileno())
            if hashlib.sha256(path.read_bytes()).hexdigest() != file.version:
                message = f"{file.path.name} has changed since it was shown. Look at it again."
                raise SettingsError(message)
            temporary.replace(path)
    except OSError as error:
        message = f"Cannot write {file.path}: {error.strerror}. Nothing was changed."
        raise SettingsError(message) from error


def _check(path: Path, data: bytes) -> None:
    """Raise an error for a text that the loader would reject together with the other seeds."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for other in path.parent.glob("*.csv"):
            shutil.copyfile(other, folder / other.name)
        (folder / path.name).write_bytes(data)
        try:
            rows = read_seed(folder / path.name, NEEDED[path.stem])
            names = load_names(folder)
            teams = read_seed(folder / "seed_teams.csv", NEEDED["seed_teams"])
            load_people(folder)
        except SettingsError as error:
            raise SettingsError(str(error).replace(f"{folder}{os.sep}", "")) from error
    for team in teams:
        if team["organization"] not in names.organizations:
            known = ", ".join(sorted(set(names.organizations.values())))
            place = team.place.replace(f"{folder}{os.sep}", "")
            message = f"{place}: no organization {team['organization']!r}. There are: {known}."
            raise SettingsError(message)
    key = NEEDED[path.stem][0]
    seen: set[str] = set()
    for row in rows:
        place = row.place.replace(f"{folder}{os.sep}", "")
        if row[key] in seen:
            raise SettingsError(f"{place}: {row[key]!r} is there twice. Remove one of the lines.")
        seen.add(row[key])
        type_ = row.cells.get("report_type")
        if type_ and type_ not in names.report_types:
            known = ", ".join(names.report_types)
            message = (
                f"{place}: no report type {type_!r} in seed_report_types.csv. There are: {known}."
            )
            raise SettingsError(message)


@contextlib.contextmanager
def _temporary(path: Path) -> Iterator[Path]:
    """Yield a temporary file in the same folder, and remove it at the end."""
    handle, name = tempfile.mkstemp(prefix=f".{path.stem}-", dir=path.parent)
    os.close(handle)
    try:
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)


def records_of(text: str) -> Iterator[Record]:
    """Yield the lines of a CSV file, as written."""
    position = 0
    while position < len(text):
        fields = []
        while True:
            field = _FIELD.match(text, position)
            raw = field[0] if field else ""
            fields.append(raw)
            position += len(raw)
            if text[position : position + 1] != ",":
                break
            position += 1
        end = _END.match(text, position)
        yield Record(tuple(fields), end[0] if end else "")
        position = end.end() if end else len(text)


def _line(cells: Sequence[str], end: str) -> str:
    return Record(tuple(_quoted(each) for each in cells), end).text


def _quoted(cell: str, *, is_forced: bool = False) -> str:
    if is_forced or any(mark in cell for mark in ',"\r\n'):
        return '"' + cell.replace('"', '""') + '"'
    return cell


def _unquoted(field: str) -> str:
    return field[1:-1].replace('""', '"') if field.startswith('"') else field
