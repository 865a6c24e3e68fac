"""Read the CSV files of the seeds strictly, and refuse ambiguous content.

A spreadsheet may save them with another separator or encoding, or with a missing cell. dbt would
load such a file silently, and the rows of a team would be lost.
"""

import codecs
import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from loader.errors import SettingsError
from loader.workspace.regular import SMALL, read_regular

_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "vertical bars"}
_WIDE = (
    codecs.BOM_UTF16_LE,
    codecs.BOM_UTF16_BE,
    codecs.BOM_UTF32_BE,
)  # before UTF-16-LE, whose mark is a prefix of UTF-32-LE's
_SAVE = "Save it as UTF-8; Excel calls that 'CSV UTF-8 (Comma delimited)'"


@dataclass(frozen=True, slots=True)
class SeedRow:
    """A row of a seed.

    Args:
        place: File and line, for messages.
        cells: Text by column.
    """

    place: str
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells[column]

    @property
    def key(self) -> str:
        """Return the stable key; the name if the cell is empty."""
        return self.cells.get("key") or self.cells["name"]


def read_seed(path: Path, needed: Sequence[str]) -> list[SeedRow]:
    """Return the rows of a seed. Blank lines are skipped.

    Args:
        path: The CSV file.
        needed: Required columns, whose cells must not be empty.

    Raises:
        SettingsError: The file cannot be read, has another separator or encoding, lacks a column,
            or a row has too few or too many fields; with file and line.
    """
    lines = _lines(path, _text(path))
    place, header = next(lines, (f"{path}, line 1", []))
    _check_header(place, header, needed)
    return [_row(place, header, fields, needed) for place, fields in lines]


def _text(path: Path) -> str:
    try:
        data = read_regular(str(path), SMALL)
    except OSError as error:
        message = f"Cannot read {path}: {error!r}. Get it back: git checkout seeds"
        raise SettingsError(message) from error
    if data.startswith(_WIDE) or b"\0" in data:
        raise SettingsError(f"{path}, line 1: encoded in UTF-16, or not a text. {_SAVE}.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        number = data.count(b"\n", 0, error.start) + 1
        byte = f"0x{data[error.start]:02X}"
        raise SettingsError(f"{path}, line {number}: {byte} is not UTF-8. {_SAVE}.") from error


def _lines(path: Path, text: str) -> Iterator[tuple[str, list[str]]]:
    """Yield the fields of each line that is not blank, with its place."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    while True:
        place = f"{path}, line {reader.line_num + 1}"
        try:
            fields = next(reader, None)
        except csv.Error as error:
            raise SettingsError(f"{place}: {error}. Check the quotation marks.") from error
        if fields is None:
            return
        if fields:
            yield place, fields


def _check_header(place: str, header: list[str], needed: Sequence[str]) -> None:
    for separator, words in _SEPARATORS.items():
        if any(separator in column for column in header):
            raise SettingsError(f"{place}: the fields are separated by {words}. Use commas.")
    missing = [column for column in needed if column not in map(str.lower, map(str.strip, header))]
    if missing:
        found = ", ".join(map(repr, header)) or "none"
        raise SettingsError(
            f"{place}: the column {missing[0]!r} is missing. There are: {found}."
            " The header comes with the repository: git diff seeds"
        )
    for column in header:
        if header.count(column) > 1:
            raise SettingsError(f"{place}: the column {column!r} is there twice. Remove one.")
        if column != column.strip().lower():
            raise SettingsError(
                f"{place}: write the column {column!r} as {column.strip().lower()!r}."
            )


def _row(place: str, header: list[str], fields: list[str], needed: Sequence[str]) -> SeedRow:
    if len(fields) != len(header):
        amount = "few" if len(fields) < len(header) else "many"
        message = (
            f"{place}: too {amount} fields, {len(fields)} instead of {len(header)}"
            f" ({','.join(header)}). An empty field needs its comma; a field with a comma needs"
            " double quotes."
        )
        raise SettingsError(message)
    row = SeedRow(place, dict(zip(header, fields, strict=True)))
    for column in needed:
        if not row[column]:
            raise SettingsError(f"{place}: {column!r} is empty. Fill it, or remove the line.")
    for column, cell in row.cells.items():
        if cell != cell.strip():
            raise SettingsError(f"{place}: {column!r} begins or ends with a space: {cell!r}.")
        if column in {"key", *needed} and not cell.isprintable():
            raise SettingsError(f"{place}: {column!r} has an invisible character: {cell!r}.")
    return row
