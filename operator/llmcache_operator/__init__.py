"""The kopf operator that turns an LLMCache resource into running Kubernetes objects.

Layers, each importing only what is below it (import-linter holds them):

    cli          the command line
    app          kopf handlers, watches, the keyed queue, heartbeat: what triggers a reconcile; wiring
    cluster      the thin shell over kubernetes.aio: read, server-side apply, prune, watch, events
    sidecars     the thin shell over the sidecars' admin planes: statistics, configuration hashes
    reconcile    pure: (LLMCache, observed) -> actions; how desired and observed objects differ
    status       pure: (LLMCache, observed) -> conditions, rows, figures; why it is not Ready
    rendering    pure: (LLMCache, renderer) -> desired objects; resources/ has one builder per kind
    domain       what all of them speak of: the resource, references, names, labels, problems

`cluster` and `sidecars` do I/O and decide nothing; the pure layers decide and do no I/O, read no clock
and draw no random number. The operator may import `llmcache_api`; it never imports
`llmcache_sidecar`. The folder above (`operator/`) must never hold an `__init__.py`: it would shadow the
standard library's module of that name.
"""
