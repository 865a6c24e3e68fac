"""Read the width of the screen from the environment."""

import os


def columns() -> int:
    """Return COLUMNS, the width of the screen; 0 if it is not set."""
    text = os.environ.get("COLUMNS", "")  # noqa: TID251 - settings may read it
    return int(text) if text.isdecimal() else 0
