"""How often the cache answers rightly: `python -m tests.quality`.

Streams and pairs with known answers go through the decision that the sidecar takes; what comes out is
the share of the possible hits that were served, and the share of wrong ones among them.
"""
