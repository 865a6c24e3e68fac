"""One example per process and engine for all tests, with hostile texts."""

from collections.abc import Callable, Iterator

import pytest

from tests.support.mcp import HOSTILE, JIRA, LONG, Asking, over_stdio
from tests.support.project import Project
from tests.support.scenes import Scenes


def _write_hostile(project: Project) -> None:
    day = f"## 2025-10-28\n\n### Tasks Done\n\n- {HOSTILE}\n\n### Blockers\n\n- none\n"
    for team in ("rocks", "engagepath"):
        text = f"**Employee**: Sam Lee\n\n{day}"
        project.write(f"daily-reports/md-output/{team}/sam.md", text)
    text = f"# Long\n\n## 1:00 - Sam Lee\n\n{LONG}\n\n## 2:00 - Sam Lee\n\nsee ROCKS-214\n"
    project.write("transcripts/markdown-output/rocks/2025-10-28 long talk.md", text)


def _load_twice(project: Project) -> None:
    project.copy_example()
    _write_hostile(project)
    with pytest.MonkeyPatch.context() as slack:
        slack.setenv("SLACK_CONTENT", "true")
        project.load()
        issue = project.workspace / JIRA
        text = issue.read_text()
        issue.write_text(text.replace("**Status**: In Progress", "**Status**: Done", 1))
        project.load()
    project.build(contents=True)


@pytest.fixture(scope="session")
def _told(scenes: Scenes) -> Callable[[str], Project]:
    return lambda engine: scenes.made(engine, "told", _load_twice)


@pytest.fixture
def told(engine: str, _told: Callable[[str], Project]) -> Project:
    """Return the read-only example with hostile texts, loaded twice and built with contents."""
    return _told(engine)


@pytest.fixture(scope="session")
def _clients(
    _told: Callable[[str], Project], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], Asking]]:
    made: dict[str, Asking] = {}
    opened = []

    def of(engine: str) -> Asking:
        if engine not in made:
            log = (tmp_path_factory.mktemp("log") / "stderr").open("w")
            context = over_stdio(_told(engine), log)
            made[engine] = context.__enter__()
            opened.append((context, log))
        return made[engine]

    yield of
    for context, log in opened:
        context.__exit__(None, None, None)
        log.close()


@pytest.fixture
def asking(engine: str, _clients: Callable[[str], Asking]) -> Asking:
    """Yield the SDK's client for a server over stdio, in a separate process."""
    return _clients(engine)
