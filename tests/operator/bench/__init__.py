"""How fast and how quiet the operator is: `python -m tests.operator.bench [--caches 500]`.

A real API server with its controllers, kwok's fake nodes, the operator as a process of its own with the
chart's rights. What it writes is counted in the API server's audit log. Nothing here asserts; figures
belong to one machine on one day (docs/operator-performance.md).
"""
