{#
A raw table, or no rows of its declared columns where nothing has been loaded yet: `dbt build` works before any load.
In a unit test it is the CTE of the given rows.

That there is no such table, the database must say: dbt's cache says so too while another model is listing the schema, and loads
would count as applied without their rows.
#}
{% macro raw_table(name) %}
    {%- set relation = source("raw", name) -%}
    {%- if not execute or relation.is_cte or load_relation(
        relation
    ) is not none or is_in_database(relation) -%}
        {{ relation }}
    {%- else -%}
        {%- set declared = (
            graph.sources.values()
            | selectattr("name", "equalto", name)
            | selectattr("source_name", "equalto", "raw")
            | first
        ) -%}
        (
            {{ no_rows(declared.columns) }} or {{ error_where_it_is_there(relation) }}
        ) as {{ adapter.quote(name) }}
    {%- endif -%}
{% endmacro %}

{# Whether a relation is in the database, as the database says; whatever this user may do with it. #}
{% macro is_in_database(relation) %}
    {% do return(run_query(look_for(relation)) | length > 0) %}
{% endmacro %}

{% macro look_for(relation) %}
    select 1
    from pg_catalog.pg_tables
    where
        schemaname = '{{ relation.schema }}' and tablename = '{{ relation.identifier }}'
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

{#
False, or an error where a relation has been made since the model was compiled without it: it must not pass for one without
rows. The cast is the one way to raise an error that both engines have; its text is the message.
#}
{% macro error_where_it_is_there(relation) %}
    cast(
        case
            when exists ({{ look_for(relation) }})
            then 'a load has just made raw.{{ relation.identifier }}: build again'
            else 'false'
        end as boolean
    )
{% endmacro %}
