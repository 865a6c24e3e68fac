{#
On PostgreSQL, a second build waits for the first. dbt lists relations only at its start, so one of
two first builds would fail on a schema or table that the other has just created. (A DuckDB file can
be open in one process at a time.)
#}
{# Take the lock of this name until the transaction ends; wait for its holder. #}
{% macro take_lock(name) %}
    {% set lock = (
        "select pg_advisory_xact_lock(hashtextextended('" ~ name ~ "', 0));"
    ) %}
    {{ lock if target.type == "postgres" }}
{% endmacro %}

{#
Wait for other builds of this relation, until the node's connection closes. Return whether the
relation is in the database.
#}
{% macro lock_and_look(relation) %}
    {% set name = relation.include(database=False) %}
    {% set lock %} select pg_advisory_lock(hashtextextended('{{ name }}', 0)) {% endset %}
    {% set look %} select 1 from pg_class where oid = to_regclass('{{ name }}') {% endset %}
    {% do run_query(lock) %}
    {% do return(run_query(look) | length > 0) %}
{% endmacro %}
