{#
Post-hook: create the indexes that the contract declares, on existing tables too, without dbt's
hashed names; then the statistics of a table that has none. PostgreSQL only: DuckDB scans columns.

    meta.indexed_columns  a list of columns per index, named idx_{table}_{columns}; migrations
                          create them, too
    meta.indexes          name, `expression` or columns, and optionally `using` (such as gin),
                          `where` and `unique`
#}
{% macro create_declared_indexes() %}
    {%- if execute and target.type == "postgres" -%}
        {%- set meta = config.get("meta", {}) -%}
        {%- set indexes = [] -%}
        {%- for columns in meta.get("indexed_columns", []) -%}
            {%- set name = "idx_" ~ this.identifier ~ "_" ~ columns | join("_") -%}
            {%- do indexes.append(
                {"name": name, "expression": columns | join(", ")}
            ) -%}
        {%- endfor -%}
        do $hook$
        begin
            {%- for index in indexes + meta.get("indexes", []) %}
                -- `if not exists` alone would lock the table, and cancel autovacuum.
                if to_regclass('{{ this.schema }}.{{ index.name }}') is null then
                    create {{ "unique" if index.unique }} index if not exists {{ index.name }}
                    on {{ this }} using {{ index.using or "btree" }} ({{ index.expression }})
                    {{ "where " ~ index.where if index.where }}
                    ;
                end if;
            {%- endfor %}
            -- Autovacuum collects statistics only after a minute; until then, the tests of
            -- a first build would take many times as long.
            if not exists (
                select 1
                from pg_catalog.pg_stats
                where schemaname = '{{ this.schema }}' and tablename = '{{ this.identifier }}'
            ) then
                analyze {{ this }};
            end if;
        end $hook$;
    {%- endif -%}
{% endmacro %}

{#
Post-hook: add the column `search` with the lexemes of `search_text`, and its index. PostgreSQL
only. The contract lacks it: a model cannot select a generated column. The table is altered only
once, because `alter table` blocks readers.
#}
{% macro create_search_column() %}
    {%- if execute and target.type == "postgres" and not has_columns(
        this, ["search"]
    ) -%}
        alter table {{ this }} add column search tsvector
        generated always as (to_tsvector('simple', search_text)) stored;
        create index idx_{{ this.identifier }}_search on {{ this }} using gin (search);
        -- Without statistics, the planner treats a rare word as a common one.
        analyze {{ this }} (day, search)
        ;
    {%- endif -%}
{% endmacro %}
