{#
Replaces dbt's macro for views with a contract. dbt renames the old view and drops it after its
transaction: two builds at once fail on the name, and grants are lost. This one replaces the view in
place, with more columns at the end if need be. If columns have other names or types, it drops and
creates the view in one transaction; views that a user has built on it must be dropped first. The
types are exactly those of the contract. (DuckDB names types differently, so there it always creates
the view again.)

Issue: dbt-adapters #1680. Tried: dbt-core 1.12.6, dbt-adapters 1.24.5, dbt-postgres 1.11.0.
Can go when dbt-postgres replaces views with one statement and keeps their grants.
#}
{% materialization view, default %}
    {%- if not config.get("contract").enforced -%}
        {{ return(dbt.materialization_view_default()) }}
    {%- endif -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- set relation = this.incorporate(type="view") -%}
    {%- set declared, found = [], [] -%}
    {%- for column in model.columns.values() -%}
        {%- do declared.append([column.name, column.data_type]) -%}
    {%- endfor -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {%- for column in (
        adapter.get_columns_in_relation(existing) if existing else []
    ) -%}
        {%- do found.append([column.name, column.data_type]) -%}
    {%- endfor -%}
    {# The line feed after `sql` keeps a comment at its end from hiding the bracket. #}
    {% call statement("main") %}
        {% if existing and not (
            existing.is_view and found == declared[: found | length]
        ) %}
            drop {{ existing.type }} {{ existing }};
        {% endif %}
        create or replace view {{ relation }}
        {{ get_assert_columns_equivalent(sql) }}
        as
        select
        {% for name, data_type in declared %}
                cast({{ name }} as {{ data_type }}) as {{ name }}{{ "," if not loop.last }}
        {% endfor %}
        from
            (
        {{ sql }}
            ) as contracted
        ;
    {% endcall %}
    {% do persist_docs(relation, model) %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({"relations": [relation]}) }}
{% endmaterialization %}
