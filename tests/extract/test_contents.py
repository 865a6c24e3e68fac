"""The columns of the content of texts, and how a part gets them."""

from dataclasses import fields
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from loader.extract.contents import Contents
from loader.extract.part_writer import Origin, PartWriter, tables_of
from loader.parsing.values import Sha256
from loader.workspace.kinds import Kind

TEXTS = {
    Kind.DAILY_REPORTS: ["## 2025-10-27\n### Done\n- a (#1)\n- b\n### To Do\n- c", "# x\n\n- d"],
    Kind.MEETING_TRANSCRIPTS: ["Ana: So, a\nBo: b\nAna: see AB-1", "Bo: c\nAna: d\nBo: e"],
    Kind.JIRA_SNAPSHOTS: ["## [AB-1] One\n\n**Status**: Done\n", "## [AB-2] Two\n"],
    Kind.SLACK_CAPTURES: ["## 2025-10-27\n\n**Ana** [10:00]: a\n\n**Bo** [10:01]: see #2"],
}


@pytest.mark.parametrize("kind", TEXTS)
def test_each_table_has_the_columns_of_its_rows(kind: Kind) -> None:
    contents = Contents()
    for number, text in enumerate([*TEXTS[kind], *TEXTS[kind]]):
        checksum = Sha256(str(number % len(TEXTS[kind])))
        contents.add(kind, "x.md", text.encode(), checksum)
    assert contents.columns
    for table, columns in contents.columns.values():
        assert {field.name for field in fields(table.row)} == set(columns)
        assert 1 == len(set(map(len, columns.values())))
        rows = list(zip(columns["checksum_sha256"], columns["position"], strict=True))
        assert len(rows) == len(set(rows))
        assert len(TEXTS[kind]) == [position for _, position in rows].count(1)


def test_a_part_has_the_columns_of_several_files(tmp_path: Path) -> None:
    path = tmp_path / "part.parquet"
    with path.open("wb") as file, PartWriter(lambda: file, is_compressed=False) as writer:
        for first, source in ((0, "a.md"), (4095, "b.md")):
            contents = Contents()
            for text in TEXTS[Kind.DAILY_REPORTS]:
                contents.add(Kind.DAILY_REPORTS, source, text.encode(), Sha256(source + text))
            origin = Origin(team="rocks", source_path=source, file_sha256=None)
            for table, columns in contents.columns.values():
                writer.add_columns(table, origin, columns, first=first)
        writer.finish()
    found = pq.ParquetFile(path)
    assert ["report_entries"] == tables_of(found)
    names = ["row_id", "source_path", "position", "section_kind", "search_text", "mentions"]
    assert [
        (f"{first + index:012x}", source, position, kind, text, mentions)
        for source, first in (("a.md", 0), ("b.md", 4095))
        for index, (position, kind, text, mentions) in enumerate(
            [
                (1, "done", "a 1", "pull_request 1"),
                (2, "done", "b", None),
                (3, "todo", "c", None),
                (1, "other", "d", None),
            ]
        )
    ] == [tuple(row.values()) for row in found.read(columns=names).select(names).to_pylist()]
