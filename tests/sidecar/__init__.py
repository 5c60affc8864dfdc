"""The sidecar's tests, a folder for each of its rooms."""
