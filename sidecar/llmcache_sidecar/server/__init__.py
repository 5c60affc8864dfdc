"""HTTP in front of the pipeline: the data plane and the admin plane.

What may enter: reading requests, writing answers, health, and nothing that decides about caching.
The data plane stands on aiohttp's low-level server and writes hits as prepared bytes
(docs/decisions/0004); the admin plane is an ordinary aiohttp application.
"""
