"""Queries about people, days, meetings and issues, shared by the MCP server and the studio."""
