"""Load a Data Source Orchestrator workspace into raw tables on Neon Postgres or DuckDB.

from loader import load

summary = load("../orchestrator", target="prod")
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from loader.loading.load import load as load

__all__ = ["load"]
__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    """Import `load` on first access, so that `import loader` stays instant."""
    if name == "load":
        from loader.loading.load import load  # noqa: PLC0415

        return load
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
