"""Add a kind of file to a copy of the project, in the places that CONTRIBUTING names."""

import shutil
from pathlib import Path

from tests.support.project import ROOT

COPIED = ("loader", "dbt_project", "seeds", "scripts", "dbt_project.yml", "profiles.yml")
# Each place: the file, the text before which to insert (None for the end), and the addition.
ADDITIONS = [
    (
        "loader/workspace/kinds.py",
        "\n\n# Kinds whose texts",
        '    RETROSPECTIVES = "retrospectives"\n',
    ),
    (
        "loader/workspace/kinds.py",
        "}\n\n\ndef parser_versions",
        '    Kind.RETROSPECTIVES: KindFiles(root="retros/output", blob_folder="retros"),\n',
    ),
    (
        "loader/tables/__init__.py",
        "DataRow = (",
        '''@dataclass(slots=True, kw_only=True)
class RetrospectiveRow:
    """One row per retrospective and version."""

    held_on: Annotated[date, "The day."]
    notes: Annotated[Text, "The whole file."]
    checksum_sha256: _Checksum
    blob_key: _Key = None
    blob_url: _Url = None


''',
    ),
    (
        "loader/tables/__init__.py",
        "}\n# The tables that a load fills.",
        """    Kind.RETROSPECTIVES: RawTable(
        name="retrospectives", row=RetrospectiveRow, version_of=("team", "source_path")
    ),
""",
    ),
    (
        "loader/tables/__init__.py",
        "        FinalTable(name=LINKS),",
        """        FinalTable(
            name="retrospectives",
            days=("held_on", "held_on"),
            text="notes",
            same_in_files=("held_on",),
        ),
""",
    ),
    (
        "loader/extract/row_builders.py",
        "\n\ndef _add_daily_reports",
        """        case Kind.RETROSPECTIVES:
            _add_retrospective(result)


def _add_retrospective(result: FileResult) -> None:
    from loader.parsing.retrospectives import parse_retrospective
    from loader.tables import RetrospectiveRow

    day, notes = parse_retrospective(result.file.name, result.data or b"")
    checksum = sha256(notes)
    row = RetrospectiveRow(held_on=day, notes=notes, checksum_sha256=checksum)
    result.rows.append(row)
""",
    ),
    (
        "loader/parsing/retrospectives.py",
        None,
        """from datetime import date

from loader.parsing.values import Text


def parse_retrospective(name: str, data: bytes) -> tuple[date, Text]:
    return date.fromisoformat(name.removesuffix(".md")), Text(data)
""",
    ),
]
STAGED = ("held_on", "notes", "checksum_sha256", "blob_key", "blob_url", "loaded_at")


def add_table(folder: Path) -> None:
    """Copy the project into a folder and add a table."""
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(source, folder / name, ignore=ignored)
        else:
            shutil.copy(source, folder)
    for name, before, addition in ADDITIONS:
        path = folder / name
        text = path.read_text() if path.exists() else ""
        if before is not None:
            assert text.count(before) == 1, (name, before)
        place = len(text) if before is None else text.index(before)
        path.write_text(text[:place] + addition + text[place:])
    models = folder / "dbt_project/models"
    _add_staging(models / "staging")
    _add_mart(models / "marts")


def _add_staging(models: Path) -> None:
    sql = (models / "stg_raw__daily_reports.sql").read_text()
    sql = sql.replace("daily_reports", "retrospectives")
    start, end = sql.index("author_name"), sql.index("_dlt_load_id\n        from source")
    columns = ",\n            ".join((*STAGED, ""))
    (models / "stg_raw__retrospectives.sql").write_text(sql[:start] + columns + sql[end:])
    described = "\n".join(f"      - name: {name}\n        description: x." for name in STAGED)
    with (models / "_staging__models.yml").open("a") as file:
        file.write(f"\n  - name: stg_raw__retrospectives\n    columns:\n{described}\n")


def _add_mart(models: Path) -> None:
    sql = (models / "meeting_transcripts.sql").read_text()
    for old, new in (
        ("meeting_transcripts", "retrospectives"),
        ("transcript_date", "held_on"),
        ('"filename", ', ""),
        ('"filename",\n                        ', ""),
        ("            started_at,\n            filename,\n", ""),
        ("transcript_text", "notes"),
        ("            byte_size,\n", ""),
    ):
        assert old in sql, old
        sql = sql.replace(old, new)
    (models / "retrospectives.sql").write_text(sql)
    yml = (models / "_marts__models.yml").read_text()
    start = yml.index("  - name: meeting_transcripts\n")
    text = yml[start : yml.index("\n  - name: jira_snapshots\n")]
    started = text.index("      - name: started_at\n")
    text = text[:started] + text[text.index("      - name: transcript_text\n") :]
    size = text.index("      - name: byte_size\n")
    text = text[:size] + text[text.index("      - name: checksum_sha256\n") :]
    for old, new in (
        ("meeting_transcripts", "retrospectives"),
        ("_filename", ""),
        ("filename, ", ""),
        (", started_at", ""),
        ("transcript_date", "held_on"),
        ("transcript_text", "notes"),
        ("data_type: timestamp\n", "data_type: date\n"),
    ):
        text = text.replace(old, new)
    (models / "_marts__models.yml").write_text(f"{yml.rstrip()}\n\n{text.rstrip()}\n")
