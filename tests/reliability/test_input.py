"""Cases 19 to 29: input by people and programs. The rules of each form: tests/parsing/."""

import json
import os
import subprocess
import sys
import unicodedata
from datetime import date
from pathlib import Path

import pytest

from loader.parsing.rejections import Reason
from tests.support.project import ROOT, Project
from tests.support.sweep import finals

pytestmark = [pytest.mark.either_engine, pytest.mark.with_tables]

DAILY = "daily-reports/md-output/rocks"
TRANSCRIPTS = "transcripts/markdown-output/rocks"
REPORTS = "datasource-generator/output/rocks"
DAY = "**Employee**: {}\n\n## {}\n\n{}\n"
DAYS = "select author_name, report_date, content from raw.daily_reports order by 1, 2, line_number"
duckdb_only = pytest.mark.parametrize("engine", ["duckdb"], indirect=True)


def reasons(project: Project) -> list[str]:
    return sorted(reason for reason, *_ in project.rejections())


def days(project: Project) -> list[tuple[str, date, str]]:
    return [(name, day, text.partition("\n\n")[2]) for name, day, text in project.query(DAYS)]


ODD_TEXTS = {
    "nul": (b"a\0b", "a\N{REPLACEMENT CHARACTER}b", [Reason.NUL_REPLACED]),
    "invalid": (b"a\x81b", "a\N{REPLACEMENT CHARACTER}b", [Reason.INVALID_BYTES]),
    "windows": (b"a\xe4b", "aäb", [Reason.WINDOWS_1252_DECODED]),
    "utf-16": ("# ä\U0001f600".encode("utf-16"), "# ä\U0001f600", [Reason.UTF16_DECODED]),
    "bom": ("# ä".encode("utf-8-sig"), "# ä", [Reason.BOM_REMOVED]),
    "crlf": (b"a\r\nb\r\n", "a\r\nb\r\n", []),
    "cr": (b"a\rb\r", "a\rb\r", []),
    "u+2028": ("a\u2028b".encode(), "a\u2028b", []),
    "nel": ("a\x85b".encode(), "a\x85b", []),
}


def test_19_odd_bytes_are_stored_alike_by_both_engines(project: Project) -> None:
    for name, (data, _, _) in ODD_TEXTS.items():
        project.write(f"{TRANSCRIPTS}/2025-10-27 {name}.md", data)
    project.load()
    found = dict(project.query("select filename, transcript_text from raw.meeting_transcripts"))
    assert {f"2025-10-27 {name}.md": text for name, (_, text, _) in ODD_TEXTS.items()} == found
    assert sorted(r for *_, notes in ODD_TEXTS.values() for r in notes) == reasons(project)


def test_20_almost_empty_files(project: Project) -> None:
    contents = {"empty": "", "blank": " \n\t\n", "one byte": "x", "header": "**Employee**: Ana\n"}
    for name, content in contents.items():
        project.write(f"{DAILY}/{name}.md", content)
    project.write(f"{DAILY}/no newline.md", "**Employee**: Ana\n\n## 2025-10-27\n\n- x")
    project.load()
    assert [("Ana", date(2025, 10, 27), "- x")] == days(project)
    expected = [Reason.EMPTY_FILE, Reason.EMPTY_FILE, Reason.NO_DAY, Reason.NO_DAY]
    assert sorted(expected) == reasons(project)


def test_21_authors(project: Project) -> None:
    forms = ["**Employee**: {}", "**Employee:** {}", "Employee: {}", "- **Employee**: {}"]
    forms.append("**employee**: {}")
    for number, form in enumerate(forms):
        header = form.format(f"Ana {number}")
        project.write(f"{DAILY}/{number}.md", f"{header}\n\n## 2025-10-27\n\n- x\n")
    project.write(f"{DAILY}/none.md", "# Report\n\n## 2025-10-27\n\n- x\n")
    project.write(f"{DAILY}/void.md", "**Employee**:\n\n## 2025-10-27\n\n- x\n")
    project.load()
    assert [f"Ana {number}" for number in range(len(forms))] == [name for name, *_ in days(project)]
    assert [
        (Reason.NO_AUTHOR, f"{DAILY}/none.md", 3),
        (Reason.NO_AUTHOR, f"{DAILY}/void.md", 3),
    ] == project.rejections()


def test_22_dates_are_correct_or_recorded(project: Project) -> None:
    true = {
        "2025-1-5": (2025, 1, 5),
        "Oct 6, 2025": (2025, 10, 6),
        "October 7, 2025": (2025, 10, 7),
        "Wednesday, October 8, 2025": (2025, 10, 8),
        "12/09/2025": (2025, 12, 9),
        "13/12/2025": (2025, 12, 13),  # there is no month 13
    }
    false = ["2023-02-29", "13/13/2025", "0000-00-00", "10000-01-01"]
    text = ["Week 44", "Step 1"]
    headings = [*true, *false]
    parts = [f"## {heading}\n\n- at {heading}\n" for heading in headings]
    project.write(f"{DAILY}/a.md", "**Employee**: Ana\n\n" + "\n".join(parts))
    inner = "\n\n".join(f"## {heading}" for heading in text)
    project.write(f"{DAILY}/b.md", DAY.format("Ben", "2025-10-27", f"- x\n\n{inner}"))
    project.load()
    by_name: dict[str, list[tuple[date, str]]] = {}
    for name, day, body in days(project):
        by_name.setdefault(name, []).append((day, body))
    expected = sorted((date(*day), f"- at {heading}") for heading, day in true.items())
    assert expected == by_name["Ana"]
    assert [(date(2025, 10, 27), f"- x\n\n{inner}")] == by_name["Ben"]
    assert [Reason.DAY_FIRST, *[Reason.IMPOSSIBLE_DATE] * len(false)] == reasons(project)


@duckdb_only
def test_23_people_and_their_days(project: Project) -> None:
    """A day twice, in one file and in two; namesakes; one name in two forms; odd names."""
    odd = ["Seán O’Neil", "O'Brien, Jr.", "אבי כהן", "Zoë \U0001f600"]
    twice = "\n".join(DAY.format("Ana Reyes", "2025-10-27", f"- {n}") for n in "ab")
    project.write(f"{DAILY}/1.md", twice)
    project.write(f"{DAILY}/2.md", DAY.format("Ana Reyes", "2025-10-28", "- one"))
    project.write(f"{DAILY}/3.md", DAY.format("Ana Reyes", "2025-10-28", "- other"))
    project.write(f"{DAILY}/4.md", DAY.format("Ana Silva", "2025-10-27", "- namesake"))
    for number, form in enumerate(("NFC", "NFD")):
        name = unicodedata.normalize(form, "José Peña")  # type: ignore[arg-type]
        project.write(f"{DAILY}/5{number}.md", DAY.format(name, f"2025-10-2{number}", "- x"))
    for number, name in enumerate(odd):
        project.write(f"{DAILY}/6{number}.md", DAY.format(name, "2025-10-27", "- x"))
    project.write(f"{DAILY}/7.md", DAY.format("N" * 10_000, "2025-10-27", "- x"))
    project.load()
    project.build()
    stored = project.query("select author_name, report_date from public.daily_reports")
    expected = [
        *(("Ana Reyes", date(2025, 10, day)) for day in (27, 28)),
        ("Ana Silva", date(2025, 10, 27)),
        *(("José Peña", date(2025, 10, day)) for day in (20, 21)),
        *((name, date(2025, 10, 27)) for name in odd),
    ]
    assert sorted(expected) == sorted(stored)
    assert {Reason.NAME_TOO_LONG, Reason.SAME_DAY_TWICE} == set(reasons(project))


def test_24_lookalike_headings(project: Project) -> None:
    hidden = (
        "```\n## 2025-10-01\n```\n\n<!--\n## 2025-10-02\n-->\n\n> ## 2025-10-03\n\n### 2025-10-04"
    )
    project.write(f"{DAILY}/a.md", DAY.format("Ana", "2025-10-27", f"{hidden}\n\nend"))
    many = "".join(f"## 2025-10-27\n\n- {number}\n\n" for number in range(50_000))
    project.write(f"{DAILY}/b.md", f"**Employee**: Ben\n\n{many}")
    project.write(f"{DAILY}/c.md", DAY.format("Cora", "2025-10-27", "x" * 1_000_000))
    project.load()
    stored = days(project)
    assert [("Ana", date(2025, 10, 27), f"{hidden}\n\nend")] == stored[:1]
    ben = [text for name, _, text in stored if name == "Ben"]
    assert all(f"- {number}" in ben[0] for number in (0, 49_999))
    assert [1_000_000] == [len(text) for name, _, text in stored if name == "Cora"]


# A process inherits the peak of the process that forked it, which here would be pytest's.
PEAK_OF_CHILD = """
import os, subprocess, sys
child = subprocess.Popen(sys.argv[1:])
_, status, usage = os.wait4(child.pid, 0)
print(usage.ru_maxrss)
sys.exit(os.waitstatus_to_exitcode(status))
"""


@pytest.mark.parametrize("megabytes", [25, pytest.param(100, marks=pytest.mark.chaos)])
def test_24_a_large_file_takes_bounded_memory(
    project: Project, engine: str, megabytes: int
) -> None:
    """Below 500 MB; DuckDB itself keeps three copies of a text (docs/reliability.md)."""
    size = megabytes * 1_000_000
    line = "- döne 😀 " + "x" * 88 + "\n"
    project.write(f"{TRANSCRIPTS}/2025-10-27.md", "# x\n" + line * (size // len(line)))
    command = [sys.executable, "-m", "loader", *project.run_args("--quiet")]
    ended = subprocess.run(
        [sys.executable, "-c", PEAK_OF_CHILD, *command, "--target", project.target],
        cwd=ROOT,
        env={**os.environ, **project.environ},
        capture_output=True,
        check=False,
        text=True,
    )
    assert ended.returncode == 0, ended.stderr
    most = 750_000_000 if (engine, megabytes) == ("duckdb", 100) else 500_000_000
    assert int(ended.stdout) * 1024 < most
    assert [(1,)] == project.query("select count(*) from raw.meeting_transcripts")


@duckdb_only
def test_25_team_folders_of_any_name(project: Project) -> None:
    odd = ["Team A", "team-a", "équipe", "'; drop table raw.files; --", "%s", '"', "{{ x }}"]
    for team in odd:
        project.write(f"{DAILY.replace('rocks', team)}/a.md", DAY.format("Ana", "2025-10-27", "x"))
    project.write(f"{DAILY}/a.md", DAY.format("Ana", "2025-10-27", "x"))
    project.load()
    found = project.query("select team, reason, detail from raw.rejections order by team")
    assert sorted(odd) == sorted(team for team, *_ in found)
    assert {Reason.UNKNOWN_TEAM} == {reason for _, reason, _ in found}
    assert "seeds/seed_teams.csv" in Reason.UNKNOWN_TEAM.hint
    project.build()
    assert [(1,)] == project.query("select count(*) from public.daily_reports")
    assert project.load()["still_rejected"] == 0  # retried, so recorded again
    assert 2 * len(odd) == len(project.rejections())


@duckdb_only
def test_26_links_pipes_and_folders(project: Project, tmp_path: Path) -> None:
    outside = tmp_path / "outside.md"
    outside.write_text(DAY.format("Eve", "2025-10-27", "secret"))
    folder = project.write(f"{DAILY}/x.md/inside.md", DAY.format("Ana", "2025-10-27", "x")).parent
    (folder / "loop").symlink_to(folder)
    (folder / "out.md").symlink_to(outside)
    os.mkfifo(folder / "pipe.md")
    locked = project.write(f"{DAILY}/locked.md", DAY.format("Ben", "2025-10-27", "x"))
    locked.chmod(0)
    project.load()
    names = [name for name, *_ in days(project)]
    expected = {Reason.LINK_OUTSIDE_TEAM, Reason.UNREADABLE, Reason.LINK_REPEATED}
    assert names in (["Ana"], ["Ana", "Ben"])  # root can read locked files
    assert set(reasons(project)) <= expected
    assert {Reason.LINK_OUTSIDE_TEAM, Reason.UNREADABLE} <= set(reasons(project))


CONFIGS = {
    "comment": ('{"jira": {"start_date": "2025-10-27", // x\n"end_date": "2025-11-02"}}', None),
    "comma": ('{"jira": {"start_date": "2025-10-27", "end_date": "2025-11-02",},}', None),
    "twice": (
        '{"jira": {"start_date": "x", "start_date": "2025-10-27", "end_date": "2025-11-02"}}',
        "start_date",
    ),
    "no end": ('{"jira": {"start_date": "2025-10-27"}}', "end_date"),
    "turned": ('{"jira": {"start_date": "2025-11-02", "end_date": "2025-10-27"}}', "date"),
    "type": ('{"jira": {"start_date": 5, "end_date": "2025-11-02"}}', "start_date"),
    "list": ("[]", "config.json"),
}


@duckdb_only
@pytest.mark.parametrize("name", CONFIGS)
def test_27_configs(project: Project, name: str) -> None:
    """A config is used, or an error names file and key."""
    text, key = CONFIGS[name]
    project.write("configs/rocks/config.json", text)
    jira = "jira/md_output/rocks/epic_tree_R_2025-10-27_to_2025-11-02.md"
    project.write(jira, "# x")
    project.load()
    stored = project.query("select count(*) from raw.jira_snapshots")[0][0]
    problems = project.query("select reason, source_path || detail from raw.rejections")
    if stored:
        assert [] == problems
    else:
        assert key
        assert [(Reason.BAD_CONFIG, True, True)] == [
            (reason, "configs/rocks/config.json" in text, key in text) for reason, text in problems
        ]


@duckdb_only
def test_27_a_config_of_ten_megabytes(project: Project) -> None:
    """A config of more than a megabyte is not read."""
    week = {"start_date": "2025-10-27", "end_date": "2025-11-02", "x": "x" * 10_000_000}
    project.write("configs/rocks/config.json", json.dumps({"jira": week}))
    project.write("jira/md_output/rocks/epic_tree_R_2025-10-27_to_2025-11-02.md", "# x")
    project.load()
    found = project.query("select reason, source_path, detail from raw.rejections")
    assert [
        (
            Reason.BAD_CONFIG,
            "configs/rocks/config.json",
            "10,000,073 bytes; at most 1,048,576 are read",
        )
    ] == found


@duckdb_only
def test_28_a_datasource_is_never_executed(project: Project) -> None:
    canary = project.folder / "canary"
    harm = f"open({str(canary)!r}, 'w').write('x')\n"
    project.write(f"{REPORTS}/datasource_weekly_R.py", f"# Generated on 11/3/2025\n{harm}")
    project.load()
    assert not canary.exists()


@pytest.mark.parametrize("engine", ["postgres"], indirect=True)
def test_29_edits_between_runs(built: Project) -> None:
    """One day edited and reverted, a renamed and a deleted file, a dropped table."""
    clean = finals(built)
    file = next((built.workspace / DAILY).glob("*.md"))
    before = file.read_text()
    assert built.store is None or not built.store.log
    file.write_text(before.rstrip() + "\n- one thing more\n")
    built.load("--team", "rocks")
    built.build()
    edited = finals(built)
    assert 1 == sum((edited["daily_reports"] - clean["daily_reports"]).values())
    if built.store:
        assert 1 == built.store.count("put")
    file.write_text(before)
    built.load("--team", "rocks")
    renamed = next((built.workspace / TRANSCRIPTS).glob("*2025-10-2*.md"))
    renamed.rename(renamed.with_stem(renamed.stem + " renamed"))
    next(path for path in (built.workspace / DAILY).glob("*.md") if path != file).unlink()
    built.load("--team", "rocks")
    cascade = " cascade" if built.url else ""
    built.execute(f"drop table public.daily_reports{cascade}")
    built.build()
    again = finals(built)
    assert clean["daily_reports"] == again["daily_reports"]  # a deleted file keeps its rows
    new = again["meeting_transcripts"] - clean["meeting_transcripts"]
    assert (1, True) == (sum(new.values()), "renamed" in str(new))
    assert not clean["meeting_transcripts"] - again["meeting_transcripts"]


@pytest.mark.long
@pytest.mark.parametrize("engine", ["postgres"], indirect=True)
def test_29_a_clock_that_is_two_days_slow(project: Project) -> None:
    """Only the database's clock counts, and it never goes back."""
    text = DAY.format("Ana", "2025-10-27", "- {}")
    file = project.write(f"{DAILY}/a.md", text.format("first"))
    project.load()
    project.execute("update raw.files set loaded_at = loaded_at + interval '2 days'")
    project.execute("update raw.daily_reports set loaded_at = loaded_at + interval '2 days'")
    file.write_text(text.format("second"))
    os.utime(file, (0, 0))
    project.load()
    project.build()
    stored = project.query("select content from public.daily_reports")
    assert ["- second"] == [text.partition("\n\n")[2] for (text,) in stored]
