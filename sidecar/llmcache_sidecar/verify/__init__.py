"""Whether the answer to one question may be served to another.

What may enter: pure functions from two texts (and what was read of them) to a verdict with its
reason, ordered from the cheapest up, and the chain that asks them. A gate that fails means a miss.
"""
