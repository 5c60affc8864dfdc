"""What is told about the cache: metrics, statistics, logs.

What may enter: the journal (one account for metrics and statistics alike), quantiles, log formatting.
Never a prompt, an answer, a key or a name that a client made up.
"""
