{# DuckDB refuses to update a row that another table references: there, foreign keys are tests only. #}
{% macro duckdb__get_table_columns_and_constraints() %}
    {%- for column in model["columns"].values() -%}
        {%- set kept = [] -%}
        {%- for constraint in column["constraints"] if not (constraint["expression"] or "").startswith("references") -%}
            {%- do kept.append(constraint) -%}
        {%- endfor -%}
        {%- do column.update({"constraints": kept}) -%}
    {%- endfor -%}
    {{ return(table_columns_and_constraints()) }}
{% endmacro %}
