"""Measure the loader, dbt and the answers beside other programs that do the same work."""
