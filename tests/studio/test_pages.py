"""The studio's pages over HTTP: their content, their states, and texts that stay texts."""

import json
import re
import subprocess
import sys
from html import unescape

import pytest

from tests.support.postgres import Postgres
from tests.support.project import Project
from tests.support.studio import Served, assets, links, make_hostile, pages_of

pytestmark = pytest.mark.either_engine

SHOWN = {
    "overview": ["Who reported when", "rocks", "Eusebio Mamaril", "27 Oct to 2 Nov 2025"],
    "team": ["Full Scale", "Mon 27 Oct", "rocks standup 10-28-2025", "ROCKS-214", "Blockers"],
    "people": ["Jérôme D", "last seen Fri 31 Oct 2025", "timeclock"],
    "person": ["Alan Sheridan Ibáñez Núñez", "Tasks Done", "What Alan said", "ROCKS-553"],
    "meeting": ["Weekly sync October 30, 2025", "13 turns, 109 words", "26:04", "Text as written"],
    "text": ["Text as written", "Weekly sync October 30, 2025.md"],
    "day": ["Mon 27 Oct 2025", "<em>onboarding</em>", "Its entries", ".md:8"],
    "issue": ["ROCKS-214", "In Progress", "History", "Mentions"],
    "reports": ["datasource_weekly_ENGAGE.py", "weekly-digest"],
    "report": ["Made from", "Daily reports", "Meeting transcripts"],
    "search": ["<mark>login</mark> <mark>redirect</mark>", "97 hits", "meeting turns"],
    "no words": ["one after the other"],
    "nothing found": ["Nothing has these words"],
    "not searchable": ["search"],
    "loads": ["no date", "What to do:", "kickoff notes.md"],
    "load": ["Files that were read", "rejected"],
    "no such page": ["There is no such page"],
    "nobody": ["Nobody is named"],
    "tables": ["Final tables", "What the texts say", "daily_reports</a>", ">77<"],
    "rows": ["77 rows", "Fri 31 Oct 2025", "Jérôme D", "Next →", "All 11 columns"],
    "row": ["Open its page", "Rows that refer to this one", "report_entries", "checksum_sha256"],
    "some rows": ["section_kind is done", "“login”"],
    "all columns": ["Fewer columns", "file_sha256"],
    "no row": ["There is no such row"],
    "no table": ["There is no table"],
    "query": ["reporting.team_week", "Run"],
    "answer": ["4 rows", "engagepath", "Parquet"],
    "wrong query": ["Line 2, column 6", "<mark>nowhere</mark>", "does not exist"],
}
STATUS = {
    "not searchable": 400,
    "no such page": 404,
    "nobody": 404,
    "no row": 404,
    "no table": 404,
    "wrong query": 400,
}


def test_each_page(built: Project) -> None:
    with Served(built) as served:
        for name, path in pages_of(built).items():
            answer = served.get(path)
            html = unescape(answer.text)
            assert answer.status_code == STATUS.get(name, 200), (name, html)
            assert [] == [text for text in SHOWN[name] if text not in html], name
            assert answer.headers["cache-control"] == "no-store"
            assert html.count("<h1") == 1
            # The page is small, and fetches only its own files.
            fetched = [each for each in assets(answer.text) if each != "data:,"]
            assert len(fetched) == 2
            sizes = [len(answer.content), *(len(served.get(each).content) for each in fetched)]
            assert sum(sizes) < 100_000
            assert not re.search(r"<[^>]* (?:style|on\w+)=", answer.text)


def test_all_links_lead_to_pages(built: Project) -> None:
    """Follow links from the first page to each kind of page, and to all weeks."""
    with Served(built) as served:
        seen, waiting, kinds = {"/"}, ["/"], dict[str, int]()
        while waiting:
            path = waiting.pop(0)
            for link in links(served.html(path), path):
                kind = re.sub(r"/[^/?]+", "/x", link.partition("?")[0][1:])
                kind = f"{link.split('/')[1].partition('?')[0]}{kind.count('/')}"
                if link not in seen and kinds.get(kind, 0) < 6:
                    kinds[kind] = kinds.get(kind, 0) + 1
                    seen.add(link)
                    waiting.append(link)
        assert {kind[:-1] for kind in kinds} >= {
            *("teams", "people", "meetings", "days", "issues", "reports", "search", "loads")
        }
        first = served.html("/")
        weeks = built.query("select distinct week_start from reporting.team_week")
        assert [] == [str(week) for (week,) in weeks if f"?week={week}" not in first]


def test_a_week_of_a_person(built: Project) -> None:
    with Served(built) as served:
        page = unescape(served.html("/people/John%20Michael%20Losada?week=2025-10-29"))
        assert "No report, and one was expected" in page  # on Tuesday
        assert page.count("<article class=") >= 5
        later = served.html("/people/John%20Michael%20Losada?week=2025-11-05")
        assert later.count("No report, and one was expected") == 5
        assert served.get("/people/John%20Michael%20Losada?week=someday").status_code == 400
        several = served.get("/people/Ana")
        assert several.status_code == 404
        silent = served.html("/?week=2025-11-03")
        assert "16 people were expected and reported on no day." in silent
        assert "last report Fri 31 Oct 2025" in silent


def test_a_search_is_narrowed(built: Project) -> None:
    with Served(built) as served:
        page = served.html("/search?q=login+redirect&team=rocks&kind=turn")
        numbers = [int(each) for each in re.findall(r">(\d+) hits,", page)]
        every = built.loader("search", "login redirect", "--team", "rocks", "--kind", "turn",
                             "--limit", "1000", "--json")  # fmt: skip
        assert numbers == [len(json.loads(every.out)["hits"])]
        assert {"/search?q=login+redirect&team=rocks", "/search?q=login+redirect&kind=turn"} <= {
            *links(page, "/search")
        }
        turn = next(each for each in links(page, "/search") if each.startswith("/meetings/"))
        assert served.get(turn).status_code == 200
        week = served.html("/search?q=login&week=2025-11-03")
        assert "Nothing has these words with these filters" in week
        for wrong in ("kind=nothing", "team=nobody", "person=Nobody", "from=x", "from=99999999999"):
            assert served.get(f"/search?q=login&{wrong}").status_code == 400, wrong
        second = served.html("/search?q=login+redirect&from=25")
        assert "← Previous" in second


@pytest.mark.long
def test_no_address_ends_in_a_traceback(built: Project) -> None:
    odd = ["%00", "%ff", "%ed%a0%80", "..%2f", "'", "%25", "%E2%80%AE", "x%0d%0aset-cookie:a=b"]
    places = ["/{}", "/people/{}", "/days/{}", "/meetings/{}/text", "/issues/{}", "/reports/{}",
              "/loads/{}", "/teams/{}/{}", "/?week={}", "/search?q={}", "/search?q=login&team={}",
              "/search?q=login&person={}", "/search?q=login&kind={}"]  # fmt: skip
    with Served(built) as served:
        for path in [place.replace("{}", each) for place in places for each in odd]:
            answer = served.get(path)
            assert answer.status_code in {200, 400, 404}, (path, answer.text)
            assert "set-cookie" not in answer.headers
        for week in ("9999-12-31", "0001-01-01", "27.10.2025"):
            assert served.get(f"/?week={week}").status_code == 400


def test_texts_of_others_stay_texts(built: Project) -> None:
    paths = pages_of(built)
    make_hostile(built)
    with Served(built) as served:
        teams = [each for each in links(served.html("/"), "/") if each.startswith("/teams/")]
        assert len(teams) >= 4
        for name, path in [*paths.items(), *((each, each) for each in teams)]:
            html = served.get(path).text
            assert not re.search(r"<script>|<img|<[^>]*href=[^>]javascript", html), name
            assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u200b]", html), name
            assert len(assets(html)) == 3, name
        for name in ("person", "meeting", "issue", "loads", "day"):
            html = served.get(paths[name]).text
            assert r"\x1b[2J\u202e" in html, name
            assert "{{ 7 * 7 }}" in html, name


def test_markdown_keeps_the_order_of_headings(built: Project) -> None:
    built.execute("update public.daily_reports set content = '# a\n\n#### b\n\n#### c\n\n## d'")
    with Served(built) as served:
        page = served.html(pages_of(built)["day"])
        found = re.findall(r"<(h\d)>([abcd])</h\d>", page)
        assert [("h3", "a"), ("h4", "b"), ("h4", "c"), ("h4", "d")] == found


def test_a_database_that_is_not_ready(project: Project) -> None:
    """The studio starts, and each page shows the next command."""
    target = project.target

    def said(path: str, *texts: str, status: int = 503) -> None:
        answer = served.get(path)
        page = unescape(answer.text)
        assert answer.status_code == status, page
        assert [] == [text for text in texts if text not in page], page

    run, build = f"python -m loader run --target {target}", f"dbt build --target {target}"
    with Served(project) as served:
        title = "Nothing is loaded yet" if project.url else "There is no database yet"
        said("/", title, run, build)
        said("/people", title)
        project.write("transcripts/markdown-output/rocks/2025-10-27.md", "# talk")
        project.load()
        said("/", "The tables are not built yet", build)
        project.build()
        said("/", "No daily report yet", run, status=200)
        said("/loads", "Files", status=200)
        said("/people", "The texts are not taken apart yet", run, build)
        # A silent team shows as missing; a mistyped year moves no page.
        for day in ("2025-10-27", "2052-10-27"):
            text = f"**Employee**: Ana\n\n## {day}\n\n- x\n"
            project.write(f"daily-reports/md-output/rocks/{day}.md", text)
        project.load_and_build()
        page = served.html("/")
        assert "24 to 30 Nov 2025" in page
        days = page.partition('<table class="days">')[2].partition("</table>")[0]
        assert (days.count('class="y"'), days.count('class="n"'), "2052" in days) == (1, 20, False)
        day = str(project.query("select id from public.daily_reports")[0][0])
        said(f"/days/{day}", "Texts are not taken apart in this database", status=200)
        # Another environment's database.
        other = "staging" if project.url else "prod"
        project.execute(f"update bookkeeping.environment set name = '{other}'")
    with Served(project) as served:
        said("/", "another environment", f"--target {other}")
        project.execute("drop schema bookkeeping cascade")
        project.execute("drop schema raw cascade")
        said("/", "not created by this product", "schema adopt", "FINAL_SCHEMA")


@pytest.mark.long
@pytest.mark.parametrize("engine", ["duckdb"])
def test_a_database_open_in_another_process(built: Project) -> None:
    code = (
        "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('has it', flush=True); input()"
    )
    file = str(built.folder / "warehouse/warehouse.duckdb")
    with (
        Served(built) as served,
        subprocess.Popen(
            [sys.executable, "-c", code, file],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as holder,
    ):
        assert holder.stdout
        holder.stdout.readline()
        answer = served.get("/")
        assert (answer.status_code, f"PID {holder.pid}" in answer.text) == (503, True)
        assert "Another program uses the database" in answer.text
        holder.communicate("\n")
        assert "Who reported when" in served.html("/")


@pytest.mark.parametrize("engine", ["postgres"])
def test_a_role_for_readers(built: Project, postgres: Postgres) -> None:
    assert built.dbt("run-operation", "grant_roles").code == 0
    postgres.execute("alter role reader with login password 'x'")
    paths = pages_of(built)
    built.url = postgres.url("work", "reader")
    with Served(built) as served:
        assert "This role may not read the raw tables" in served.html("/")
        assert "Loads are not shown" in served.get("/loads").text
        for name in ("team", "person", "meeting", "day", "issue", "report", "search"):
            served.html(paths[name])
