{#
On run start: create the raw tables that the database lacks, empty, as the sources declare them. So
no model is compiled without its tables, and `dbt build` works before the first load. The loader and
other builds wait for it.
#}
{% macro create_raw_tables() %}
    {% if hooks_run() %}
        {% set missing = missing_raw_tables() %}
        {% if missing %}
            {{ take_lock("schema") }}
            {#
            Check first: creating a schema needs a right on the database, which a transformer lacks.
            #}
            {% if not adapter.check_schema_exists(target.database, "raw") %}
                {{ record_object("raw", "") }}
                create schema if not exists raw;
            {% endif %}
            {% for schema, name in our_names() if schema == "raw" %}
                {{ record_object(schema, name) }}
            {% endfor %}
            {% for table in missing %}
                create table if not exists raw.{{ table.identifier }} (
                {{
                    adapter.render_raw_columns_constraints(table.columns) | join(
                        ", "
                    )
                }}
                );
            {% endfor %}
        {% endif %}
    {% endif %}
{% endmacro %}

{#
Refuse a database in which somebody dropped a raw table, as the loader does: an empty new table
would hide the loss. dlt stores each schema that it has created tables for.
#}
{% macro refuse_dropped_tables(there) %}
    {% if ("raw", "_dlt_version") in there %}
        {% for table in raw_sources() if table.identifier != "runs" and ("raw", table.identifier) not in there %}
            {% set known %}
                select 1 from raw._dlt_version
                where schema_name = 'workspace' and schema like '%"{{ table.identifier }}"%'
            {% endset %}
            {% if run_query(known) | length > 0 %}
                {% set message %}
                    raw.{{ table.identifier }} is missing from the database, and what it held with it. Nothing was built.
                    Load everything again: python -m loader run --full --target {{ target.name }} --workspace DIR
                {% endset %}
                {% do refuse(message) %}
            {% endif %}
        {% endfor %}
    {% endif %}
{% endmacro %}

{# The declared raw tables. A package may also have a source of this name. #}
{% macro raw_sources() %}
    {% set found = [] %}
    {% for table in graph.sources.values() if table.source_name == "raw" and table.package_name == "orchestrator_elt" %}
        {% do found.append(table) %}
    {% endfor %}
    {% do return(found) %}
{% endmacro %}

{# The declared raw tables that are not in the database. #}
{% macro missing_raw_tables() %}
    {# Not the information schema: it hides the tables that this user has no right on. #}
    {% set query = (
        "select tablename from pg_catalog.pg_tables where schemaname = 'raw'"
    ) %}
    {% set names = run_query(query).columns[0].values() %}
    {% set missing = [] %}
    {% for table in raw_sources() if table.identifier not in names %}
        {% do missing.append(table) %}
    {% endfor %}
    {% do return(missing) %}
{% endmacro %}

{#
Whether this command runs the hooks on run start. `compile`, `show` and `docs generate` only compile
them, and the database may be empty.
#}
{% macro hooks_run() %}
    {% do return(execute and flags.WHICH not in ["compile", "generate", "show"]) %}
{% endmacro %}
