{# The Monday of an expression's week: weeks are those of ISO 8601. #}
{% macro week_of(expression) %}
    cast(date_trunc('week', {{ expression }}) as date)
{% endmacro %}

{# In a SELECT list: one row for each day between two, both included. #}
{% macro each_day(first, last) %}
    {{- return(adapter.dispatch("each_day")(first, last)) -}}
{% endmacro %}

{% macro default__each_day(first, last) %}
    cast(
        unnest(
            generate_series(
                cast({{ first }} as timestamp), {{ last }}, interval '1 day'
            )
        ) as date
    )
{% endmacro %}

{% macro postgres__each_day(first, last) %}
    cast(
        generate_series(
            cast({{ first }} as timestamp), {{ last }}, interval '1 day'
        ) as date
    )
{% endmacro %}

{#
The variable of this name: the number of silent weeks after which an author counts as having left.
#}
{% macro leaves_after_weeks() %}
    {% set weeks = var("leaves_after_weeks") %}
    {% if not modules.re.fullmatch("[0-9]{1,3}", weeks | string) %}
        {% do refuse(
            "The variable leaves_after_weeks is "
            ~ weeks
            ~ ". Give a number of weeks, as 4."
        ) %}
    {% endif %}
    {%- do return(weeks) -%}
{% endmacro %}

{# The latest capture of each team, channel and week; each run appends another one. #}
{% macro latest_captures(relation) %}
    {{
        deduplicate(
            relation,
            partition_by=["team_id", "channel", "collected_week_start"],
            order_by=["loaded_at desc nulls last", "id"],
        )
    }}
{% endmacro %}

{# The latest snapshot of each team and week (`week_start`); each run appends another one. #}
{% macro latest_snapshots(relation) %}
    {{
        deduplicate(
            "(select *, "
            ~ week_of("collected_week_start")
            ~ " as week_start from "
            ~ relation
            ~ ") as snapshots",
            partition_by=["team_id", "week_start"],
            order_by=[
                "loaded_at desc nulls last",
                "collected_week_start desc",
                "id",
            ],
        )
    }}
{% endmacro %}

{#
The time when a message of `slack_messages` was sent; without one, the first day of its capture's
week.
#}
{% macro sent_on() -%}
    coalesce(slack_messages.sent_at at time zone 'UTC', captures.collected_week_start)
{%- endmacro %}

{# A union of relations with different measures; a measure that a relation lacks is 0. #}
{% macro stacked(measures, keys) %}
    {% for relation, its in measures.items() %}
        {{ "union all" if not loop.first }}
        select
            {{ keys | join(", ") }}
            {% for column in measures.values() | sum(start=[]) %}
                , {{ column if column in its else 0 }} as {{ column }}
            {% endfor %}
        from {{ relation }}
    {% endfor %}
{% endmacro %}
