{#
Two builds at once take turns on PostgreSQL. dbt looks only at its start at what there is: of two first builds, one would fail
on a schema or table that the other has just made. (A DuckDB file has one process at a time: the second is told which one has it.)
#}
{# Wait for whoever else is at something of this name, until the transaction ends. #}
{% macro take_turn(name) %}
    {% set lock = (
        "select pg_advisory_xact_lock(hashtextextended('" ~ name ~ "', 0));"
    ) %}
    {{ lock if target.type == "postgres" }}
{% endmacro %}

{#
Wait for whoever else builds this relation, until the node's connection closes. Whether the relation is there, as the database
says.
#}
{% macro take_turn_and_look(relation) %}
    {% set name = relation.include(database=False) %}
    {% set lock %} select pg_advisory_lock(hashtextextended('{{ name }}', 0)) {% endset %}
    {% set look %} select 1 from pg_class where oid = to_regclass('{{ name }}') {% endset %}
    {% do run_query(lock) %}
    {% do return(run_query(look) | length > 0) %}
{% endmacro %}

{# Replaces dbt's own macro, for the relation that is being built. #}
{% macro load_cached_relation(relation) %}
    {% set found = adapter.get_relation(
        relation.database, relation.schema, relation.identifier
    ) %}
    {% if target.type == "postgres" and relation.identifier == this.identifier %}
        {% if take_turn_and_look(relation) and not found %}
            {% set kind = "view" if model.config.materialized == "view" else "table" %}
            {% do return(relation.incorporate(type=kind)) %}
        {% endif %}
    {% endif %}
    {% do return(found) %}
{% endmacro %}

{# Replaces dbt's own macro, for seeds: they do not ask the one above. #}
{% macro postgres__create_csv_table(model, agate_table) %}
    {% if take_turn_and_look(this) %}
        {% do truncate_relation(this) %} {% do return("") %}
    {% endif %}
    {% do return(default__create_csv_table(model, agate_table)) %}
{% endmacro %}

{# Replaces dbt's own macro, of which two at once fail on the schema's name. #}
{% macro postgres__create_schema(relation) %}
    {% set name = relation.without_identifier().include(database=False) %}
    {% call statement("create_schema") %}
        {{ take_turn("schema") }}
        create schema if not exists {{ name }}
    {% endcall %}
{% endmacro %}
