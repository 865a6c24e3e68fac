"""The keys, indexes and checks that consumers rely on, read from the database."""

import pytest
import yaml

from tests.support.project import FINALS, ROOT, Project

CASCADE, RESTRICT = "c", "r"
FOREIGN_KEYS = {
    ("teams", "organization_id", "organizations", CASCADE),
    ("daily_reports", "team_id", "teams", CASCADE),
    ("meeting_transcripts", "team_id", "teams", CASCADE),
    ("jira_snapshots", "team_id", "teams", CASCADE),
    ("slack_captures", "team_id", "teams", CASCADE),
    ("generated_reports", "team_id", "teams", CASCADE),
    ("generated_reports", "report_type_id", "report_types", RESTRICT),
    ("report_data_links", "generated_report_id", "generated_reports", CASCADE),
    ("report_data_links", "jira_snapshot_id", "jira_snapshots", CASCADE),
    ("report_data_links", "slack_capture_id", "slack_captures", CASCADE),
    ("report_data_links", "daily_report_id", "daily_reports", CASCADE),
    ("report_data_links", "meeting_transcript_id", "meeting_transcripts", CASCADE),
}
UNIQUE = {
    ("organizations", "name"),
    ("teams", "organization_id, name"),
    ("report_types", "name"),
    ("daily_reports", "team_id, author_name, report_date"),
    ("meeting_transcripts", "team_id, filename, transcript_date"),
    ("generated_reports", "execution_id"),
    ("generated_reports", "team_id, report_type_id, content_hash"),
    ("report_data_links", "generated_report_id, jira_snapshot_id"),
    ("report_data_links", "generated_report_id, slack_capture_id"),
    ("report_data_links", "generated_report_id, daily_report_id"),
    ("report_data_links", "generated_report_id, meeting_transcript_id"),
}
INDEXES = {
    "idx_daily_reports_team_id",
    "idx_daily_reports_team_id_report_date",
    "idx_meeting_transcripts_team_id",
    "idx_meeting_transcripts_transcript_date",
    "idx_meeting_transcripts_team_id_transcript_date",
    "idx_jira_snapshots_team_id",
    "idx_jira_snapshots_team_id_collected_week_start",
    "idx_slack_captures_team_id",
    "idx_slack_captures_collected_week_start",
    "idx_slack_captures_team_id_collected_week_start",
    "idx_generated_reports_team_id_report_type_id_generated_at",
    "idx_report_data_links_generated_report_id",
    "idx_report_data_links_jira_snapshot_id",
    "idx_report_data_links_slack_capture_id",
    "idx_report_data_links_daily_report_id",
    "idx_report_data_links_meeting_transcript_id",
}
NULLABLE = {
    "organizations": {"description"},
    "teams": {"description"},
    "report_types": {"description"},
    "daily_reports": {"blob_key", "blob_url", "checksum_sha256", "loaded_at"},
    "meeting_transcripts": {
        *("started_at", "blob_key", "blob_url", "byte_size", "checksum_sha256", "loaded_at"),
    },
    "jira_snapshots": {"byte_size", "checksum_sha256", "loaded_at"},
    "slack_captures": {"channel", "byte_size", "checksum_sha256", "loaded_at"},
    "generated_reports": {
        *("triggered_by", "execution_id", "blob_key", "blob_url", "output", "model_info"),
        *("content_hash", "loaded_at"),
    },
    "report_data_links": {
        *("jira_snapshot_id", "slack_capture_id", "daily_report_id", "meeting_transcript_id"),
    },
}
CONSTRAINED = """
    select
        pg_class.relname,
        string_agg(pg_attribute.attname, ', ' order by keys.position),
        referenced.relname,
        pg_constraint.confdeltype::text
    from pg_constraint
    inner join pg_class on pg_constraint.conrelid = pg_class.oid
    left join pg_class as referenced on pg_constraint.confrelid = referenced.oid
    cross join unnest(pg_constraint.conkey) with ordinality as keys (number, position)
    inner join pg_attribute
        on pg_constraint.conrelid = pg_attribute.attrelid and keys.number = pg_attribute.attnum
    where pg_constraint.connamespace = 'public'::regnamespace and pg_constraint.contype = %s
    group by pg_constraint.oid, 1, 3, 4
"""

postgres_only = pytest.mark.parametrize("engine", ["postgres"], indirect=True)


def constrained(project: Project, kind: str) -> set[tuple[str, ...]]:
    return {tuple(row) for row in project.query(CONSTRAINED, kind)}


@postgres_only
def test_keys_checks_and_indexes_on_postgres(built: Project) -> None:
    assert constrained(built, "f") == FOREIGN_KEYS
    assert {row[:2] for row in constrained(built, "u")} == UNIQUE
    assert {row[:2] for row in constrained(built, "p")} == {(table, "id") for table in FINALS}
    assert {"report_data_links": "ck_report_data_links_exactly_one_source"} == dict(
        built.query(
            "select conrelid::regclass::text, conname from pg_constraint"
            " where contype = 'c' and connamespace = 'public'::regnamespace"
        )
    )
    indexes = built.query("select indexname from pg_indexes where schemaname = 'public'")
    assert {name for (name,) in indexes if name.startswith("idx_")} == INDEXES


def test_columns_that_may_be_empty(built: Project) -> None:
    for table, expected in NULLABLE.items():
        found = built.query(
            "select column_name from information_schema.columns"
            " where table_schema = 'public' and table_name = %s and is_nullable = 'YES'",
            table,
        )
        assert expected == {name for (name,) in found}, table


def test_other_writers_need_no_id(built: Project) -> None:
    built.execute("insert into public.report_types (name) values ('by hand')")
    built.execute(
        "insert into public.jira_snapshots (team_id, collected_week_start, collected_week_end,"
        " blob_key, blob_url) select id, '2025-10-27', '2025-11-02', 'k', 'u' from public.teams"
    )
    for table in FINALS:
        defaults = built.query(
            "select column_name from information_schema.columns where table_schema = 'public'"
            " and table_name = %s and column_default is not null",
            table,
        )
        assert {"id", "created_at", "updated_at"} == {name for (name,) in defaults}, table


@postgres_only
def test_defaults_and_types_that_differ_between_engines(built: Project) -> None:
    assert [("now()", 18)] == built.query(
        "select column_default, count(*) from information_schema.columns"
        " where table_schema = 'public' and column_name in ('created_at', 'updated_at')"
        " group by 1"
    )
    assert [("jsonb", 2)] == built.query(
        "select data_type, count(*) from information_schema.columns"
        " where table_schema = 'public' and column_name in ('output', 'model_info') group by 1"
    )


def test_exactly_one_source_per_link(built: Project) -> None:
    for sources in ("null, null", "gen_random_uuid(), gen_random_uuid()"):
        with pytest.raises(Exception, match=r"ck_report_data_links_exactly_one_source|CHECK"):
            built.execute(
                "insert into public.report_data_links"
                " (id, generated_report_id, jira_snapshot_id, slack_capture_id)"
                f" values (gen_random_uuid(), gen_random_uuid(), {sources})"
            )


@pytest.mark.parametrize("engine", ["duckdb"], indirect=True)
def test_keys_on_duckdb(built: Project) -> None:
    found = built.query(
        "select table_name, array_to_string(constraint_column_names, ', '), constraint_type"
        " from duckdb_constraints() where schema_name = 'public'"
    )
    assert {row[:2] for row in found if row[2] == "UNIQUE"} == UNIQUE
    assert {row[:2] for row in found if row[2] == "PRIMARY KEY"} == {
        (table, "id") for table in FINALS
    }
    assert not [row for row in found if row[2] == "FOREIGN KEY"]


@postgres_only
def test_an_index_that_is_declared_later_is_made_on_the_table_that_exists(built: Project) -> None:
    built.execute("drop index public.idx_daily_reports_team_id")
    built.build("--select", "daily_reports")
    indexes = built.query("select indexname from pg_indexes where tablename = 'daily_reports'")
    assert ("idx_daily_reports_team_id",) in indexes


@postgres_only
def test_deleting_a_team_deletes_its_rows(built: Project) -> None:
    built.execute("delete from public.organizations")
    for table in ("teams", "daily_reports", "meeting_transcripts", "slack_captures"):
        assert built.query(f"select count(*) from public.{table}") == [(0,)]


def test_every_foreign_key_is_a_test_on_both_engines() -> None:
    models = yaml.safe_load((ROOT / "dbt_project/models/marts/_marts__models.yml").read_text())
    tested = {
        (model["name"], column["name"], test["relationships"]["arguments"]["to"][5:-2])
        for model in models["models"]
        for column in model["columns"]
        for test in column.get("data_tests", [])
        if "relationships" in test
    }
    assert {key[:3] for key in FOREIGN_KEYS} == tested
