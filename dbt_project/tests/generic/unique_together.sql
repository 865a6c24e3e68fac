{#
No two rows share all of the columns; rows with a null among them count as different, as in a unique
constraint.
#}
{% test unique_together(model, columns) %}
    select {{ columns | join(", ") }}
    from {{ model }}
    where {{ columns | join(" is not null and ") }} is not null
    group by {{ columns | join(", ") }}
    having count(*) > 1
{% endtest %}
