{#
The ledger of the loads that each final table has applied. Claiming, building and marking are one
transaction, the model's own. So no load is lost if it commits late, if a build fails, if two builds
run at once, or in a replay. A build processes new loads only. (A high-water mark on the load time
would lose a load that commits late.)
#}
{% macro create_ledger() %}
    {{ create_objects() }}
    create table if not exists bookkeeping.applied_loads (
        model text not null,
        load_id text not null,
        claimed_by text not null,
        applied_at timestamp with time zone,
        primary key (model, load_id)
    );
    {{ create_seed_ids() }}
    {{ create_environment() }}
    {{ create_spellings() }}
{% endmacro %}

{# The load ids of finished runs. A run without new rows has no load id. #}
{% macro finished_loads() %}
    select load_id
    from {{ source("raw", "runs") }}
    where finished_at is not null and load_id is not null
{% endmacro %}

{#
The finished loads that a final table has not applied.

    after  names of final tables that must have applied a load before
#}
{% macro unapplied_loads(model_name, after=[]) %}
    {{ finished_loads() }}
    {% for parent in after %}
        intersect
        select load_id
        from bookkeeping.applied_loads
        where model = '{{ parent }}' and applied_at is not null
    {% endfor %}
    except
    select load_id
    from bookkeeping.applied_loads
    where model = '{{ model_name }}' and applied_at is not null
{% endmacro %}

{#
Pre-hook: claim the finished loads that are not applied; all of them if the table does not exist.

    after  names of final tables that must have applied a load before
#}
{% macro claim_loads(after=[]) %}
    {% if not is_incremental() %}
        delete from bookkeeping.applied_loads
        where model = '{{ this.identifier }}'
        ;
    {% endif %}
    insert into bookkeeping.applied_loads (model, load_id, claimed_by)
    select '{{ this.identifier }}', load_id, '{{ invocation_id }}'
    from ({{ unapplied_loads(this.identifier, after) }}) as unapplied
    on conflict (model, load_id) do update
        set claimed_by = excluded.claimed_by
        where applied_loads.applied_at is null;
{% endmacro %}

{#
The loads that a final table applies in this build: those that its pre-hook claimed, or all with the
variable `reapply`. Unit tests override it, because hooks do not run there.
#}
{% macro loads_to_apply(model_name) %}
    {%- if var("reapply", false) -%} {{ finished_loads() }}
    {%- else -%}
        select load_id
        from bookkeeping.applied_loads
        where
            model = '{{ model_name }}'
            and claimed_by = '{{ invocation_id }}'
            and applied_at is null
    {%- endif -%}
{% endmacro %}

{# Post-hook: mark the claimed loads as applied. #}
{% macro mark_loads_applied() %}
    update bookkeeping.applied_loads
    set applied_at = current_timestamp
    where model = '{{ this.identifier }}' and claimed_by = '{{ invocation_id }}' and applied_at is null
{% endmacro %}
