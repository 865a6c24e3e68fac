"""Which texts are known for a person and day, to tell what changed and where two files differ."""

from collections.abc import Iterable
from datetime import date

from loader.run import StoredDay


class StoredDays:
    """What the database holds for some people and days of one team."""

    def __init__(self, days: Iterable[StoredDay]) -> None:
        self.by_path: dict[tuple[str, str, date], str] = {}
        self._paths: dict[tuple[str, date], list[str]] = {}
        for day in days:
            person = (day.author_name, day.report_date)
            self.by_path[day.path, *person] = day.checksum
            self._paths.setdefault(person, []).append(day.path)

    def other_path(self, person: tuple[str, date], path: str, checksum: str) -> str | None:
        """Another path that gave another text for the same person and day."""
        for other in self._paths.get(person, ()):
            if other != path and self.by_path[other, *person] != checksum:
                return other
        return None


class DaysOfRun:
    """The days that this run has met, in little memory: a million of them fit into 200 MB."""

    def __init__(self) -> None:
        self._paths: list[str] = []
        self._met: dict[int, int] = {}  # hash of person and day -> index of path, 64 bits of text

    def other_path(self, key: tuple[str, str, date], path: str, checksum: str) -> str | None:
        """Remember a day; the path met before that gave another text for it."""
        if not self._paths or self._paths[-1] != path:
            self._paths.append(path)
        text = int(checksum[:16], 16)
        met = self._met.get(hash(key))
        self._met[hash(key)] = (len(self._paths) - 1) << 64 | text
        if met is None or met & (1 << 64) - 1 == text or self._paths[met >> 64] == path:
            return None
        return self._paths[met >> 64]
