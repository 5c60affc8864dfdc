"""What the pipeline needs from the outside, as protocols.

What may enter: Protocol classes and the errors that their implementations raise; time, and the turns
of the event loop, which parts of every layer are given. Adapters implement
them; the pipeline receives them; tests pass real or in-memory ones in. One contract suite runs over
every adapter of a port (tests/sidecar/stores).
"""
