"""Pages in the browser that show what the database holds."""
