"""Why is it not Ready: ordered chains of small functions, the first that finds something wins.

    finding   what a link of a chain gives: (reason, message), and what it means
    pods      what stands in the way of any pod: nodes, images, secrets, volumes, crashes
    engines   of a model: its weights, its engine, its rollout
    stores    of Redis and Qdrant
    caches    of the cache as the sidecars see it: stores, the embedding model

The order is the order in which things happen to a pod: what comes first hides what comes later. Each
message says what is, and what to do about it.
"""

from .caches import why_cache_is_not_ready
from .engines import Situation, why_model_is_not_ready
from .finding import Finding
from .stores import why_store_is_not_ready

__all__ = [
    "Finding",
    "Situation",
    "why_cache_is_not_ready",
    "why_model_is_not_ready",
    "why_store_is_not_ready",
]
