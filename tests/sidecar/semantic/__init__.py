"""The semantic level through the sidecar's own doors, with the bundled model and real stores."""
