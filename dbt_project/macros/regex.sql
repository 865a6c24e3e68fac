{#
The first group of a regular expression's first match; null without a match. Both engines read
`pattern` alike.
#}
{% macro regex_match(expression, pattern) %}
    {{- return(adapter.dispatch("regex_match")(expression, pattern)) -}}
{% endmacro %}

{% macro default__regex_match(expression, pattern) %}
    nullif(regexp_extract({{ expression }}, '{{ pattern }}', 1), '')
{% endmacro %}

{% macro postgres__regex_match(expression, pattern) %}
    substring({{ expression }} from '{{ pattern }}')
{% endmacro %}

{# The first group of each match, one row each. `^` and `$` are the ends of a line. #}
{% macro regex_matches(expression, pattern) %}
    {{- return(adapter.dispatch("regex_matches")(expression, pattern)) -}}
{% endmacro %}

{% macro default__regex_matches(expression, pattern) %}
    unnest(regexp_extract_all({{ expression }}, '(?m){{ pattern }}', 1))
{% endmacro %}

{% macro postgres__regex_matches(expression, pattern) %}
    (regexp_matches({{ expression }}, '{{ pattern }}', 'gn'))[1]
{% endmacro %}
