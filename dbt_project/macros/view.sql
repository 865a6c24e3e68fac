{#
Replaces dbt's own materialization, which renames the old view and drops it behind its transaction: two builds at once
fail on that name, and the rights that were granted on it go with it. Here a view is replaced in place; one whose columns
have other names or types is made anew, in the same transaction: what a user has built on it must then be dropped first. The
types are those of the contract, to the letter. (DuckDB names them otherwise: there, views are always made anew.)
#}
{% materialization view, default %}
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
    {% call statement("main") %}
        {% if existing and not (existing.is_view and found == declared) %}
            drop {{ existing.type }} {{ existing }};
        {% endif %}
        create or replace view {{ relation }}
        {{ get_assert_columns_equivalent(sql) }}
        as
        select
        {% for name, data_type in declared %}
                cast({{ name }} as {{ data_type }}) as {{ name }}{{ "," if not loop.last }}
        {% endfor %}
        from ({{ sql }}) as contracted;
    {% endcall %}
    {% do persist_docs(relation, model) %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({"relations": [relation]}) }}
{% endmaterialization %}
