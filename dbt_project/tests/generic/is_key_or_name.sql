{#
Each value is the key or the name of a row of a seed.

    to  the seed
#}
{% test is_key_or_name(model, column_name, to) %}
    select {{ column_name }}
    from {{ model }}
    where
        {{ column_name }} is not null
        and {{ column_name }} not in (
            select key
            from {{ to }}
            where key is not null
            union all
            select name
            from {{ to }}
            where name is not null
        )
{% endtest %}
