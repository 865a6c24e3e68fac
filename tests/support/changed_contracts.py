"""Typical changes of contracts."""

import sqlalchemy as sa

from tests.support.contracts import without


def add_not_null(tables: sa.MetaData) -> None:
    column: sa.Column[bool] = sa.Column(
        "is_active", sa.Boolean(), nullable=False, server_default=sa.text("true")
    )
    tables.tables["teams"].append_column(column)


def add_index(tables: sa.MetaData) -> None:
    sa.Index("idx_daily_reports_author_name", tables.tables["daily_reports"].c.author_name)


def add_foreign_key(tables: sa.MetaData) -> None:
    column: sa.Column[object] = sa.Column(
        "parent_id",
        sa.Uuid(),
        sa.ForeignKey("teams.id", ondelete="CASCADE", name="teams_parent_id_fkey"),
    )
    tables.tables["teams"].append_column(column)


def rename(tables: sa.MetaData) -> None:
    without(tables, "teams", "description")
    column: sa.Column[str] = sa.Column("purpose", sa.Text(), info={"renamed_from": "description"})
    tables.tables["teams"].append_column(column)


def rename_in_a_key(tables: sa.MetaData) -> None:
    without(tables, "teams", "name")
    info = {"renamed_from": "name"}
    teams = tables.tables["teams"]
    teams.append_column(sa.Column("title", sa.Text(), nullable=False, info=info))
    key = sa.UniqueConstraint("organization_id", "title", name="uq_teams_organization_id_name")
    teams.append_constraint(key)


def rename_in_an_index(tables: sa.MetaData) -> None:
    without(tables, "meeting_transcripts", "transcript_date")
    info = {"renamed_from": "transcript_date"}
    table = tables.tables["meeting_transcripts"]
    column: sa.Column[object] = sa.Column("held_at", sa.TIMESTAMP(), nullable=False, info=info)
    table.append_column(column)
    key = "uq_meeting_transcripts_team_id_filename_transcript_date"
    table.append_constraint(sa.UniqueConstraint("team_id", "filename", "held_at", name=key))
    sa.Index("idx_meeting_transcripts_held_at", table.c.held_at)


def drop(tables: sa.MetaData) -> None:
    without(tables, "daily_reports", "checksum_sha256")


def drop_not_null(tables: sa.MetaData) -> None:
    without(tables, "daily_reports", "content")


def change_type(tables: sa.MetaData) -> None:
    tables.tables["meeting_transcripts"].c.byte_size.type = sa.Text()


def change_zone(tables: sa.MetaData) -> None:
    tables.tables["daily_reports"].c.created_at.type = sa.TIMESTAMP()
