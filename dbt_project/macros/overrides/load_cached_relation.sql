{#
Replaces dbt's macro for the relation that is being built. dbt reads the list of relations once, at
its start: of two first builds, one fails on a table that the other has just created. This one waits
for the other build, then asks the database.

Issue: dbt-adapters #366. Tried: dbt-core 1.12.6, dbt-adapters 1.24.5, dbt-postgres 1.11.0.
Remove it when dbt asks the database for a relation that its cache does not have, and builds of one
table wait for each other.
#}
{% macro load_cached_relation(relation) %}
    {% set found = adapter.get_relation(
        relation.database, relation.schema, relation.identifier
    ) %}
    {% if target.type == "postgres" and relation.identifier == this.identifier %}
        {% if lock_and_look(relation) and not found %}
            {% set kind = "view" if model.config.materialized == "view" else "table" %}
            {% set there = relation.incorporate(type=kind) %}
            {# So that `is_incremental` in the hooks knows the table, too. #}
            {% do adapter.cache_added(there) %}
            {% do return(there) %}
        {% endif %}
    {% endif %}
    {% do return(found) %}
{% endmacro %}
