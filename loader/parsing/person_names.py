"""Parse a person's name in a text: a speaker, an assignee, or the author of a message."""

import re
from functools import lru_cache

from loader.parsing.markup import html_text, unescaped, without_marks
from loader.parsing.names import NAMES, RejectedDayError

_LINK = re.compile(r"\[([^\[\]]{1,200})\]\([^()\s]{0,1000}\)")


@lru_cache(maxsize=4096)  # most names repeat
def person_name(text: str) -> str | None:
    """Return a name in its stored form, without markup.

    Args:
        text: The name as written: `**Ana Reyes**`, `[Ana](https://…)`, `O&#39;Neil`.

    Returns:
        The name; None for a placeholder (`undefined`, `N/A`) or a text that is too long.
    """
    text = without_marks(html_text(_LINK.sub(r"\1", unescaped(text)))).removesuffix(",")
    try:
        return NAMES[text.encode(errors="replace")]
    except RejectedDayError:
        return None
