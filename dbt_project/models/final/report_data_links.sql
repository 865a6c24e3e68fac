-- Nothing loads generated datasources yet: the table stands for its consumers and its
-- foreign keys.
-- depends_on: {{ ref("generated_reports") }}, {{ ref("jira_snapshots") }}, {{ ref("slack_captures") }}
-- depends_on: {{ ref("daily_reports") }}, {{ ref("meeting_transcripts") }}
{{ no_rows(model.columns) }}
