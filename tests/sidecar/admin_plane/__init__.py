"""The admin plane over HTTP: a real `Sidecar` with the memory store, in front of a scripted engine."""
