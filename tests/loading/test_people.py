"""The people of mapping files in raw: a new version whenever the file's bytes change."""

import json

import pytest

from tests.support.project import Project

pytestmark = pytest.mark.parametrize("engine", ["duckdb"], indirect=True)

MAPPING = "datasource-generator/team-name-mapping-{}.json"


def people(project: Project) -> list[tuple[str | None, ...]]:
    """Return team, full name and spelling of the latest load that has any."""
    return project.query(
        "select team, full_name, spelling from raw.people"
        " where loaded_at = (select max(loaded_at) from raw.people) order by 1, 2, 3"
    )


def test_a_version_is_loaded_when_the_bytes_changed(project: Project) -> None:
    project.write("daily-reports/md-output/rocks/a.md", "**Employee**: Ana\n\n## 2025-10-27\n\nx\n")
    project.write(
        "daily-reports/md-output/aicoach/a.md", "**Employee**: Bo\n\n## 2025-10-27\n\nx\n"
    )
    mappings = {
        " Ana\N{NO-BREAK SPACE} Reyes ": {
            "shortName": "Ana",
            "aliases": ["undefined", "A. Reyes", 7],
        },
        "undefined": {"fullName": "undefined", "aliases": ["Nobody"]},
        "x" * 201: {"aliases": ["Too Long"]},
    }
    project.write(MAPPING.format("rocks"), json.dumps({"mappings": mappings}))
    project.write(MAPPING.format("ai-coach"), json.dumps({"mappings": {"Bo": "Bo Lind"}}))
    project.load()
    first = [
        ("aicoach", "Bo Lind", "Bo"),  # the team's file with another name
        ("aicoach", "Bo Lind", "Bo Lind"),
        ("rocks", "Ana Reyes", "A. Reyes"),
        ("rocks", "Ana Reyes", "Ana"),
        ("rocks", "Ana Reyes", "Ana Reyes"),
    ]
    assert first == people(project)
    assert 0 == project.load()["kinds"]["daily_reports"]["rows"]
    assert [(5,)] == project.query("select count(*) from raw.people")
    # An unreadable file changes no people, and is a rejection.
    project.write(MAPPING.format("rocks"), "{")
    project.load()
    assert first == people(project)
    assert MAPPING.format("rocks") in {path for _, path, _ in project.rejections()}
    # A file without people is a version, too.
    project.write(MAPPING.format("rocks"), "{}")
    project.load()
    assert [("rocks", None, None)] == people(project)
    project.load()
    assert [(6,)] == project.query("select count(*) from raw.people")
    project.load("--full")
    assert 3 == len(people(project))
