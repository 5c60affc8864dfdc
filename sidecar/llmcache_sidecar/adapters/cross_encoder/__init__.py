"""Models that read two questions at once, and what makes one fit for the request path."""
