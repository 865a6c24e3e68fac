"""Changes of the final tables: contracts against database, tracked with Alembic."""
