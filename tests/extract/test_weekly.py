"""Weekly files, configs and misplaced files: from the workspace to the raw tables."""

import hashlib
import json
from typing import Any

import pytest

from loader.tables import TABLES
from tests.support.project import Project

local_only = pytest.mark.parametrize("engine", ["duckdb"], indirect=True)

WEEK = "2025-10-27_to_2025-11-02"
JIRA = {"jira": {"start_date": "2025-10-27", "end_date": "2025-11-02"}}
DAY = "## 2025-10-27\n**Employee**: Ana Reyes\n\n- x\n"


def rejected(summary: dict[str, Any], reason: str) -> dict[str, str]:
    """Return the detail of each rejection by path."""
    found = [item for item in summary["rejections"] if item["reason"] == reason]
    return {item["path"]: item["detail"] for item in found}


def paths(project: Project, table: str) -> list[str]:
    found = project.query(f"select source_path from raw.{table} order by 1")
    return [path.rpartition("/")[2] for (path,) in found]


@pytest.mark.long
@local_only
def test_weeks_are_found_and_a_message_says_what_was_there(project: Project) -> None:
    # The team's folder is `ai-coach`; its configs are under the alias.
    project.write(f"jira/md_output/ai-coach/epic_tree_X_{WEEK}.md", "# x")
    project.write("slack/md-output/ai-coach/sanitized/export.md", "# Slack: \\_ops\n\n* hi")
    project.write("configs/aicoach/config.json", json.dumps(JIRA))
    # The only config of `rocks` is in the root, and it has a typo.
    project.write(f"jira/md_output/rocks/epic_tree_X_{WEEK}.md", "# x")
    project.write("slack/md-output/rocks/sanitized/export.md", "# x")
    project.write("config.rocks.json", '{"jira": {"startDate": "2025-10-27"}} // oops')
    # `timeclock` has Jira files, but none of that week.
    others = [
        f"jira_data_dashboard_{WEEK}.md",
        f"jira_data_1on1_ana_{WEEK}.md",
        f"by-assignee/TC_{WEEK}_Ana.md",
        "epic_tree_TC_2025-10-20_to_2025-10-26.md",
    ]
    for name in others:
        project.write(f"jira/md_output/timeclock/{name}", "# x")
    project.write("configs/timeclock/config.json", json.dumps(JIRA))
    mapping = "datasource-generator/team-name-mapping-{}.json"
    project.write(mapping.format("rocks"), '{"mappings": {"Ana Reyes": 7}}')
    project.write(mapping.format("aicoach"), "{")
    # A file shared by all teams is unusable for the team that names it.
    project.patch.setenv("CONFIG_FILE", "sub/none.json")
    blocked = project.load("--team", "timeclock", "--dry-run")
    detail = "CONFIG_FILE: there is no 'sub/none.json' in the workspace"
    assert rejected(blocked, "bad_config") == {"jira/md_output/timeclock": detail}
    project.patch.delenv("CONFIG_FILE")

    summary = project.load()
    assert paths(project, "jira_snapshots") == [f"epic_tree_X_{WEEK}.md"]
    assert project.query("select team, channel from raw.slack_captures") == [("ai-coach", "_ops")]
    looked = (
        "configs/rocks/config{.weekly,}.json, config{.rocks,}.json, configs/shared/defaults.json"
    )
    assert rejected(summary, "no_week") == {
        "jira/md_output/rocks": f"no week in {looked}",
        "slack/md-output/rocks/sanitized/export.md": (
            f"no week in the name, in the first line or in {looked}"
        ),
    }
    assert rejected(summary, "unknown_key") == {
        "jira/md_output/rocks": (
            "config.rocks.json: jira.startDate is not read; did you mean jira.start_date?"
        )
    }
    assert rejected(summary, "no_jira_for_week") == {
        "jira/md_output/timeclock": (
            f"no Jira file or JIRA_DATA of {WEEK} that could be read;"
            f" there are {', '.join(others[:2])}, 2 more"
        )
    }

    assert rejected(summary, "bad_config") == {
        mapping.format("rocks"): "mappings: 'Ana Reyes' is neither a name nor an object with names",
        "jira/md_output/ai-coach": (
            f"{mapping.format('aicoach')}: not JSON:"
            " Expecting property name enclosed in double quotes"
        ),
    }

    # A note ends as soon as its cause does.
    project.write("config.rocks.json", json.dumps(JIRA))
    project.write(mapping.format("rocks"), "{}")
    summary = project.load("--strict", "--team", "rocks")
    assert summary["rejections"] == []
    assert f"epic_tree_X_{WEEK}.md" in paths(project, "jira_snapshots")


@local_only
def test_the_file_that_was_uploaded_comes_first(project: Project) -> None:
    name = f"jira/md_output/rocks/jira_data_weekly_{WEEK}.md"
    project.write(name, "# uploaded")
    project.write(f"jira/md_output/rocks/epic_tree_X_{WEEK}.md", "# x")
    project.write("configs/rocks/config.json", json.dumps(JIRA))
    url = "https://x.private.blob.vercel-storage.com/rocks/jira/data.md"
    checksum = hashlib.sha256(b"# uploaded").hexdigest()
    upload = {"localPath": f"/x/{name}", "pathname": "a", "url": url, "checksum": checksum}
    manifest = project.folder / "manifest.json"
    manifest.write_text(json.dumps({"jiraData": {"urls": [upload]}}))
    summary = project.load("--blob-manifest", str(manifest), "--no-upload")
    assert summary["rejections"] == []
    found = project.query("select source_path, blob_url from raw.jira_snapshots")
    assert found == [(name, url)]


@local_only
def test_files_in_the_wrong_place_are_rejections_and_ignored_ones_are_named(
    project: Project,
) -> None:
    daily, slack = "daily-reports/md-output", "slack/md-output"
    project.write(f"{daily}/Ana.md", DAY)
    project.write(f"{daily}/rocks/Ben.md", DAY.replace("Ana", "Ben"))
    project.write(f"{daily}/rocks/Ben.docx", "x")
    for name in ("secret-1.md", "rocks/secret-2.md", "secret-3.json", "rocks/secret-4.json"):
        project.write(f"{slack}/{name}", "x")
    summary = project.load()
    assert rejected(summary, "no_team_folder") == {
        f"{daily}/Ana.md": "it is next to the team folders",
        slack: "files next to the team folders: 1",
    }
    assert (summary["ignored"], summary["ignored_files"]) == (2, [f"{daily}/rocks/Ben.docx"])
    for table in TABLES:
        rows = project.query(f"select * from raw.{table}")
        assert "secret" not in str(rows)
        assert "Ana.md" not in str(rows) or table in {"files", "rejections"}
    ended = project.loader(*project.run_args("--verbose", "--strict"))
    assert ended.code == 1
    assert f"Ignored: {daily}/rocks/Ben.docx\nIgnored: 1 more." in ended.out
    assert "secret" not in ended.out
    assert "Ignored: " not in project.loader(*project.run_args()).out
    # A run for one team does not mention them, and does not close rejections of other teams.
    assert rejected(project.load("--team", "rocks"), "no_team_folder") == {}
    assert f"{daily}/Ana.md" in project.loader("status", "--json").out
    # After a move to the right place they are loaded, and no rejection remains.
    (project.workspace / daily / "Ana.md").rename(project.workspace / daily / "rocks/Ana.md")
    (project.workspace / slack / "secret-1.md").unlink()
    assert project.load("--strict")["kinds"]["daily_reports"]["loaded"] == 1
    assert json.loads(project.loader("status", "--json").out)["rejections"] == []


@local_only
def test_a_workspace_without_input_is_a_warning(project: Project) -> None:
    for _ in range(2):  # without any folder, and with empty ones
        (warning,) = project.load()["warnings"]
        assert f"{project.workspace} has no input" in warning
        assert "daily-reports/md-output/TEAM" in warning
        assert "--workspace FOLDER" in warning
        what, _ = warning.split(" Name the workspace: ")
        assert f"Warning: {what} Name" in project.loader(*project.run_args()).err
        assert project.loader(*project.run_args("--quiet")).err == ""
        strict = project.loader(*project.run_args("--strict"))
        assert (strict.code, f"Error: {what} Name" in strict.err) == (1, True)
        project.write("daily-reports/md-output/rocks/.gitkeep", "")
    project.write("daily-reports/md-output/rocks/Ana.md", DAY)
    assert project.load("--strict")["warnings"] == []


@local_only
def test_settings_of_the_orchestrator_are_defaults_of_options(project: Project) -> None:
    for team in ("rocks", "timeclock"):
        project.write(f"daily-reports/md-output/{team}/Ana.md", DAY)
    monthly = {"jira": {"start_date": "2025-10-01", "end_date": "2025-10-31"}}
    project.write("jira/md_output/rocks/epic_tree_X_2025-10-01_to_2025-10-31.md", "# x")
    project.write("configs/rocks/config.monthly.json", json.dumps(monthly))
    project.patch.setenv("TEAM", "rocks")
    project.patch.setenv("REPORT_TYPE", "monthly")
    ended = project.loader(*project.run_args("--dry-run"))
    assert "TEAM is 'rocks': only this team is loaded." in ended.err
    summary = project.load("--dry-run")
    kinds = summary["kinds"]
    assert (kinds["daily_reports"]["seen"], kinds["jira_snapshots"]["loaded"]) == (1, 1)
    assert rejected(project.load("--dry-run", "--report", "weekly"), "no_week")
    ended = project.loader(*project.run_args("--dry-run", "--report", "wekly"))
    assert ended.code == 1
    assert "Unknown report type 'wekly': no team has configs/{team}/config.wekly.json" in ended.err
    ended = project.loader(*project.run_args("--dry-run", "--team", "timeclock"))
    assert ended.code == 1  # `monthly` belongs to another team
    assert "Unknown report type 'monthly'" in ended.err
    project.patch.setenv("REPORT_TYPE", "a/b")
    ended = project.loader(*project.run_args("--dry-run"))
    assert (ended.code, "REPORT_TYPE is 'a/b'" in ended.err) == (1, True)
