{#
The first row of each group. All deduplication happens here, so the order must be complete: two
builds give the same answer.

    relation      name of a CTE, or a subquery with its alias
    partition_by  columns that define a group
    order_by      expressions, the winner first
#}
{% macro deduplicate(relation, partition_by, order_by) %}
    select *
    from
        (
            select
                *,
                row_number() over (
                    partition by {{ partition_by | join(", ") }}
                    order by {{ order_by | join(", ") }}
                ) as place_in_group
            from {{ relation }}
        ) as ranked
    where place_in_group = 1
{% endmacro %}
