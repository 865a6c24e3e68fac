"""What the environment says of the screen."""

import os


def columns() -> int:
    """Return COLUMNS, the width of the screen; 0 if it is not set."""
    text = os.environ.get("COLUMNS", "")  # noqa: TID251 - the one place
    return int(text) if text.isdecimal() else 0
