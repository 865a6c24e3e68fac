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

{# The elements of a JSON array, one row each; no row for any other value. #}
{% macro json_elements(expression) %}
    {{- return(adapter.dispatch("json_elements")(expression)) -}}
{% endmacro %}

{% macro default__json_elements(expression) %}
    unnest(
        cast(
            case
                when json_type({{ expression }}) = 'ARRAY' then {{ expression }}
            end as json[]
        )
    )
{% endmacro %}

{% macro postgres__json_elements(expression) %}
    jsonb_array_elements(
        case when jsonb_typeof({{ expression }}) = 'array' then {{ expression }} end
    )
{% endmacro %}

{# The elements of a JSON array of texts, one row each. #}
{% macro json_texts(expression) %}
    {{- return(adapter.dispatch("json_texts")(expression)) -}}
{% endmacro %}

{% macro default__json_texts(expression) %}
    unnest(
        cast(
            case
                when json_type({{ expression }}) = 'ARRAY' then {{ expression }}
            end as text[]
        )
    )
{% endmacro %}

{% macro postgres__json_texts(expression) %}
    jsonb_array_elements_text(
        case when jsonb_typeof({{ expression }}) = 'array' then {{ expression }} end
    )
{% endmacro %}

{# A JSON object, with the non-null values of another object in place of its own. #}
{% macro json_merged(expression, other) %}
    {{- return(adapter.dispatch("json_merged")(expression, other)) -}}
{% endmacro %}

{# The text stays unchanged if there is nothing to merge. #}
{% macro default__json_merged(expression, other) %}
    case
        when {{ other }} = '{}'
        then {{ expression }}
        else json_merge_patch({{ expression }}, {{ other }})
    end
{% endmacro %}

{% macro postgres__json_merged(expression, other) %}
    ({{ expression }} || {{ other }})
{% endmacro %}

{# A JSON object of keys and expressions. #}
{% macro json_object(values) %}
    {{- return(adapter.dispatch("json_object_of_values")(values)) -}}
{% endmacro %}

{% macro default__json_object_of_values(values) %}
    json_object(
        {% for key, value in values.items() %}
            '{{ key }}', {{ value }} {{ "," if not loop.last }}
        {% endfor %}
    )
{% endmacro %}

{% macro postgres__json_object_of_values(values) %}
    jsonb_build_object(
        {% for key, value in values.items() %}
            '{{ key }}', {{ value }} {{ "," if not loop.last }}
        {% endfor %}
    )
{% endmacro %}
