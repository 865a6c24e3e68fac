"""The words that `house-style.md` avoids."""

import re

AVOIDED = re.compile(
    r"\bmend(s|ed)?\b|\banew\b|\bbut for\b|\bis none\b|\bof which\b|\bwhoever\b|\bwherever\b"
    r"|\bwhat is (\S+ ){1,4}is\b",
    re.IGNORECASE,
)
