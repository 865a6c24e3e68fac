{#
The whole SQL of a model whose rows others write: its columns, as the contract declares them, and no row. A build creates the
table and never touches a row.
#}
{% macro no_rows() %}
    select
        {% for column in model.columns.values() %}
            cast(
                null as {{ column.data_type }}
            ) as {{ column.name }}{{ "," if not loop.last }}
        {% endfor %}
    where false
{% endmacro %}
