"""Loads a Data Source Orchestrator workspace into raw tables on Neon Postgres or DuckDB."""

__version__ = "0.1.0"
