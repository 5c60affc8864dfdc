"""Desired and observed objects in, actions out.

What may enter: pure functions and frozen values. `reconcile` runs an ordered chain of small steps, each
`Situation -> what to do about one concern`; none of them reads a clock, draws a number or does I/O.
The shell (`cluster`) carries the actions out, phase by phase, and says what was refused.
"""

from .actions import (
    Action,
    AnnotatePod,
    Apply,
    Create,
    Delete,
    DropForeign,
    GrowClaim,
    Phase,
    TakeOverReplicas,
    key_of_action,
    phase_of,
)
from .comparing import Difference, differences
from .depending import must_wait
from .hashing import rendered_hash, stamped
from .ownership import claimed, lookups
from .planning import Plan, Situation, reconcile

__all__ = [
    "Action",
    "AnnotatePod",
    "Apply",
    "Create",
    "Delete",
    "Difference",
    "DropForeign",
    "GrowClaim",
    "Phase",
    "Plan",
    "Situation",
    "TakeOverReplicas",
    "claimed",
    "differences",
    "key_of_action",
    "lookups",
    "must_wait",
    "phase_of",
    "reconcile",
    "rendered_hash",
    "stamped",
]
