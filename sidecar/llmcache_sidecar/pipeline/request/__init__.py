"""A request and what is found out about it: its identity, and the decision that the steps fill in.

What may enter: values and what makes them. What acts on a decision is not here.
"""
