{#
What a report's output keeps of its first load if the same bytes are read again: what comes from the config and from the
file's time, which may have changed since. A JSON object; empty if the two are one load, or the bytes say everything.

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
