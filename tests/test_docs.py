"""The docs name each command, option, setting and table, and no others."""

import argparse
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from loader import tables
from loader.cli import command_line
from loader.parsing.rejections import Reason
from loader.settings import describe_settings
from loader.tables.contents import CONTENT_TABLES
from loader.workspace.kinds import KINDS
from tests.support.project import FINALS, ROOT

PAGES = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"]
PAGES += [f"docs/{path.name}" for path in sorted((ROOT / "docs").glob("*.md"))]


def read(page: str) -> str:
    return (ROOT / page).read_text()


def table(header: str, text: str) -> list[list[str]]:
    """Return the cells of the table below a header line."""
    lines = text[text.index(f"| {header} |") :].split("\n\n", maxsplit=1)[0].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def named(cells: list[list[str]]) -> set[str]:
    """Return the code-style words of the first cells."""
    return {word for row in cells for word in re.findall(r"`([^`]+)`", row[0])}


def subcommands() -> dict[str, argparse.ArgumentParser]:
    parser = command_line()
    (action,) = [
        action
        for action in parser._actions  # noqa: SLF001 - argparse has no public access
        if isinstance(action, argparse._SubParsersAction)  # noqa: SLF001
    ]
    choices: dict[str, argparse.ArgumentParser] = action.choices
    return choices


def test_commands() -> None:
    documented = {
        name
        for name in named(table("command | does", read("docs/commands.md")))
        if "loader" in name
    }
    assert documented == {f"python -m loader {name}" for name in subcommands()}


def test_options() -> None:
    there = {
        name: {option for action in parser._actions for option in action.option_strings}  # noqa: SLF001
        - {"--help", "-h"}
        for name, parser in subcommands().items()
    }
    common = there["ids"]
    for name in ("run", "status", "search", "studio", "mcp", "forget", "verify"):
        rows = table(f"option of `{name}` | means", read("docs/commands.md"))
        documented = {option.split()[0] for option in named(rows)}
        assert documented | common == there[name]
        assert name != "run" or common < documented


def test_settings() -> None:
    names = {name for name, _, _ in describe_settings({})}
    for path in ("loader/settings/__init__.py", "profiles.yml", "dbt_project.yml"):
        text = (ROOT / path).read_text()
        found = set(re.findall(r"env_var\('([A-Z_]+)', ''\)", text))
        found |= set(re.findall(r"(?:_value|_is_on)\((?:env, )?\"([A-Z_]+)\"", text))
        assert found <= names
    assert named(table("setting | means | default", read("docs/settings.md"))) == names
    example = (ROOT / ".env.example").read_text()
    assert set(re.findall(r"^(?:# )?([A-Z_]+)=", example, re.MULTILINE)) == names


def test_tables() -> None:
    page = read("docs/tables.md")
    final, content, raw = (
        page.split(f"\n## {heading}\n")[1] for heading in ("Final tables", "Content", "Raw tables")
    )
    assert named(table("table | one row per", final)) == set(FINALS)
    assert table("table | one row per", final) == table("table | one row per", read("README.md"))
    assert named(table("table | one row per", raw)) == set(tables.RAW_TABLES)
    views = {path.stem for path in (ROOT / "dbt_project/models/reporting").glob("*.sql")}
    assert named(table("view | one row per", page)) == views
    assert named(table("table | one row per", content)) == set(CONTENT_TABLES)


def test_make_targets() -> None:
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z-]+):.*##", makefile, re.MULTILINE))
    documented = named(table("make target | does", read("docs/commands.md")))
    assert {name.removeprefix("make ") for name in documented} == targets
    (phony,) = re.findall(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    assert set(phony.split()) == targets


def test_clean_keeps_loaded_data(tmp_path: Path) -> None:
    shutil.copy(ROOT / "Makefile", tmp_path)
    for name in (".warehouse", ".venv", ".mypy_cache"):
        (tmp_path / name).mkdir()
    subprocess.run(["make", "clean"], cwd=tmp_path, check=True, capture_output=True)
    assert {"Makefile", ".warehouse"} == {path.name for path in tmp_path.iterdir()}


def test_folders() -> None:
    text = read("docs/workspace.md")
    folders = [files.folder.format("{team}") + "/" for files in KINDS.values()]
    there = {*folders, "configs/"}
    assert named(table("folder | becomes", text)) == there


def test_packages() -> None:
    files = [
        *(ROOT / "loader").rglob("__init__.py"),
        *(path for path in (ROOT / "dbt_project").rglob("*.*") if path.is_file()),
        *(
            ROOT / name / "__init__.py"
            for name in ("scripts", "tests/support", "benchmarks", "benchmarks/cases")
        ),
    ]
    files = [file for file in files if file.parent.name != "__pycache__"]
    folders = {f"{file.parent.relative_to(ROOT).as_posix()}/" for file in files}
    there = folders - {"loader/", "dbt_project/models/"}
    assert named(table("folder | does", read("CONTRIBUTING.md"))) == there


def test_reasons_and_their_hints() -> None:
    text = read("docs/rejections.md")
    documented = {
        (row[0].strip("`"), row[2])
        for part in text.split("\n## ")[1:]
        for row in table("reason | what it is | hint", part)
    }
    assert documented == {(r.value, r.hint) for r in Reason}


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    text = re.sub(r"^```.*?^```", "", read(page), flags=re.MULTILINE | re.DOTALL)
    for link, place in re.findall(r"\]\(([^)#\s]*)(?:#([^)]+))?\)", text):
        target = (ROOT / page).parent / link if link else ROOT / page
        assert link.startswith("https://") or target.exists(), link
        if place and not link.startswith("https://"):
            assert place in {anchor(heading) for heading in headings(target)}, f"{link}#{place}"


def headings(page: Path) -> list[str]:
    text = re.sub(r"^ *```.*?^ *```", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    return re.findall("^#+ (.+)$", text, re.MULTILINE)


def anchor(heading: str) -> str:
    """Return the anchor of a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


@pytest.mark.parametrize("page", [page for page in PAGES if page.startswith("docs/")])
def test_a_page_opens_with_the_question_that_it_answers(page: str) -> None:
    assert headings(ROOT / page)[0].endswith("?")


def section(page: Path, place: str) -> str:
    """Return the text from a heading to the next one, on one line."""
    text = page.read_text()
    (heading,) = [each for each in headings(page) if anchor(each) == place]
    text = re.split(rf"^#+ {re.escape(heading)}$", text, flags=re.MULTILINE)[1]
    return " ".join(re.split("^##", text, maxsplit=1, flags=re.MULTILINE)[0].split())


def test_the_pages_answer_ten_questions() -> None:
    rows = table("question | page | answer", read("docs/ten-questions.md"))
    assert len(rows) == len({question for question, _, _ in rows}) == 10
    for question, link, answer in rows:
        (found,) = re.findall(r"\]\(([\w-]+\.md)#([\w-]+)\)", link)
        words = re.findall(r"`([^`]+)`", answer)
        text = section(ROOT / "docs" / found[0], found[1])
        assert question.endswith("?")
        assert words
        assert [each for each in words if each not in text] == [], question


def test_the_readme_is_short_and_lists_each_page() -> None:
    assert read("README.md").count("\n") <= 150
    documentation = read("README.md").split("## Documentation")[1]
    assert {f"docs/{name}" for name in re.findall(r"\(docs/(\S+?)\)", documentation)} == {
        page for page in PAGES if page.startswith("docs/")
    }


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_no_registry_address_is_committed(name: str) -> None:
    lock = (ROOT / name).read_text()
    assert "://" not in lock
    assert "--hash=sha256:" in lock


def test_a_package_is_in_one_lock() -> None:
    locks = ("requirements.lock", "requirements-dev.lock")
    runtime, development = (
        set(re.findall(r"^([\w.-]+)==", (ROOT / name).read_text(), re.MULTILINE)) for name in locks
    )
    assert {"dbt-core", "dlt", "hatchling", "starlette"} <= runtime
    assert {"mcp", "distributed", "s3fs", "pytest"} <= development
    assert not runtime & development
