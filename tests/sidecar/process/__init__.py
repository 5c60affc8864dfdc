"""`llmcache-sidecar` as a process: command line, signals, reload, drain, logs."""
