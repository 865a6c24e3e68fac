"""The tools of the benchmark; its figures decide no test."""

from pathlib import Path

from benchmarks.__main__ import Figure
from benchmarks.workspaces import Size, write_workspace
from loader.parsing.daily_reports import parse_daily_reports

SIZE = Size("XS", 40, 3)


def files(root: Path) -> dict[str, bytes]:
    found = (path for path in sorted(root.rglob("*")) if path.is_file())
    return {str(path.relative_to(root)): path.read_bytes() for path in found}


def test_a_workspace_is_the_same_each_time_and_every_day_of_it_is_read(tmp_path: Path) -> None:
    for name in "ab":
        write_workspace(tmp_path / name, SIZE)
    made = files(tmp_path / "a")
    assert made == files(tmp_path / "b")
    texts = [data for path, data in made.items() if path.startswith("daily-reports")]
    parsed = [parse_daily_reports(text) for text in texts]
    assert [] == [rejection for _, rejections in parsed for rejection in rejections]
    days = [day for found, _ in parsed for day in found]
    assert (SIZE.days, SIZE.daily_files) == (len(days), len({day.author_name for day in days}))
    assert 600 < sum(len(day.content) for day in days) / len(days) < 800
    transcripts = [data for path, data in made.items() if path.startswith("transcripts")]
    assert all(35_000 < len(text) < 45_000 for text in transcripts)


def test_a_goal_is_met_from_the_side_that_it_names() -> None:
    assert [True, False] == [Figure("", "", "", ratio, 2.0).is_met for ratio in (1.9, 2.1)]
    assert [False, True] == [Figure("", "", "", ratio, -0.8).is_met for ratio in (0.7, 0.9)]
    assert Figure("", "").is_met is None
