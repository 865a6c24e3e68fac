"""Read single settings and check them by their patterns."""

import re
from collections.abc import Mapping

from loader.database.url import DatabaseUrl, parse_database_url
from loader.errors import SettingsError
from loader.settings.definitions import DATABASE_HINT, SECRETS, SETTINGS

_LOWER_TOO = ("HTTPS_PROXY", "NO_PROXY")


def value(env: Mapping[str, str], name: str, *, is_required: bool = False) -> str:
    """Return a setting's value or its default; raise SettingsError if it is malformed."""
    setting = SETTINGS[name]
    given = (
        env.get(name.lower(), "") if name in _LOWER_TOO else ""
    )  # curl and requests read both spellings
    text = (given or env.get(name, "")).strip() or setting.default
    if is_required and not text:
        raise SettingsError(f"{name} not configured.\n{setting.hint}")
    if text and not re.fullmatch(setting.pattern, text):
        may_hold_secret = name in SECRETS or name.endswith(("_URL", "_STORE", "_PROXY"))
        shown = "malformed" if may_hold_secret else repr(text)
        raise SettingsError(f"{name} is {shown}.\n{setting.hint}")
    return text


def is_on(env: Mapping[str, str], name: str) -> bool:
    """Return whether a setting is true."""
    return value(env, name).lower() in {"true", "1"}


def database(target: str, env: Mapping[str, str]) -> DatabaseUrl:
    """Return the database of a target."""
    names = (f"DATABASE_URL_{target.upper()}", "DATABASE_URL")
    name = next((name for name in names if env.get(name)), None)
    if not name:
        message = f"DATABASE_URL not configured (looked for {' and '.join(names)}).\n"
        raise SettingsError(message + DATABASE_HINT)
    return database_url(env, name)


def database_url(env: Mapping[str, str], name: str) -> DatabaseUrl:
    """Return the database address in a variable."""
    try:
        database = parse_database_url(env[name])
    except ValueError as error:
        message = f"{name} is malformed: {error}.\n{DATABASE_HINT}"
        raise SettingsError(message) from None  # the original error may contain the password
    for variable, value in database.environment.items():
        if env.get(variable) != value:
            message = (
                f"{name} asks for {variable}={value}, which dbt takes from the environment only."
                f"\nAdd it to .env:\n\n    {variable}={value}"
            )
            raise SettingsError(message)
    return database
