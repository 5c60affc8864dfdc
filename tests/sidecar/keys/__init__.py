"""Keys: which requests get the same answer, and which never do."""
