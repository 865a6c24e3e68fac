"""Write a workspace week by week, as the orchestrator does: each week adds its files.

A week has, for each of four teams, five people with a daily file of five days, five transcripts of
10 kB, a Jira snapshot and two Slack captures; the last two are those of the example, with the
week's dates.
"""

import json
from datetime import date, timedelta
from pathlib import Path
from random import Random

from benchmarks.measure import ROOT
from benchmarks.workspaces import SEED, TEAMS, bullets_of, daily_report, people_of, transcript

PEOPLE, DAYS, TRANSCRIPTS = 5, 5, 5  # per team and week
_EXAMPLE = ROOT / "examples/orchestrator"
_EXAMPLE_WEEK = ("2025-10-27", "2025-11-02")
_FIRST = date(2021, 1, 4)  # a Monday; five years end with 2025


def write_week(root: Path, number: int) -> list[Path]:
    """Add a week's files to a workspace, and set the configs to that week.

    Args:
        root: The workspace; created if it does not exist.
        number: The week, from 0.

    Returns:
        The files of the week, without the configs.
    """
    random = Random(SEED + number)
    bullets, people = bullets_of(random), people_of()
    monday = _FIRST + timedelta(7 * number)
    week = (str(monday), str(monday + timedelta(6)))
    texts: dict[str, str] = {}
    for index, team in enumerate(TEAMS):
        for name in people[index * PEOPLE : (index + 1) * PEOPLE]:
            path = f"daily-reports/md-output/{team}/daily-reports-{name}-{'-to-'.join(week)}.md"
            texts[path] = "".join(daily_report(random, name, bullets, monday, DAYS))
        for each in range(TRANSCRIPTS):
            path = f"transcripts/markdown-output/{team}/{monday + timedelta(each)} sync.md"
            texts[path] = "".join(transcript(random, people, 70))
        for folder in (f"jira/md_output/{team}", f"slack/md-output/{team}/sanitized"):
            for file in (_EXAMPLE / folder).glob("*.md"):
                texts[_dated(f"{folder}/{file.name}", week)] = _dated(file.read_text(), week)
        _write_config(root, team, week)
    for path, text in texts.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return [root / path for path in texts]


def _write_config(root: Path, team: str, week: tuple[str, str]) -> None:
    folder = root / "configs" / team
    folder.mkdir(parents=True, exist_ok=True)
    text = (_EXAMPLE / f"configs/{team}/config.json").read_text()
    config = json.loads(_dated(text, week))
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "config.weekly.json").write_text('{"reportType": "weekly"}')


def _dated(text: str, week: tuple[str, str]) -> str:
    for old, new in zip(_EXAMPLE_WEEK, week, strict=True):
        text = text.replace(old, new)
    return text
