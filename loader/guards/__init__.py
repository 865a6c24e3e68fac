"""Guard all output: no control characters, no secrets, no files that others can read."""
