"""Write the rules for database addresses into profiles.yml: `make profile`."""

import re
from pathlib import Path

from loader.database.url_rules import FROM_ENVIRONMENT, OPTIONS, PATTERN, POOLED, RULES

FILE = Path(__file__).parents[1] / "profiles.yml"
_INDENT = " " * 8
_BLOCK = re.compile(r"(?<=make profile -#\}\n).*?(?= *\{#- end )", re.DOTALL)


def generate(text: str) -> str:
    """Return the text of profiles.yml with the loader's rules."""
    rules = "".join(
        f"{_INDENT}  [{_literal(pattern)}, {_literal(problem)}],\n" for pattern, problem in RULES
    )
    lines = (
        f"{{%- set options = {list(OPTIONS)} -%}}",
        f"{{%- set from_environment = {list(FROM_ENVIRONMENT)} -%}}",
        f"{{%- set pooled = {_literal(POOLED.pattern)} -%}}",
        f"{{%- set pattern = {_literal(PATTERN.pattern)} -%}}",
        f"{{%- set rules = [\n{rules}{_INDENT}] -%}}",
    )
    block = "".join(f"{_INDENT}{line}\n" for line in lines)
    return _BLOCK.sub(lambda _: block, text, count=1)


def _literal(text: str) -> str:
    """Return a text as a Jinja literal."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


if __name__ == "__main__":
    FILE.write_text(generate(FILE.read_text()))
