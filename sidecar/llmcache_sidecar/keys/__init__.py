"""From a request to its fingerprints.

What may enter: pure functions that turn bytes and parsed bodies into keys: the lossless parser, the
canonical form with its closed table of ignored fields, the exact key, the tenant. No I/O, no clock.
Two requests with the same key get the same answer; everything that could shape an answer is in it.
"""
