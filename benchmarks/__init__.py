"""Measure the loader and the dbt project against the minimum cost of the same work."""
