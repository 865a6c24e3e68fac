{#
A raw table, or no rows of its declared columns where nothing has been loaded yet: `dbt build` works before any load.
In a unit test it is the CTE of the given rows.
#}
{% macro raw_table(name) %}
    {%- set relation = source("raw", name) -%}
    {%- if not execute or relation.is_cte or load_relation(relation) is not none -%}
        {{ relation }}
    {%- else -%}
        {%- set declared = (
            graph.sources.values()
            | selectattr("name", "equalto", name)
            | selectattr("source_name", "equalto", "raw")
            | first
        ) -%}
        ({{ no_rows(declared.columns) }}) as {{ adapter.quote(name) }}
    {%- endif -%}
{% endmacro %}

{# No rows of the given columns: a dictionary of names and their `data_type`, as in YAML. #}
{% macro no_rows(columns) %}
    select
        {% for column in columns.values() %}
            cast(
                null as {{ column.data_type }}
            ) as {{ column.name }}{{ "," if not loop.last }}
        {% endfor %}
    where false
{% endmacro %}
