"""An MCP server: read-only tools and resources for programs that talk to language models."""
