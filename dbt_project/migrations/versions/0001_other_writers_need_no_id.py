"""Other writers need no id; a team is always named, as in the original."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

TABLES = (
    "organizations",
    "teams",
    "report_types",
    "daily_reports",
    "meeting_transcripts",
    "jira_snapshots",
    "slack_captures",
    "generated_reports",
    "report_data_links",
)
OF_A_TEAM = ("meeting_transcripts", "jira_snapshots", "slack_captures")


def upgrade() -> None:
    for table in TABLES:
        op.alter_column(table, "id", server_default=sa.text("gen_random_uuid()"))
    for table in OF_A_TEAM:
        op.alter_column(table, "team_id", nullable=False)


def downgrade() -> None:
    for table in OF_A_TEAM:
        op.alter_column(table, "team_id", nullable=True)
    for table in TABLES:
        op.alter_column(table, "id", server_default=None)
