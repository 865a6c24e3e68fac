{# An expression of type text, or null, as the engine's JSON type (`jsonb` on PostgreSQL). #}
{% macro as_json(expression) %}
    {{- return(adapter.dispatch("as_json")(expression)) -}}
{% endmacro %}

{% macro default__as_json(expression) %} cast({{ expression }} as json) {% endmacro %}

{% macro postgres__as_json(expression) %} cast({{ expression }} as jsonb) {% endmacro %}

{# Aggregate: a JSON array of an expression's values, sorted. #}
{% macro json_array_of(expression) %}
    {{- return(adapter.dispatch("json_array_of")(expression)) -}}
{% endmacro %}

{% macro default__json_array_of(expression) %}
    to_json(list({{ expression }} order by {{ expression }}))
{% endmacro %}

{% macro postgres__json_array_of(expression) %}
    jsonb_agg({{ expression }} order by {{ expression }})
{% endmacro %}

{# Aggregate: a JSON object of keys, which are text and no two of them equal, and values. #}
{% macro json_object_of(key, value) %}
    {{- return(adapter.dispatch("json_object_of")(key, value)) -}}
{% endmacro %}

{% macro default__json_object_of(key, value) %}
    json_group_object({{ key }}, {{ value }})
{% endmacro %}

{% macro postgres__json_object_of(key, value) %}
    jsonb_object_agg({{ key }}, {{ value }})
{% endmacro %}
