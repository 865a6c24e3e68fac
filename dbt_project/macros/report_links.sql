{#
The stored links, each with the kind and id of its source. None if the table does not exist.

    columns  its columns that refer to a source
#}
{% macro stored_links(columns) %}
    select
        id,
        generated_report_id,
        case
            {% for column in columns %}
                when {{ column }} is not null then '{{ column.removesuffix("_id") }}'
            {% endfor %}
        end as source_kind,
        coalesce({{ columns | join(", ") }}) as source_id
    from
        {% if is_incremental() %} {{ this }}
        {% else %}
            (
                select
                    cast(null as uuid) as id,
                    cast(null as uuid) as generated_report_id
                    {% for column in columns %}, cast(null as uuid) as {{ column }}
                    {% endfor %}
            ) as none_yet
        {% endif %}
    where generated_report_id is not null
{% endmacro %}

{#
Reports with a link that cannot be right, regardless of later loads: to a kind of data that they
have no text of, to a meeting on other days, or, for a 1on1, to somebody else's day.

    stored  a CTE of stored_links
#}
{% macro doubtful_links(stored) %}
    select distinct stored.generated_report_id
    from {{ stored }} as stored
    inner join
        {{ ref("int_report_ranges").render() }} as ranges
        on stored.generated_report_id = ranges.generated_report_id
    left join
        {{ ref("int_report_kinds").render() }} as kinds
        on stored.generated_report_id = kinds.generated_report_id
        and stored.source_kind = kinds.source_kind
    left join
        {{ ref("int_report_people").render() }} as persons
        on stored.generated_report_id = persons.generated_report_id
    left join
        {{ ref("daily_reports").render() }} as daily_reports
        on stored.source_id = daily_reports.id
    left join
        {{ ref("meeting_transcripts").render() }} as transcripts
        on stored.source_id = transcripts.id
    where
        kinds.source_kind is null
        or (
            ranges.report_type = '1on1'
            and daily_reports.id is not null
            and {{ person_key("daily_reports.author_name") }}
            is distinct from {{ person_key("persons.name") }}
        )
        or cast(transcripts.transcript_date as date) < ranges.first_day
        or cast(transcripts.transcript_date as date) > ranges.last_day
{% endmacro %}
