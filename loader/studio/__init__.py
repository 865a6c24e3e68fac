"""Web pages that show the database."""
