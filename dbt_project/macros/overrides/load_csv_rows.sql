{#
Replaces dbt's macro for seeds. Both engines load the texts of a file alike: `null` is a text, and
an empty cell is null. (dbt reads `null` as null, and dbt-duckdb copies the file by position and
ignores its header.) The table gets the declared columns that it lacks: the seed of an earlier
release, and a file of one, have no key.

Issue: none known. Tried: dbt-core 1.12.6, dbt-adapters 1.24.5, dbt-duckdb 1.11.1.
Remove it when dbt reads a cell of type text unchanged, and appends columns to the table of a seed.
#}
{% macro postgres__load_csv_rows(model, agate_table) %}
    {% do return(load_texts(model, agate_table)) %}
{% endmacro %}

{% macro duckdb__load_csv_rows(model, agate_table) %}
    {% do return(load_texts(model, agate_table)) %}
{% endmacro %}

{% macro load_texts(model, agate_table) %}
    {% set found = (
        adapter.get_columns_in_relation(this) | map(attribute="name") | list
    ) %}
    {% for name, type in model.config.column_types.items() if name not in found %}
        {% do run_query("alter table " ~ this ~ " add column " ~ name ~ " " ~ type) %}
    {% endfor %}
    {# The types of a table that dbt has read; they treat the text `null` as null. #}
    {% for type in agate_table.column_types if "null" in type.null_values %}
        {% do type.null_values.remove("null") %}
    {% endfor %}
    {% set package = "/dbt_packages/" ~ model.package_name if model.package_name != project_name %}
    {% set path = (
        invocation_args_dict.project_dir
        ~ (package or "")
        ~ "/"
        ~ model.original_file_path
    ) %}
    {% set texts = agate_table.from_csv(
        path, column_types=agate_table.column_types, encoding="utf-8-sig"
    ) %}
    {% set rows = [] %}
    {# Blank lines are skipped. #}
    {% for row in texts.rows if row | reject("none") | list %}
        {% do rows.append(row) %}
    {% endfor %}
    {% set table = {"column_names": texts.column_names, "rows": rows} %}
    {% do return(default__load_csv_rows(model, table)) %}
{% endmacro %}
