"""The rules: when the cache stands aside, what clients may wish, what may be stored."""
