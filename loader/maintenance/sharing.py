"""Find blobs that the databases of other targets may refer to."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from loader.errors import LoaderError, SettingsError
from loader.loading.lock import locked
from loader.maintenance.eraser import referenced
from loader.settings import Settings, Target, other_settings

_BELOW_PROD = (Target.DEV, Target.STAGING)


@contextmanager
def needed_elsewhere(settings: Settings, urls: set[str]) -> Iterator[dict[str, str]]:
    """Ask all other targets whether they need the blobs, and lock their runs out during deletion.

    Keep a blob if a target cannot be asked. In dev and staging, prod must be asked.

    Args:
        settings: The settings of the target that no longer needs the blobs.
        urls: The URLs of the blobs.

    Yields:
        The reason why a blob must be kept, by URL.
    """
    reasons: dict[str, str] = {}
    with ExitStack() as held:
        others = other_settings(settings) if urls else {}
        for target, other in others.items():
            try:
                reasons |= _asked(held, other, urls)
            except LoaderError as error:
                why = f"{_place(target, other)} cannot be asked: {str(error).splitlines()[0]}"
                reasons |= dict.fromkeys(urls - reasons.keys(), why)
        if settings.target in _BELOW_PROD and Target.PROD not in others:
            why = "prod may refer to it, and no setting names its database: DATABASE_URL_PROD"
            reasons |= dict.fromkeys(urls - reasons.keys(), why)
        yield reasons


def _asked(held: ExitStack, other: Settings | SettingsError, urls: set[str]) -> dict[str, str]:
    if isinstance(other, SettingsError):
        raise other
    if not other.database and not other.duckdb_path.exists():
        return {}
    warehouse = held.enter_context(locked(other, is_read_only=True))
    why = f"rows of {other.place} refer to it"
    return dict.fromkeys(referenced(warehouse, urls), why)


def _place(target: Target, other: Settings | SettingsError) -> str:
    return f"{target}'s database" if isinstance(other, SettingsError) else str(other.place)
