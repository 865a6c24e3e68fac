"""Check the JSON documents of commands against their schema, and shorten them."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

SCHEMA = Path(__file__).parents[2] / "docs/cli.schema.json"


@cache
def validator() -> Draft202012Validator:
    schema = json.loads(SCHEMA.read_text())
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def validated(text: str) -> dict[str, Any]:
    """Return the only document of an output, after checking it against the schema."""
    document: dict[str, Any] = json.loads(text)
    error = best_match(validator().iter_errors(document))
    assert not error, f"{document.get('command')}: {error.json_path}: {error.message}"
    return document


def short(text: str) -> dict[str, Any]:
    """Return a document with lists of names as lists of texts, and counts as dicts."""
    document = json.loads(text)
    made = {name: _short(name, value) for name, value in document.items()}
    if "kept_blobs" in document:
        made["kept_because"] = {each["url"]: each["why"] for each in document["kept_blobs"]}
    return made


def _short(name: str, value: Any) -> Any:  # noqa: ANN401
    if name in ("rows", "blanked"):
        return {each["table"]: each["rows"] for each in value}
    if name in ("verdicts", "compared"):
        return {next(iter(each.values())): each["blobs"] for each in value}
    if name == "kinds":
        return {each["kind"]: {k: v for k, v in each.items() if k != "kind"} for each in value}
    if name == "kept_blobs":
        return [each["url"] for each in value]
    if isinstance(value, list) and all(isinstance(each, dict) and len(each) == 1 for each in value):
        return [next(iter(each.values())) for each in value]
    return value
