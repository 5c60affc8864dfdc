"""How good hits are: samples, trials and comparisons, what is learned from them, and the error budget.

What may enter: what measures hits, and what the measurement allows. Nothing here serves a request.
"""
