"""What pods consist of.

What may enter: parts of a pod template that several kinds of pods share (hardening, scheduling) and the
containers themselves. A part takes a context and returns JSON; the builders in `resources` put parts
together.
"""
