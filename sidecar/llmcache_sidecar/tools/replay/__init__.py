"""An operator's own traffic, replayed: what a cache would have served, and how often wrongly.

What may enter: reading a log, running it through a real sidecar in this process, counting, printing.
Prompts and answers go to the terminal and nowhere else.
"""
