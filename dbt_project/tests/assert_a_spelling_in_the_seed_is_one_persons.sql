-- Within a team, and the team exists; loader/workspace/people.py names the line.
with

    names as ({{ people_names() }}),

    folders as ({{ seeded_folders() }}),

    people as (select * from {{ ref("seed_people") }})

select cast(team_id as text) as team, spelling_key as problem
from names
where place < 4
group by team_id, spelling_key, case when place < 2 then 0 else 1 end
having count(distinct full_name) > 1
union all
select team, full_name
from people
where trim(team) <> '' and trim(team) not in (select folder from folders)
