{# Sort order for the texts of a person and day, the winner first. The order is complete. #}
{% macro latest_day_first(relation) %}
    {{ relation }}.loaded_at desc,
    {{ by_code_point(relation ~ ".source_path") }} desc,
    {{ relation }}.line_number desc,
    cast({{ relation }}.row_id as uuid) desc
{% endmacro %}

{# The id of a new row of daily_reports. #}
{% macro daily_report_id(person_key, report_date, also=[]) %}
    {{
        natural_key_uuid(
            "daily_reports",
            [
                "organization_key",
                "team_key",
                person_key,
                iso_date(report_date),
            ]
            + also,
        )
    }}
{% endmacro %}
