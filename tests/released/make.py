"""Make the stored databases. This needs the loader of their release: see README.md."""

import gzip
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import dlt
import duckdb
import pytest

from tests.released import edits
from tests.support.postgres import Postgres
from tests.support.project import Project

FOLDER = Path(__file__).parent
KILLED = -9
STORAGE = "dlt.common.storages.load_package:PackageStorage"
BEFORE_MARKER = f"{STORAGE}.save_pending_transition:1:0:daily_reports"
BEFORE_RECORD = "dlt.load.load:Load.complete_package:1:0"
ALL_PARTS = "loader.parts.closing:close:1:0"
EARLIER_LACKS = {"files": ("started_at", "loaded_by")}


def run(project: Project, by: str, *args: str, kill: str = "") -> None:
    """Run the loader as a user does, up to a kill if one is given."""
    fault = {"FAULT": kill} if kill else {}
    process = project.start(
        "loader", *project.run_args("--blob-store", "local", *args), TRIGGERED_BY=by, **fault
    )
    out, err = process.communicate()
    assert process.returncode == (KILLED if kill else 0), out + err


def fill(project: Project) -> None:
    """Load and build: four finished runs, and two killed runs."""
    project.copy_example()
    run(project, "ana")
    project.build()
    edits.edit(project.workspace, 2)
    # Kill between a job's commit and dlt's marker: the next run loads its rows again.
    run(project, "ben", kill=BEFORE_MARKER)
    run(project, "ben")
    project.build()
    edits.edit(project.workspace, 4)
    run(project, "cleo", "--engine", "local")  # not built: a build after the upgrade applies it
    edits.edit(project.workspace, 5)
    run(project, "dora", kill=BEFORE_RECORD)
    forget_folders(project)
    run(project, "dora", "--engine", "local", kill=ALL_PARTS)
    forget_folders(project)


def check(project: Project) -> None:
    """Check that there are rows that an upgrade must remove."""
    twice = "select count(*) - count(distinct row_id) from raw.daily_reports"
    assert project.query(twice) == [(1,)]
    loads = (
        "select count(distinct _dlt_load_id) from raw.files where _dlt_load_id {}"
        " in (select load_id from raw._dlt_loads)"
    )
    assert project.query(loads.format("")) == [(4,)]
    assert project.query(loads.format("not")) == [(2,)]


def forget_folders(project: Project) -> None:
    """Continue as on another machine, with nothing pending."""
    for name in ("dlt", "parts"):
        shutil.rmtree(project.folder / "warehouse" / name, ignore_errors=True)


def make_earlier(project: Project) -> None:
    """Drop the columns that an earlier release did not have, from dlt's schema as well."""
    versions = project.query("select version_hash, schema from raw._dlt_version")
    with project.warehouse() as warehouse:
        for version_hash, stored in versions:
            schema = json.loads(stored)
            for table, columns in EARLIER_LACKS.items():
                for column in columns:
                    schema["tables"][table]["columns"].pop(column, None)
            earlier = dlt.Schema.from_dict(schema)
            earlier._bump_version()  # noqa: SLF001 - has no public name
            warehouse.execute(
                "update raw._dlt_version set version_hash = %s, schema = %s"
                " where version_hash = %s",
                [earlier.version_hash, json.dumps(earlier.to_dict()), version_hash],
            )
            warehouse.execute(
                "update raw._dlt_loads set schema_version_hash = %s where schema_version_hash = %s",
                [earlier.version_hash, version_hash],
            )
        for table, columns in EARLIER_LACKS.items():
            for column in columns:
                warehouse.execute(f'alter table raw."{table}" drop column "{column}"')


def store(project: Project, server: Postgres, name: str) -> None:
    """Write a database into this folder."""
    if project.url:
        dump = [
            server.program("pg_dump"),
            "--no-owner",
            "--no-privileges",
            "--restrict-key=x",
            project.url,
        ]
        text = subprocess.run(dump, check=True, capture_output=True).stdout
        (FOLDER / f"{name}.sql.gz").write_bytes(gzip.compress(text, mtime=0))
        return
    compact = project.folder / "compact.duckdb"
    compact.unlink(missing_ok=True)
    with duckdb.connect() as connection:  # the file keeps the space of dropped rows
        connection.execute(f"attach '{project.folder}/warehouse/warehouse.duckdb' as original")
        connection.execute(f"attach '{compact}' as compact")
        connection.execute("copy from database original to compact")
    (FOLDER / f"{name}.duckdb.gz").write_bytes(gzip.compress(compact.read_bytes(), mtime=0))


def main() -> None:
    """Make all stored databases."""
    with tempfile.TemporaryDirectory() as temporary, pytest.MonkeyPatch.context() as patch:
        place = Path(temporary)
        server = Postgres()
        try:
            for engine in ("duckdb", "postgres"):
                folder = place / engine
                (folder / "workspace").mkdir(parents=True)
                url = server.create_database("work") if engine == "postgres" else None
                project = Project(folder, place / "dbt", patch, url)
                fill(project)
                check(project)
                store(project, server, "released")
                make_earlier(project)
                store(project, server, "earlier")
        finally:
            server.stop()
    sys.stdout.write("\n".join(str(p) for p in sorted(FOLDER.glob("*.gz"))) + "\n")


if __name__ == "__main__":
    main()
