"""Taking things out of a database again: all of it, a person or a file, old versions."""

# What a file's rows are, raw and final, by the column of public.report_data_links for them.
KINDS = {
    "daily_reports": "daily_report_id",
    "meeting_transcripts": "meeting_transcript_id",
    "jira_snapshots": "jira_snapshot_id",
    "slack_captures": "slack_capture_id",
    "generated_reports": "generated_report_id",
}
WITH_BLOBS = tuple(f"{schema}.{kind}" for schema in ("raw", "public") for kind in KINDS)
