{#
Each value is the key or the name of a row of a seed.

    to  the seed
#}
{% test is_key_or_name(model, column_name, to) %}
    select {{ column_name }}
    from {{ model }}
    where
        {{ column_name }} is not null
        and not exists (
            select 1
            from {{ to }} as seed
            where {{ column_name }} in (seed.key, seed.name)
        )
{% endtest %}
