{#
Generated datasources with the values of their first load, and of the last load of the same bytes:
`output` comes from the last load, `kept_output` has the parts of the first one that stay. One row
per team, type, content and file.

    rows  a CTE with the rows of all loads, with their teams and types
#}
{% macro read_reports(rows) %}
    with
        first_read as (
            {{
                deduplicate(
                    rows,
                    partition_by=[
                        "team_id",
                        "report_type_id",
                        "content_hash",
                        "source_path",
                    ],
                    order_by=[
                        "case when date_range_start is null then 1 else 0 end",
                        "loaded_at",
                        "row_id",
                    ],
                )
            }}
        ),

        last_read as (
            {{
                deduplicate(
                    rows,
                    partition_by=[
                        "team_id",
                        "report_type_id",
                        "content_hash",
                        "source_path",
                    ],
                    order_by=["loaded_at desc", "row_id desc"],
                )
            }}
        )
    select
        first_read.row_id,
        first_read.team_id,
        first_read.team_key,
        first_read.organization_key,
        first_read.report_type_id,
        first_read.report_type,
        first_read.content_hash,
        first_read.source_path,
        first_read.date_range_start,
        first_read.triggered_by,
        first_read.blob_key,
        first_read.blob_url,
        first_read.generated_at,
        first_read.loaded_at,
        {{ as_json("last_read.output") }} as output,
        {{ kept_of_first_load("first_read", "last_read") }} as kept_output,
        last_read.generated_at as last_generated_at,
        last_read.loaded_at as last_loaded_at,
        last_read.is_to_apply and first_read.row_id <> last_read.row_id as is_read_again
    from first_read
    inner join
        last_read
        on first_read.team_id = last_read.team_id
        and first_read.report_type_id = last_read.report_type_id
        and first_read.content_hash = last_read.content_hash
        and first_read.source_path = last_read.source_path
{% endmacro %}

{#
The values of the first load that a report's output keeps if the same bytes are read again: those
from the config and the file's time, which may have changed since. A JSON object; empty if both are
the same load, or the bytes have all values.

    first, last  relations with `row_id` and `output`, the JSON text of a load
#}
{% macro kept_of_first_load(first, last) %}
    {%- set output = as_json(first ~ ".output") -%}
    {%- set later = as_json(last ~ ".output") -%}
    {%- set days, times = {}, {} -%}
    {%- for key in ["date_range_start", "date_range_end", "date_range_from"] -%}
        {%- do days.update({key: "(" ~ output ~ " ->> '" ~ key ~ "')"}) -%}
    {%- endfor -%}
    {%- do times.update({"generated_at": "(" ~ output ~ " ->> 'generated_at')"}) -%}
    {%- set is_apart = first ~ ".row_id <> " ~ last ~ ".row_id" -%}
    {{
        json_merged(
            "(case when "
            ~ is_apart
            ~ " and "
            ~ days["date_range_start"]
            ~ " is not null"
            ~ " and ("
            ~ later
            ~ " ->> 'date_range_from') is distinct from 'datasource'"
            ~ " then "
            ~ json_object(days)
            ~ " else "
            ~ as_json("'{}'")
            ~ " end)",
            "(case when "
            ~ is_apart
            ~ " and ("
            ~ output
            ~ " ->> 'generated_at_from') = 'modification time'"
            ~ " and ("
            ~ later
            ~ " ->> 'generated_at_from') = 'modification time'"
            ~ " then "
            ~ json_object(times)
            ~ " else "
            ~ as_json("'{}'")
            ~ " end)",
        )
    }}
{% endmacro %}
