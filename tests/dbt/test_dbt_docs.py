"""The dbt documentation describes everything, in one page that works offline."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from loader.tables import SEEDS
from scripts.lineage import PICTURE, draw, layers_and_parents
from tests.support.project import ROOT, Project

OURS = "orchestrator_elt"


@pytest.fixture(scope="session")
def generated(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return the generated documentation, by engine."""
    return {"folder": tmp_path_factory.mktemp("docs")}


@pytest.fixture
def docs(engine: str, request: pytest.FixtureRequest, generated: dict[str, Path]) -> Path:
    folder = generated["folder"] / engine
    if engine not in generated:
        built: Project = request.getfixturevalue("built")
        built.build("--select", "orchestrator_elt.content+", contents=True)
        ended = built.dbt("docs", "generate", "--static", "--target-path", str(folder))
        assert ended.code == 0, ended.out
        generated[engine] = folder
    return folder


def read(file: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(file.read_text())
    return found


@pytest.mark.either_engine
def test_everything_is_described(docs: Path) -> None:
    manifest, catalog = read(docs / "manifest.json"), read(docs / "catalog.json")
    described = manifest["nodes"] | manifest["sources"] | manifest["exposures"] | manifest["macros"]
    ours = {
        name: node
        for name, node in described.items()
        if node["package_name"] == OURS
        and node["resource_type"] in {"model", "seed", "source", "macro", "exposure"}
    }
    assert len(ours) > 70
    assert [] == [name for name, node in ours.items() if not node["description"].strip()]
    for name, node in ours.items():
        columns = node.get("columns", {})
        assert all(column["description"].strip() for column in columns.values()), name
    # The database has exactly the documented columns.
    there = catalog["nodes"] | catalog["sources"]
    on_postgres = manifest["metadata"]["adapter_type"] == "postgres"
    for name, node in there.items():
        found = {column["name"].lower() for column in node["columns"].values()}
        # A generated column of PostgreSQL: macros/indexes.sql.
        documented = set(ours[name]["columns"])
        if on_postgres and name.startswith("model.") and "search_text" in documented:
            documented.add("search")
        assert found == documented, name
    assert len(there) == len(
        [n for n in ours.values() if n.get("config", {}).get("materialized") != "ephemeral"]
    ) - len([n for n in ours.values() if n["resource_type"] in {"macro", "exposure"}])


def test_groups_access_and_exposures(docs: Path) -> None:
    manifest = read(docs / "manifest.json")
    models = [n for n in manifest["nodes"].values() if n["resource_type"] == "model"]
    access = {"staging": "private", "intermediate": "private"}
    for model in models:
        folder = model["fqn"][1]
        assert (model["access"], model["group"]) == (access.get(folder, "public"), "warehouse")
        assert model["contract"]["enforced"] == (folder in {"marts", "content", "reporting"})
    exposures = manifest["exposures"].values()
    assert {"weekly_digest", "team_dashboard", "one_on_one"} == {each["name"] for each in exposures}
    for each in exposures:
        assert each["owner"]["email"]
        assert each["url"].startswith("https://")
        assert each["maturity"] in {"high", "medium", "low"}
        assert each["depends_on"]["nodes"]


@pytest.mark.parametrize("engine", ["duckdb"], indirect=True)
def test_one_page_that_needs_no_network(docs: Path) -> None:
    html = (docs / "static_index.html").read_text()
    assert "One row per employee per day of a team." in html
    assert not re.findall(r"<(?:script|link|img)[^>]*(?:src|href)=[\"']?https?://", html)


@pytest.mark.parametrize("engine", ["duckdb"], indirect=True)
def test_the_picture_of_the_lineage_is_of_these_models(docs: Path) -> None:
    manifest = read(docs / "manifest.json")
    assert draw(manifest) == PICTURE.read_text(), "make lineage draws it"
    layers, parents = layers_and_parents(manifest)
    drawn = {name.rpartition(".")[2] for name, layer in layers.items() if layer != "raw"}
    models = (ROOT / "dbt_project/models").rglob("*.sql")
    stems = {path.stem for path in models if path.parent.name != "intermediate"}
    assert stems | set(SEEDS) <= drawn
    assert all(its or name in set().union(*parents.values()) for name, its in parents.items())
