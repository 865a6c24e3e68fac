{#
On run start, and before dbt creates a schema: refuse a database that a build must not write into.
#}
{% macro check_database() %}
    {% if hooks_run() %}
        {% do require_utf8() %}
        {% do require_rights() %}
        {% do check_final_schema() %}
        {% set named = our_names() %}
        {% set there = objects_there(named) %}
        {% set ours = listed_objects(there, named) %}
        {% do refuse_moved(named, ours) %}
        {% do refuse_foreign_objects(there, named, ours) %}
        {% if ("bookkeeping", "environment") in there %}
            {% do refuse_other_environment() %}
        {% endif %}
        {% do refuse_dropped_tables(there) %}
        {% do refuse_pending_migrations(there, named) %}
    {% endif %}
{% endmacro %}
