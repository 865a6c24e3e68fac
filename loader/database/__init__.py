"""The target's database: addresses, connections, queries, ownership and environment."""
