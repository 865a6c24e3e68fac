{#
Post-hook: the indexes that `meta.indexed_columns` lists, each a list of columns, as idx_{table}_{columns}. On tables that
exist too, and without dbt's hashed names. PostgreSQL only: DuckDB scans columns.
#}
{% macro create_declared_indexes() %}
    {%- if execute and target.type == "postgres" -%}
        {%- for columns in config.get("meta", {}).get("indexed_columns", []) %}
            create index if not exists idx_{{ this.identifier }}_{{ columns | join("_") }}
            on {{ this }} ({{ columns | join(", ") }});
        {%- endfor -%}
    {%- endif -%}
{% endmacro %}

{#
Post-hook: the column `search` with the lexemes of `search_text`, and its index. PostgreSQL only. The contract lacks it: a
model cannot select a generated column. The table is altered once, because that locks readers out.
#}
{% macro create_search_column() %}
    {%- if execute and target.type == "postgres" and not has_columns(
        this, ["search"]
    ) -%}
        alter table {{ this }} add column search tsvector
        generated always as (to_tsvector('simple', search_text)) stored;
        create index idx_{{ this.identifier }}_search on {{ this }} using gin (search);
        -- Without statistics, the planner takes a rare word for a common one.
        analyze {{ this }} (day, search)
        ;
    {%- endif -%}
{% endmacro %}
