{# An expression of type text that sorts by code point, whatever the collation of the database. #}
{% macro by_code_point(expression) %}
    {{- return(adapter.dispatch("by_code_point")(expression)) -}}
{% endmacro %}

{% macro default__by_code_point(expression) %} {{- return(expression) -}}{% endmacro %}

{% macro postgres__by_code_point(expression) %}
    {{- return(expression ~ ' collate "C"') -}}
{% endmacro %}
