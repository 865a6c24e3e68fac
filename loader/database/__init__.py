"""The target's database: addresses, connections, queries, and which environment it is of."""
