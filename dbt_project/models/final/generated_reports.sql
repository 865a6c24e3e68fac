-- Nothing loads generated datasources yet: the table stands for its consumers and its
-- foreign keys.
-- depends_on: {{ ref("report_types") }}, {{ ref("teams") }}
{{ no_rows(model.columns) }}
