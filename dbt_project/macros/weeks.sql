{# The Monday of an expression's week: weeks are those of ISO 8601. #}
{% macro week_of(expression) %}
    cast(date_trunc('week', {{ expression }}) as date)
{% endmacro %}

{# In a SELECT list: one row for each week between two Mondays, both included. #}
{% macro each_week(first, last) %}
    {{- return(adapter.dispatch("each_week")(first, last)) -}}
{% endmacro %}

{% macro default__each_week(first, last) %}
    cast(
        unnest(
            generate_series(
                cast({{ first }} as timestamp), {{ last }}, interval '7 days'
            )
        ) as date
    )
{% endmacro %}

{% macro postgres__each_week(first, last) %}
    cast(
        generate_series(
            cast({{ first }} as timestamp), {{ last }}, interval '7 days'
        ) as date
    )
{% endmacro %}
