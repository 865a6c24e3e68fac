"""Generate workspaces for benchmarks from a seed, so that each machine measures the same bytes."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import product
from pathlib import Path
from random import Random

SEED = 20251027
TEAMS = ("rocks", "timeclock", "engagepath", "aicoach")
_DAYS = 22  # per daily file
_FIRST_NAMES = [
    "Ana",
    "José",
    "María-José",
    "Zoë",
    "Björn",
    "Seán",
    "Nguyễn",
    "Trần",
    "Łukasz",
    "Aylin",
    "Ömer",
    "Chloé",
    "Jürgen",
    "Siobhán",
    "Renée",
    "Ada",
    "Alan",
    "Grace",
    "Edsger",
    "Barbara",
    "Ken",
    "Dennis",
    "Linus",
    "Margaret",
    "Radia",
    "小龍",
    "美咲",
    "悠斗",
    "אבי",
    "Ольга",
    "Юрий",
    "Aarav",
    "Priya",
    "Kwame",
    "Amara",
    "Thandiwe",
    "Chinedu",
    "Fatima",
    "Omar",
    "Leila",
    "Mateo",
    "Camila",
    "Diego",
    "Lucía",
    "Hugo",
    "Inês",
]
_LAST_NAMES = [
    "Reyes",
    "dela Cruz",
    "Dela Cruz",
    "O’Neil",
    "O'Brien",
    "Văn An",
    "Thị Hoa",
    "Nowak",
    "Yılmaz",
    "Müller",
    "Ng",
    "Lovelace",
    "Turing",
    "Hopper",
    "Dijkstra",
    "Liskov",
    "Thompson",
    "Ritchie",
    "Hamilton",
    "Perlman",
    "李",
    "佐藤",
    "כהן",
    "Иванова",
    "Patel",
    "Mensah",
    "Okafor",
    "Haddad",
    "García Márquez",
    "Fernández",
    "da Silva",
    "van den Berg",
    "St. John",
    "Smith-Jones",
    "Nakamura",
    "Kim",
    "Park",
    "Rossi",
    "Bianchi",
    "Larsen",
    "Nielsen",
    "Kowalska",
    "Popescu",
    "Horváth",
    "Santos Jr.",
]
_VERBS = [
    "Fixed",
    "Reviewed",
    "Deployed",
    "Documented",
    "Refactored",
    "Tested",
    "Implemented",
    "Merged",
    "Planned",
]
_OBJECTS = [
    "login redirect",
    "Slack notifier",
    "`GET /api/v2/users`",
    '"remember me" cookie',
    "CSV import (UTF-16)",
    "n+1 query → one",
    "O'Neil's merge request",
    "invoice export",
    "search & filter",
    "时区 bug",
    "naïve cache",
    "**dark mode**",
    "[wiki](https://wiki/x?a=1&b=2)",
    "retry with back-off",
    "flaky test #42",
    "PostgreSQL 17",
]
_SPEECH = [
    "So",
    "I",
    "think",
    "we",
    "should",
    "look",
    "at",
    "the",
    "numbers",
    "again",
    "before",
    "the",
    "release",
    "on",
    "Friday",
]


@dataclass(frozen=True)
class Size:
    """The size of a workspace.

    Args:
        name: `S`, `M`, `L`, …
        daily_files: The number of daily files, each with 22 days of about 700 bytes.
        transcripts: The number of transcripts, each of about 40 kB.
    """

    name: str
    daily_files: int
    transcripts: int

    @property
    def days(self) -> int:
        """The number of rows of daily reports."""
        return self.daily_files * _DAYS


SMALL = Size("S", 50, 10)
TENTH = Size("T", 500, 100)  # of M, for a slow machine
MEDIUM = Size("M", 5_000, 1_000)
LARGE = Size("L", 45_455, 0)


def write_workspace(root: Path, size: Size) -> None:
    """Write a workspace of the given size.

    Args:
        root: A folder that does not exist yet.
        size: The number of files.
    """
    random = Random(SEED)
    bullets = bullets_of(random)
    people = people_of()
    for number in range(size.daily_files):
        name = people[number % len(people)] + (f" {number}" if number >= len(people) else "")
        folder = root / "daily-reports/md-output" / TEAMS[number % len(TEAMS)]
        folder.mkdir(parents=True, exist_ok=True)
        text = "".join(daily_report(random, name, bullets))
        (folder / f"daily-reports-{number:05}-{name.split()[0]}.md").write_text(text)
    for number in range(size.transcripts):
        folder = root / "transcripts/markdown-output" / TEAMS[number % len(TEAMS)]
        folder.mkdir(parents=True, exist_ok=True)
        day = date(2025, 1, 1) + timedelta(number % 300)
        (folder / f"{day} sync {number}.md").write_text("".join(transcript(random, people)))
    (root / "configs").mkdir(parents=True)  # without weeks, so that Jira and Slack are skipped


def daily_report(
    random: Random, name: str, bullets: list[str], first: date | None = None, days: int = _DAYS
) -> Iterator[str]:
    """Yield the parts of a daily file.

    Args:
        random: Draws the texts.
        name: The employee.
        bullets: The list items to draw from.
        first: The first day; by default, a random one.
        days: The number of days.
    """
    project = random.choice(("Tc", "Rocks", "Tc Mobile"))
    yield f"# Daily Reports\n\n**Employee**: {name}  \n**Project**: {project}  \n"
    yield "**Template**: Daily Report  \n**Generated**: 11/22/2026, 1:28:13 PM\n\n"
    first = first or date(2024, 1, 1) + timedelta(random.randint(0, 600))
    has_own_line = random.random() < 0.5
    for number in range(days):
        day = first + timedelta(number)
        yield f"## {day:%B} {day.day}, {day.year}\n\n" if number % 4 else f"## {day}\n\n"
        if number % 5 == 1:
            yield f"### {name} \N{EM DASH} {project}\n\n"
        elif has_own_line:
            yield f"**Employee**: {name}  \n**Project**: {project}\n\n"
        done = random.choices(bullets, k=random.randint(6, 12))
        to_do = random.choices(bullets, k=random.randint(4, 9))
        yield f"### Tasks Done\n\n{''.join(done)}\n### To Do\n\n{''.join(to_do)}\n"
        yield f"### Details\n\n- Template: Daily Report\n- Project ID: {random.randint(1, 99)}\n\n"
        yield "\n"


def transcript(random: Random, people: list[str], turns: int = 280) -> Iterator[str]:
    """Yield the parts of a transcript; a turn has about 140 bytes."""
    yield "# Sync\n\n## Meeting Participants\n\n"
    speakers = random.sample(people, 5)
    yield "".join(f"- {speaker}\n" for speaker in speakers)
    for minute in range(turns):
        words = " ".join(random.choices(_SPEECH, k=22))
        yield f"\n## {minute // 4}:{minute % 4 * 15:02} - {random.choice(speakers)}\n{words}.\n"


def write_many(root: Path, files: int) -> None:
    """Write a workspace of many daily files of five days each, a thousand per folder.

    Args:
        root: The folder of the workspace.
        files: The number of files.
    """
    random = Random(SEED)
    bullets = bullets_of(random)
    people = people_of()
    for number in range(files):
        folder = root / "daily-reports/md-output" / TEAMS[number % 4] / f"{number // 4000:04}"
        if number % 4000 < 4:
            folder.mkdir(parents=True)
        name = f"{people[number % len(people)]} {number}"
        lines = [f"**Employee**: {name}\n"]
        for day in range(27, 32):
            lines += [f"\n## 2025-10-{day}\n\n", *random.choices(bullets, k=10)]
        path = folder / f"daily-reports-{number:08}-{name.split(maxsplit=1)[0]}.md"
        with open(path, "wb", buffering=0) as file:  # noqa: PTH123 - a million files
            file.write("".join(lines).encode())


def people_of() -> list[str]:
    """Return the names of all people."""
    return [f"{first} {last}" for first, last in product(_FIRST_NAMES, _LAST_NAMES)]


def bullets_of(random: Random) -> list[str]:
    """Return the list items of daily reports."""
    return [
        f"- {verb} {thing} ({random.choice(('#', 'PR '))}{random.randint(1, 999)})\n"
        for verb, thing in product(_VERBS, _OBJECTS)
        for _ in range(8)
    ]
