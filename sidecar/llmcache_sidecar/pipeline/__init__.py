"""A request's way through the cache.

What may enter: the order of the steps (`decider.py` reads top to bottom), what comes from the cache
(`from_cache.py`) and from the engine (`from_engine.py`), the flights that share one inference, the
keeper that admits answers, and the services around them (engine profile, key gate, purges). It
decides with pure modules, acts through ports, and knows neither HTTP nor any store.
"""
