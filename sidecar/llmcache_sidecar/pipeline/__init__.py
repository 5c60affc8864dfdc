"""A request's way through the cache.

`decider.py` reads top to bottom: the steps in their order. What comes of a decision is served from the
cache (`from_cache.py`, `repeats.py`) or from the engine (`from_engine.py`, with `keeper.py`, which
admits answers); `pipeline.py` joins the two. They stand on six packages, each of which knows only those
before it:

    settings   what the configuration says
    stored     entries: found, alive, purged, rendered
    engine     the engine's profile, and inferences under way
    semantic   what a question means, and what means the same
    request    a request's identity, and the decision about it
    quality    how good hits are, and what that allows

What may enter: the order of things. It decides with pure modules, acts through ports, and knows neither
HTTP nor any store.
"""
