{# No row has a null in any of the columns: one query for what `not_null` asks once per column. #}
{% test never_null(model, columns) %}
    select {{ columns | join(", ") }}
    from {{ model }}
    where {{ columns | join(" is null or ") }} is null
{% endtest %}
