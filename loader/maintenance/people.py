"""Read the people that the seed and the loaded mapping files define."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from loader.database.queries import FINISHED
from loader.parsing.people import People, Person
from loader.workspace.people import load_people

# From the mapping files that were loaded last.
MAPPED = f"""
    select team, full_name, spelling
    from raw.people
    inner join
        (
            select distinct on (team, source_path) team, source_path, run_id
            from raw.people
            where {FINISHED}
            order by team, source_path, loaded_at desc
        ) as latest
        using (team, source_path, run_id)
    where full_name is not null
    order by team, source_path, row_id
"""


def known_people(mapped: Iterable[tuple[str, ...]], teams: Mapping[str, str]) -> People:
    """Return the people of the seed and of the mapping files.

    Args:
        mapped: The rows of `MAPPED`.
        teams: Team names by folder name, from the seeds.

    Raises:
        SettingsError: The seed cannot be read, or one of its lines is ambiguous.
    """
    spellings: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for folder, full_name, spelling in mapped:
        spellings[teams.get(folder, folder), full_name].append(spelling)
    people: defaultdict[str, list[Person]] = defaultdict(list)
    for (team, full_name), names in spellings.items():
        people[team].append(Person(full_name, tuple(names), team=team))
    return People(load_people(), people)
