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
