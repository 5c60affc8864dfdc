"""The thin shell over the sidecars' admin planes.

    targets   pure: which sidecars there are to ask
    wire      what they answer, as pydantic models, and the engine's Prometheus page
    reading   asking: deadlines, bounded concurrency; a dead sidecar is no report, never an error

It decides nothing: what a report means is `status`'s to say. A sidecar may be older or newer than this
operator, so every field of an answer may be missing, and unknown ones are passed over.
"""

from .reading import DEADLINE_S, Answers, SidecarReader
from .targets import Target, targets_of

__all__ = ["DEADLINE_S", "Answers", "SidecarReader", "Target", "targets_of"]
