"""The kopf operator that turns an LLMCache resource into Kubernetes objects.

What may enter: handlers, the pure `reconcile(LLMCache, observed) -> (objects, status)`, one builder
per kind of object, and the thin shell that applies them. It may import `llmcache_api`; it never
imports `llmcache_sidecar`. The folder above (`operator/`) must never hold an `__init__.py`: it would
shadow the standard library's module of that name.
"""
