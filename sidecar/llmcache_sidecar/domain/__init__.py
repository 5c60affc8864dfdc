"""The words of the cache: requests, entries, purges and outcomes as frozen values.

What may enter: dataclasses, enums and NewTypes without behaviour that needs a clock, randomness or
I/O. Everything else in the sidecar speaks in these; they import nothing of ours.
"""
