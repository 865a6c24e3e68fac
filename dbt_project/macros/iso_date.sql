{# A date as text, like 2025-10-27, in any DateStyle of the session. #}
{% macro iso_date(expression) %}
    {{- return(adapter.dispatch("iso_date")(expression)) -}}
{% endmacro %}

{% macro default__iso_date(expression) %}
    {{- return("cast(cast(" ~ expression ~ " as date) as text)") -}}
{% endmacro %}

{% macro postgres__iso_date(expression) %}
    {{- return("to_char(cast(" ~ expression ~ " as timestamp), 'YYYY-MM-DD')") -}}
{% endmacro %}
