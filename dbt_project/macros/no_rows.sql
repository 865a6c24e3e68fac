{#
The complete SQL of a model whose rows other programs write: the contract's columns, and no row. A
build creates the table and never changes a row.
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
