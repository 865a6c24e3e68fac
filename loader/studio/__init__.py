"""A page in the browser: what the database holds, queries, and, where it is asked for, edits."""
