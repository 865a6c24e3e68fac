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

{# The variable of this name: so many weeks after a report, its author is expected to report; then the author has left. #}
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
