with

    spans as (select * from {{ ref("stg_raw__touched_spans") }}),

    team_folders as (select * from {{ ref("int_team_folders") }}),

    int_touched_spans as (
        select team_folders.team_id, spans.first_day, spans.last_day
        from spans
        -- A folder that has left the seeds since: its team is not known.
        left join team_folders on spans.team_folder = team_folders.folder
    )

select *
from int_touched_spans
