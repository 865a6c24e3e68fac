{#
Two builds at once take turns on PostgreSQL. dbt looks at the database only at its start, so of two first builds one would
fail on a schema or table that the other has just created. (On DuckDB, one process at a time has the file.)
#}
{# Wait for others that hold the lock of this name, until the transaction ends. #}
{% macro take_lock(name) %}
    {% set lock = (
        "select pg_advisory_xact_lock(hashtextextended('" ~ name ~ "', 0));"
    ) %}
    {{ lock if target.type == "postgres" }}
{% endmacro %}

{#
Wait for other builds of this relation, until the node's connection closes. Return whether the relation is in the database.
#}
{% macro lock_and_look(relation) %}
    {% set name = relation.include(database=False) %}
    {% set lock %} select pg_advisory_lock(hashtextextended('{{ name }}', 0)) {% endset %}
    {% set look %} select 1 from pg_class where oid = to_regclass('{{ name }}') {% endset %}
    {% do run_query(lock) %}
    {% do return(run_query(look) | length > 0) %}
{% endmacro %}
