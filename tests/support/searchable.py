"""A small workspace to search, loaded and built once per engine and test process."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from loader.reading import Reader
from loader.settings import load_settings
from tests.support.project import Project
from tests.support.scenes import Scenes

ROCKS, TIMECLOCK = "md-output/rocks", "md-output/timeclock"
ANA = f"daily-reports/{ROCKS}/Ana Reyes.md"
JIRA = "jira/md_output/rocks/epic_tree_ROCKS_2025-10-27_to_2025-11-02.md"
WEEK = ["--week-start", "2025-10-27", "--week-end", "2025-11-02"]
FILES = {
    ANA: (
        "**Employee**: Ana Reyes\n\n## 2025-10-27\n\n### Tasks Done\n\n"
        "- Deployed the search page, see ROCKS-214\n"
        "- Read https://example.com/docs/search_page.html, it's fine\n"
        "\n## 2025-10-28\n\n### Tasks Done\n\n- Deployed it, deployed it again\n"
    ),
    f"daily-reports/{ROCKS}/Bo Lind.md": (
        "**Employee**: Bo Lind\n\n## 2025-10-29\n\n### Tasks Done\n\n- Straße and CAFÉ\n"
    ),
    f"daily-reports/{TIMECLOCK}/Ana Cruz.md": (
        "**Employee**: Ana Cruz\n\n## 2025-10-30\n\n### Tasks Done\n\n- Deployed the clock\n"
    ),
    "transcripts/markdown-output/rocks/2025-10-28 Planning.md": (
        "# Planning\n\n## 0:10 - Ana\n\nThe nightly build\n\n## 0:20 - Ana\n\nis red again\n\n"
        "## 0:30 - Ana\n\nsince Monday\n\n## 0:40 - Bo\n\nis it the nightly\n\n"
        "## 0:50 - Facilitator\n\nbuild a clock\n"
    ),
    "transcripts/markdown-output/timeclock/2025-10-28 Planning.md": (
        "# Planning\n\n## 1:02 - Ana\n\nThe clock is \x1b[31m slow\n"
    ),
    JIRA: (
        "# Jira\n\n## [ROCKS-214] Search page\n\n**Status**: Done\n**Assignee**: Ana Reyes\n\n"
        "## [ROCKS-215] Login page\n\n**Status**: To Do\n**Assignee**: Bo Lind\n"
    ),
    f"slack/{ROCKS}/sanitized/dev_2025-10-27_2025-11-02.md": (
        "# Slack: dev\n\n### 2025-10-27\n\n* 05:06 Ana Reyes: the wizard is PR 395\n"
        "* 05:07 Bo Lind: ok\n"
    ),
}
# Another title of an issue, and a corrected entry.
EDITED = {
    JIRA: FILES[JIRA].replace("Login", "Logout"),
    ANA: FILES[ANA].replace("again", "once more"),
}
OfEngine = Callable[[str], Project]


def _load_twice(project: Project) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SLACK_CONTENT", "true")
        for files in (FILES, EDITED):
            for path, text in files.items():
                project.write(path, text)
            project.load(*WEEK)
            project.build(contents=True)


@pytest.fixture(name="searchable")
def _searchable(scenes: Scenes, monkeypatch: pytest.MonkeyPatch) -> OfEngine:
    """Return the read-only project of an engine: loaded, edited, loaded again and built."""
    return lambda engine: replace(scenes.made(engine, "searched", _load_twice), patch=monkeypatch)


def reader_of(project: Project) -> Reader:
    return Reader(load_settings(project.target, project.environ))
