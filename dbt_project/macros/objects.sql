{#
`bookkeeping.objects` lists the objects of the database that are ours (loader/database/objects.py).
Others may use the same database. An object of theirs with one of our names is refused before
anything is written.
#}
{% macro create_objects() %}
    {{ take_lock("schema") }}
    {# dbt knows no sources while it parses. #}
    {% set named = our_names() if execute else [] %}
    {% set there = objects_there(named) if hooks_run() else [] %}
    {% if ("bookkeeping", "objects") not in there %}
        {% set ours = objects_of_earlier_release(there, named) if there else [] %}
        {#
        Check first: creating a schema needs a right on the database, which a transformer lacks.
        #}
        {% if not adapter.check_schema_exists(target.database, "bookkeeping") %}
            create schema if not exists bookkeeping;
            {% do ours.append(("bookkeeping", "")) %}
        {% endif %}
        create table if not exists bookkeeping.objects (
            schema_name text not null,
            object_name text not null,
            origin text not null check (origin in ('created', 'adopted')),
            since timestamp with time zone not null default current_timestamp,
            primary key (schema_name, object_name)
        );
        {% for name in named if name[0] == "bookkeeping" %}
            {% do ours.append(name) %}
        {% endfor %}
        {% for schema, name in ours %} {{ record_object(schema, name) }} {% endfor %}
    {% endif %}
{% endmacro %}

{# Statement: record an object as ours. A schema has an empty name. #}
{% macro record_object(schema, name) %}
    insert into bookkeeping.objects (schema_name, object_name, origin)
    values ('{{ schema }}', '{{ name }}', 'created')
    on conflict (schema_name, object_name) do nothing;
{% endmacro %}

{#
Schema and name of objects from a release before `bookkeeping.objects`, as in
loader/database/objects.py. A build marks in the ledger the loads that it has applied, after it has
created the tables. Before the first mark, the final tables and views may be somebody else's.

Remove this when no database of such a release is left.
#}
{% macro objects_of_earlier_release(there, named) %}
    {% set has_ledger = ("bookkeeping", "applied_loads") in there %}
    {% set loads = "select 1 from raw._dlt_version where schema_name = 'workspace'" %}
    {% set has_loads = (
        run_query(loads) | length > 0
        if ("raw", "_dlt_version") in there
        else false
    ) %}
    {% set marks = (
        "select 1 from bookkeeping.applied_loads where applied_at is not null"
    ) %}
    {% set is_built = run_query(marks) | length > 0 if has_ledger else false %}
    {% set ours = [] %}
    {% for name in named if name in there and (has_ledger or has_loads) %}
        {% if is_built or name[0] in ["raw", "seeds", "bookkeeping"] %}
            {% do ours.append(name) %}
            {% if name[0] != target.schema and (name[0], "") not in ours %}
                {% do ours.append((name[0], "")) %}
            {% endif %}
        {% endif %}
    {% endfor %}
    {% do return(ours) %}
{% endmacro %}

{#
Pre-hook of models and seeds: record a table or view as ours in the transaction that creates it.
#}
{% macro record_this() %}
    {% if execute and is_ours(model) and not adapter.get_relation(
        this.database, this.schema, this.identifier
    ) %}
        {{ record_object(this.schema, this.identifier) }}
    {% endif %}
{% endmacro %}

{# Refuse a database in which somebody else created a table, view or type under one of our names. #}
{% macro refuse_foreign_objects(there, named, ours) %}
    {% set foreign, moved = [], [] %}
    {% for name in there if name in named and name not in ours %}
        {% do foreign.append(name | join(".")) %}
        {% do moved.append(name[0]) if name[0] not in moved %}
    {% endfor %}
    {% if foreign %}
        {# The same message as in loader/database/objects.py. #}
        {% set ways = [] %}
        {% if target.schema in moved %}
            {% do ways.append(
                "Use another schema for the final tables, as FINAL_SCHEMA=orchestrator"
            ) %}
        {% endif %}
        {% set fixed = moved | reject("equalto", target.schema) | sort %}
        {% for schema in fixed %}
            {% do ways.append(
                ("rename" if ways else "Rename")
                ~ " their schema, for ours cannot have another name: alter schema "
                ~ schema
                ~ " rename to NAME"
            ) %}
        {% endfor %}
        {% set message %}
            Already there, and not created by this project: {{ foreign | sort | join(", ") }}. Nothing was built.
            Choose one:
            - If they come from a copy that pg_dump -n made, or from the system that this project replaces, adopt them once:
              python -m loader schema adopt --target {{ target.name }} {{ foreign | sort | join(" ") }}
            {% if ways and (target.type == "postgres" or not fixed) -%}
                - {{ ways | join("; ") }}.
            {% endif -%}
            - Use another {{ "database: set DATABASE_URL" if target.type == "postgres" else "file: set WAREHOUSE_DIR" }}.
        {% endset %}
        {% do refuse(message) %}
    {% endif %}
{% endmacro %}

{# Schema and name of the objects in `bookkeeping.objects`. #}
{% macro listed_objects(there, named) %}
    {% set ours = [] %}
    {% if ("bookkeeping", "objects") in there %}
        {% for row in run_query(
            "select schema_name, object_name from bookkeeping.objects"
        ).rows %}
            {% do ours.append((row[0], row[1])) %}
        {% endfor %}
    {% else %}
        {% set ours = objects_of_earlier_release(there, named) if there else [] %}
    {% endif %}
    {% do return(ours) %}
{% endmacro %}

{# Refuse a FINAL_SCHEMA that has another use; same pattern as in loader/settings/definitions.py. #}
{% macro check_final_schema() %}
    {% set pattern = "(?!(raw|seeds|bookkeeping|reporting|content|warehouse|main|information_schema)$|pg_)[a-z_][a-z0-9_]{0,62}" %}
    {% if not modules.re.fullmatch(pattern, target.schema) %}
        {% set message %}
            FINAL_SCHEMA is "{{ target.schema }}". Nothing was built. Use small letters, digits and _; the schemas raw, seeds,
            bookkeeping, reporting, content, warehouse and main have other uses.
        {% endset %}
        {% do refuse(message) %}
    {% endif %}
{% endmacro %}

{# Refuse a FINAL_SCHEMA other than the schema of our final tables: all share one ledger. #}
{% macro refuse_moved(named, ours) %}
    {% set finals = [] %}
    {% for schema, name in named if schema == target.schema %}
        {% do finals.append(name) %}
    {% endfor %}
    {% for schema, name in ours if name in finals and schema not in [target.schema, "raw"] %}
        {% set message %}
            The final tables of this database are in the schema '{{ schema }}', and FINAL_SCHEMA names '{{ target.schema }}'.
            Nothing was built. Set FINAL_SCHEMA={{ schema }}.
        {% endset %}
        {% do refuse(message) %}
    {% endfor %}
{% endmacro %}

{#
Schema and name of each object that the project creates. Slow: each access to a node of the graph
copies it.
#}
{% macro our_names() %}
    {% set names = [] %}
    {% for table in raw_sources() %}
        {% do names.append(("raw", table.identifier)) %}
        {% if loop.first %}
            {% for schema, also in table.config.meta["also_ours"].items() %}
                {% for name in also %}
                    {% do names.append((schema, name)) %}
                {% endfor %}
            {% endfor %}
        {% endif %}
    {% endfor %}
    {% for id in graph.nodes if id.startswith(("model.orchestrator_elt.", "seed.orchestrator_elt.")) %}
        {% set node = graph.nodes[id] %}
        {% if node.config.materialized != "ephemeral" and is_ours(node) %}
            {% do names.append((node.schema, node.alias)) %}
        {% endif %}
    {% endfor %}
    {% do return(names) %}
{% endmacro %}

{#
Whether a model or seed belongs to this project. A user's own models, seeds and packages build next
to ours: nothing records, migrates or drops those.
#}
{% macro is_ours(node) %}
    {% set is_seed = node.resource_type == "seed" %}
    {% set is_named = (
        node.name.startswith("seed_")
        if is_seed
        else node.fqn[1] in ["marts", "content", "reporting"]
    ) %}
    {% do return(node.package_name == "orchestrator_elt" and is_named) %}
{% endmacro %}

{# Schema and name of the tables, views and types in the schemas of these names. #}
{% macro objects_there(named) %}
    {% set schemas = named | map("first") | unique | list %}
    {% set there = [] %}
    {% for row in run_query(names_in(schemas)).rows %}
        {% do there.append((row[0], row[1])) %}
    {% endfor %}
    {% do return(there) %}
{% endmacro %}

{# Query: schema and name of the tables, views and types in some schemas. #}
{% macro names_in(schemas) %}
    {{- return(adapter.dispatch("names_in")(schemas)) -}}
{% endmacro %}

{% macro default__names_in(schemas) %}
    select table_schema, table_name
    from information_schema.tables
    where
        table_catalog = current_database()
        and table_schema in ('{{ schemas | join("', '") }}')
{% endmacro %}

{#
Not the information schema: it hides objects that this user has no right on. Types count too: they
block a table of the same name.
#}
{% macro postgres__names_in(schemas) %}
    select nspname, relname
    from pg_catalog.pg_class
    inner join pg_catalog.pg_namespace on relnamespace = pg_namespace.oid
    where nspname in ('{{ schemas | join("', '") }}') and relkind not in ('i', 'I', 't')
    union
    select nspname, typname
    from pg_catalog.pg_type
    inner join pg_catalog.pg_namespace on typnamespace = pg_namespace.oid
    where
        nspname in ('{{ schemas | join("', '") }}')
        and typrelid = 0
        and typcategory <> 'A'
{% endmacro %}
