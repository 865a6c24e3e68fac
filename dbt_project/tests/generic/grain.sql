{#
One row per key, and no null in some columns, in one query and one node. Rows with a null in their
key count as different, as in a unique constraint.

    key         names of columns, separated by commas (dbt would render each item of a list)
    never_null  names of columns, separated by commas
#}
{% test grain(model, key, never_null) %}
    select {{ key }}
    from {{ model }}
    group by {{ key }}
    having
        bool_or({{ never_null.replace(",", " is null or ") }} is null)
        or (count(*) > 1 and {{ key.replace(",", " is not null and ") }} is not null)
{% endtest %}
