"""The thin shell around the API server: read, server-side apply, prune, watch, Events, Lease.

What may enter: I/O against the Kubernetes API, and what is kept in memory of its answers. Nothing here
decides what an LLMCache means; plans come from `reconcile`. It raises `ClusterError`s only.

    api          JSON over HTTP, with the official client's connection and credentials
    watching     list and watch, into
    store        live objects by the cache that they belong to
    acting       plans become requests
    statuses, events, lease, discovery
"""
