"""The resources: descriptions of the tables and views and their columns."""

import json
from collections.abc import Iterator
from functools import partial
from typing import Any

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.resources import FunctionResource

from loader.reading import rows
from loader.tables import DATASET, RAW_TABLES

_URI = "orchestrator://tables"
_TYPE = "application/json"


def add_resources(server: MCPServer, final_schema: str) -> None:
    """Add a resource for each table and view, and one that lists them.

    Args:
        server: The server to extend.
        final_schema: The schema of the final tables.
    """
    described = dict(_descriptions(final_schema))
    server.add_resource(
        FunctionResource(
            uri=_URI,
            name="tables",
            description="All tables and views, one line each.",
            mime_type=_TYPE,
            fn=partial(_json, described),
        )
    )
    for name, description in described.items():
        server.add_resource(
            FunctionResource(
                uri=f"{_URI}/{name}",
                name=name,
                description=description,
                mime_type=_TYPE,
                fn=partial(_described, name, final_schema),
            )
        )


def _descriptions(final_schema: str) -> Iterator[tuple[str, str]]:
    """Yield name and description of each table, the final ones first."""
    for kind in _kinds():
        yield _full(kind.TABLE, final_schema), _line(kind)
    for name, table in RAW_TABLES.items():
        yield f"{DATASET}.{name}", _line(table.row)


def _described(name: str, final_schema: str) -> str:
    """Return a table's description and columns as JSON."""
    document: dict[str, Any] = {"name": name}
    for kind in _kinds():
        if _full(kind.TABLE, final_schema) == name:
            document["description"] = _line(kind)
            document["columns"] = [
                {
                    "name": column,
                    "type": contract.type,
                    "description": contract.description,
                    "references": contract.references and _full(contract.references, final_schema),
                }
                for column, contract in kind.COLUMNS.items()
            ]
            return _json(document)
    table = RAW_TABLES[name.removeprefix(f"{DATASET}.")]
    document["description"] = _line(table.row)
    document["columns"] = [
        {
            "name": field.name,
            "type": str(field.type),
            "description": (field.metadata or {}).get(b"description", b"").decode(),
            "references": None,
        }
        for field in table.schema
    ]
    return _json(document)


def _kinds() -> list[Any]:
    return [kind for kind in vars(rows).values() if isinstance(kind, type) and _has_table(kind)]


def _has_table(kind: type) -> bool:
    return kind is not rows.Row and hasattr(kind, "TABLE")


def _full(table: str, final_schema: str) -> str:
    return table if "." in table else f"{final_schema}.{table}"


def _line(kind: type) -> str:
    return " ".join((kind.__doc__ or "").split())


def _json(document: object) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2)
