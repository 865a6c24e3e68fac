{#
Replaces dbt's macro for seeds, which do not call load_cached_relation: empties the table if another
build has just created it.

Issue: dbt-adapters #366. Tried: dbt-core 1.12.6, dbt-adapters 1.24.5, dbt-postgres 1.11.0.
Remove it together with load_cached_relation.sql.
#}
{% macro postgres__create_csv_table(model, agate_table) %}
    {% if lock_and_look(this) %}
        {% do truncate_relation(this) %} {% do return("") %}
    {% endif %}
    {% do return(default__create_csv_table(model, agate_table)) %}
{% endmacro %}
