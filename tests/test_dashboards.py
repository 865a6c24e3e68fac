"""docs/dashboards.md: every statement runs on both engines, the embeddings on PostgreSQL."""

import re
from typing import Any
from zlib import crc32

from tests.support.project import ROOT, Project

PAGE = (ROOT / "docs/dashboards.md").read_text()
TOOLS = ("Metabase", "Grafana", "Evidence", "DBeaver")
SIZE = 64


def blocks(language: str, text: str = PAGE) -> list[str]:
    return re.findall(rf"^```{language}\n([\s\S]+?)^```$", text, re.MULTILINE)


def embed(texts: list[str]) -> list[list[float]]:
    """Count each word at the index given by its hash."""
    vectors = []
    for text in texts:
        vector = [0.001] * SIZE
        for word in text.lower().split():
            vector[crc32(word.encode()) % SIZE] += 1
        vectors.append(vector)
    return vectors


def test_the_page(built: Project) -> None:
    parts = {part.partition("\n")[0]: part for part in PAGE.split("\n## ")}
    assert [len(blocks("sql", parts[tool])) for tool in TOOLS] == [3, 3, 3, 3]
    assert len(blocks("sql")) == 12
    for statement in blocks("sql"):
        assert built.query(statement), statement
    _check_views(built)
    if built.url:
        _check_embeddings(built)


def _check_views(built: Project) -> None:
    """The views agree: a missing day counts once, in every view."""
    counts = """
        select team, week_start, {} from reporting.{} group by 1, 2 having {} > 0 order by 1, 2
    """
    days = built.query(counts.format("count(*)", "missing_days", "count(*)"))
    assert days
    for view in ("team_week", "weekly_activity", "person_week"):
        total = "cast(sum(days_missing) as bigint)"
        assert days == built.query(counts.format(total, view, "sum(days_missing)")), view
    assert {name for (name,) in built.query("select team from reporting.weekly_activity")} == {
        name for (name,) in built.query("select team from reporting.team_week")
    }


def _check_embeddings(built: Project) -> None:
    (code,) = blocks("python")
    recipe: dict[str, Any] = {}
    exec(compile(code, "docs/dashboards.md", "exec"), recipe)
    refresh, nearest = recipe["refresh"], recipe["nearest"]
    ((entries,),) = built.query("select count(*) from content.report_entries")
    assert refresh(built.url, embed, SIZE) == entries > 0
    assert refresh(built.url, embed, SIZE) == 0
    ((id_, text),) = built.query("select id, text from content.report_entries order by id limit 1")
    assert text in {found for _, _, found in nearest(built.url, embed, text)}
    built.execute(
        "update content.report_entries set text = 'zebra crossing', updated_at = now()"
        f" where id = '{id_}'"
    )
    assert refresh(built.url, embed, SIZE) == 1
    assert nearest(built.url, embed, "zebra crossing")[0][2] == "zebra crossing"
    built.execute(f"delete from content.report_entries where id = '{id_}'")
    ((left,),) = built.query("select count(*) from embeddings.report_entries")
    assert left == entries - 1
