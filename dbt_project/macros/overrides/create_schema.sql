{#
Replaces dbt's own. `create schema if not exists` fails in PostgreSQL if two sessions run it at once; this one waits. It also
refuses a database that is not UTF-8 or that cannot be written, because dbt creates schemas before the hooks on run start.

Issue: none known. Tried: dbt-core 1.12.6, dbt-postgres 1.11.0.
Can go when dbt-postgres creates schemas under a lock, and runs the hooks on run start first.
#}
{% macro postgres__create_schema(relation) %}
    {# dbt creates schemas before the hooks on run start. #}
    {% do require_utf8() %}
    {% do require_rights() %}
    {% set name = relation.without_identifier().include(database=False) %}
    {% call statement("create_schema") %}
        {{ take_lock("schema") }}
        create schema if not exists {{ name }}
    {% endcall %}
{% endmacro %}
