"""How right the hits are: what samples say, with which certainty, and what follows from it.

What may enter: pure functions over judged samples. Confidence bounds, the error budget's states, the
comparison of answers, the verdict of a sample, and what is learned for each entry. No clock, no
randomness, no I/O: the pipeline asks the engine and hands the answers in.
"""
