"""Server-sent events, and answers that are sent again."""
