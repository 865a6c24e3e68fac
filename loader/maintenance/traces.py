"""Find and erase mentions of a person outside the person's own rows, in any spelling."""

import json
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from loader.maintenance.eraser import EDITS, Eraser
from loader.parsing.spellings import Spellings
from loader.tables import FILE_TABLES, FINAL_TABLES, LINKS
from loader.workspace.kinds import Kind

ERASED = "(erased by forget)"
_SHORTEST_LINE = 12  # characters; shorter lines may be anybody's
_REPORT_TABLES = (f"raw.{Kind.GENERATED_REPORTS}", Kind.GENERATED_REPORTS.value)
# Columns with the user who ran the loader, generated a report, or edited a row.
_WHO = (
    *(("raw.files", "loaded_by"), ("raw.runs", "loaded_by"), (EDITS, "edited_by")),
    *((table, "triggered_by") for table in _REPORT_TABLES),
)
_READ_PATHS = "select distinct kind, source_path from {}"
_REJECTIONS = "select row_id, source_path, detail from raw.rejections"
_EDITS = f"select table_name, row_key, before, after from {EDITS}"
_EDIT = "table_name = %s and row_key = %s and before = %s and after = %s"
_REPORTS = "select cast({key} as text), cast(output as text) from {table} where output is not null"
_TEXTS = "select {author}, source_path, cast({text} as text) from raw.{kind}"
_ROWS = "select cast(stored as text) from {} as stored"


@dataclass(slots=True)
class Traces:
    """Mentions of a person.

    Args:
        paths: Paths that name the person, by kind.
        rejections: The rejections whose details name the person or quote the person's texts.
        edits: The studio's records that do so, each by its table, row, old and new values.
        who: Values that equal the person's name, by table and column.
        options: Options of runs that name the person.
        outputs: The output of generated reports without the person, by table and key.
        naming: Files whose path or text names the person.
        naming_tables: Tables without files that name the person.
    """

    paths: dict[Kind, set[str]] = field(default_factory=lambda: defaultdict(set))
    rejections: list[str] = field(default_factory=list)
    edits: list[tuple[str, ...]] = field(default_factory=list)
    who: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    options: list[str] = field(default_factory=list)
    outputs: dict[str, dict[str, str]] = field(default_factory=dict)
    naming: set[str] = field(default_factory=set)
    naming_tables: list[str] = field(default_factory=list)


def find_traces(
    eraser: Eraser, spellings: Spellings, names: list[str], paths: list[str], texts: list[str]
) -> Traces:
    """Find mentions of a person. Call it before any deletion.

    Args:
        eraser: Reads the database.
        spellings: Spellings of the person's name.
        names: The person's names in the tables.
        paths: The files with the person's days.
        texts: The texts of these days.
    """
    traces = Traces()
    traces.paths[Kind.DAILY_REPORTS].update(paths)
    for table in ("raw.files", "raw.rejections"):
        for kind, path in eraser.stream(table, _READ_PATHS.format(table)):
            if spellings.are_in(path):
                traces.paths[Kind(kind)].add(path)
                traces.naming.add(path)
    lines = {
        line.strip()
        for text in texts
        for line in text.splitlines()[1:]  # skip the day's heading
        if len(line.strip()) >= _SHORTEST_LINE
    }
    for row_id, path, detail in eraser.stream("raw.rejections", _REJECTIONS):
        is_quote = path in paths and any(line in detail for line in lines)
        if is_quote or spellings.are_in(detail):
            traces.rejections.append(row_id)
    for edit in eraser.stream(EDITS, _EDITS):
        if any(map(spellings.are_in, edit)):
            traces.edits.append(edit)
    for table, column in _WHO:
        if eraser.has_column(table, column):
            known = eraser.values(table, f"select distinct {column} from {table}")
            traces.who[table, column] = [name for name in known if spellings.is_name(name)]
    known = eraser.values("raw.runs", "select distinct options from raw.runs")
    traces.options = [options for options in known if spellings.are_in(options)]
    _find_members(eraser, spellings, traces)
    _find_naming(eraser, spellings, names, traces)
    return traces


def erase_traces(eraser: Eraser, traces: Traces) -> None:
    """Erase the mentions, except those in other people's texts, which the summary lists."""
    # Keep the rejection: it shows that a part of the file was not stored.
    where = "row_id = any(%s)"
    eraser.blank("raw.rejections", f"detail = '{ERASED}'", where, [traces.rejections])
    for edit in traces.edits:
        eraser.delete(EDITS, _EDIT, edit)
    for (table, column), found in traces.who.items():
        eraser.blank(table, f"{column} = null", f"{column} = any(%s)", [found])
    eraser.blank("raw.runs", "options = null", "options = any(%s)", [traces.options])
    for table, outputs in traces.outputs.items():
        key, change = _of_reports(table)
        for row, output in outputs.items():
            eraser.blank(table, change, f"cast({key} as text) = %s", [output, row])
    eraser.note_naming(traces.naming)
    eraser.summary.naming_tables = [eraser.full_name(table) for table in traces.naming_tables]


def names_in_edits(eraser: Eraser) -> list[tuple[str, str]]:
    """Return the pairs of author names that an edit replaced, old and new."""
    pairs = []
    for _, _, *texts in eraser.stream(EDITS, _EDITS):
        values = [json.loads(text).get("author_name") for text in texts]
        if all(values):
            pairs.append((str(values[0]), str(values[1])))
    return pairs


def _find_members(eraser: Eraser, spellings: Spellings, traces: Traces) -> None:
    """Find the generated reports whose output has the person as a value."""
    for table in _REPORT_TABLES:
        key, _ = _of_reports(table)
        found = traces.outputs.setdefault(table, {})
        for row, text in eraser.stream(table, _REPORTS.format(key=key, table=table)):
            output = json.loads(text)
            others = _without_person(output, spellings) if isinstance(output, dict) else output
            if others != output:
                found[row] = json.dumps(others, ensure_ascii=False)


def _without_person(output: dict[str, Any], spellings: Spellings) -> dict[str, Any]:
    """Return the output of a generated report without a person."""
    left = dict(output)
    if spellings.is_name(str(output.get("person"))):
        left["person"] = None
    if isinstance(members := output.get("members"), list):
        left["members"] = [name for name in members if not spellings.is_name(str(name))]
    if isinstance(days := output.get("days"), list) and days:
        left["days"] = [
            day
            for day in days
            if not (isinstance(day, dict) and spellings.is_name(str(day.get("author_name"))))
        ]
        if not left["days"]:  # otherwise the report would count as one that names no day
            left["sources"] = [kind for kind in output.get("sources", []) if kind != "daily_report"]
    return left


def _find_naming(eraser: Eraser, spellings: Spellings, names: list[str], traces: Traces) -> None:
    """Find other people's files, and tables without files, that name the person."""
    for kind, table in FILE_TABLES.items():
        if not table.text:
            continue
        author = "author_name" if "author_name" in table.same_in_files else "''"
        query = _TEXTS.format(author=author, text=table.text, kind=kind)
        for writer, path, text in eraser.stream(f"raw.{kind}", query):
            if writer not in names and text and spellings.are_in(text):
                traces.naming.add(path)
    others = [name for name in FINAL_TABLES if name not in {*FILE_TABLES, LINKS}]
    seeds = sorted(name for name in eraser.tables if name.startswith("seeds."))
    traces.naming_tables = [
        name
        for name in (*others, *seeds)
        if any(spellings.are_in(row) for (row,) in eraser.stream(name, _ROWS.format(name)))
    ]


def _of_reports(table: str) -> tuple[str, str]:
    """Return the key of a table of generated reports, and the statement that changes its output."""
    if table.startswith("raw."):
        return "row_id", "output = %s"
    return "id", "output = cast(%s as json), updated_at = current_timestamp"
