{{ config(severity="warn") }}

select team_folder, filename, pattern
from {{ ref("reports_without_type") }}
