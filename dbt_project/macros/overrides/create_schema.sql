{#
Replaces dbt's macro, which creates schemas before the hooks on run start. A database that the hooks
would refuse gets no schema, and a new schema is recorded as ours. In PostgreSQL, `create schema if
not exists` fails if two sessions run it at once; this one waits.

Issue: none known. Tried: dbt-core 1.12.6, dbt-postgres 1.11.0, dbt-duckdb 1.11.1.
Remove it when dbt runs the hooks on run start before it creates schemas, and dbt-postgres creates
them under a lock.
#}
{% macro postgres__create_schema(relation) %}
    {% do create_our_schema(relation.without_identifier().include(database=False)) %}
{% endmacro %}

{% macro duckdb__create_schema(relation) %}
    {% do create_our_schema(relation.without_identifier().include(database=False)) %}
{% endmacro %}

{% macro create_our_schema(relation) %}
    {# dbt-duckdb asks for schemas that exist, too. #}
    {% if adapter.check_schema_exists(target.database, relation.schema) %}
        {% do return("") %}
    {% endif %}
    {% do check_database() %}
    {% set objects = create_objects() %}
    {% call statement("create_schema") %}
        {{ objects }}
        {{ record_object(relation.schema, "") }}
        create schema if not exists {{ relation }};
    {% endcall %}
{% endmacro %}
