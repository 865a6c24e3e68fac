{#
Replaces dbt's macro: a foreign key keeps its `expression`, such as `on delete cascade`, after `to`
and `to_columns`; dbt drops it. On DuckDB foreign keys are left out, because DuckDB refuses to
update a row that another table references.

Issues: dbt-adapters #271 (added `to`, without the expression), duckdb #20246. Tried: dbt-adapters
1.24.5, duckdb 2.0.0.
Remove it when dbt renders `expression` after `to`, and DuckDB updates referenced rows.
#}
{% macro default__get_table_columns_and_constraints() %}
    {%- for column in model["columns"].values() -%}
        {%- set constraints = [] -%}
        {%- for constraint in column["constraints"] -%}
            {%- if constraint["type"] != "foreign_key" -%}
                {%- do constraints.append(constraint) -%}
            {%- elif target.type != "duckdb" -%}
                {%- set columns = constraint["to_columns"] | join(", ") -%}
                {%- set action = constraint["expression"] or "" -%}
                {%- set expression = (
                    constraint["to"] ~ " (" ~ columns ~ ") " ~ action
                ) -%}
                {%- do constraints.append(
                    {"type": "foreign_key", "expression": expression}
                ) -%}
            {%- endif -%}
        {%- endfor -%}
        {%- do column.update({"constraints": constraints}) -%}
    {%- endfor -%}
    {{ return(table_columns_and_constraints()) }}
{% endmacro %}
