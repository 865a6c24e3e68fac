"""Questions about people, days, meetings and issues: the MCP server and the studio ask the same."""
