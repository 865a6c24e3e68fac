{#
Each row of a load that is not applied comes from the folder of a team in the seeds. The loader
rejects other folders, but a team can leave the seeds after a load. The final tables wait for this
test, which lists the files; without it, they fail on the first one.

    table  name of the raw table, and of the model that it feeds
#}
{% test has_seeded_team(model, column_name, table) %}
    select {{ column_name }}, source_path
    from {{ model }}
    where
        _dlt_load_id in ({{ unapplied_loads(table) }})
        and {{ column_name }}
        not in (select folder from {{ ref("stg_seeds__team_folders") }})
{% endtest %}
