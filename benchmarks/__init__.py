"""How fast the loader and the dbt project are, beside the least that the same work can cost."""
