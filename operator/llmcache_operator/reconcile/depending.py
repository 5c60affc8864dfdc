"""What must not be done because something else of the same plan was not."""

from __future__ import annotations

from collections.abc import Collection

from ..domain import MODEL_LABEL
from .actions import (
    WORKLOADS,
    Action,
    AnnotatePod,
    Apply,
    Delete,
    GrowClaim,
    labels_of,
)

_START_WITH = frozenset({"ConfigMap", "PersistentVolumeClaim", "ServiceAccount"})
"""What pods read, mount or are refused without."""

_AS_IT_IS = frozenset({"PersistentVolumeClaim", "ServiceAccount"})
"""Of these, what pods start with just as well in its former edition: a claim that may not grow."""


def must_wait(action: Action, undone: Collection[Action]) -> bool:
    """Whether an action has to wait for another pass.

    Args:
        undone: actions of the same plan that were to come before it, or were tried dry, and failed.
    """
    match action:
        case Apply(manifest=manifest):
            of = _model(action)
            return any(
                _model(other) == of
                for other in undone
                if isinstance(other, Apply) and _holds(other, manifest["kind"])
            )
        case AnnotatePod(model=model):
            # A nudge is heard once, and there is nothing new to bring yet.
            return any(
                _model(other) == model and other.manifest["kind"] == "ConfigMap"
                for other in undone
                if isinstance(other, Apply)
            )
        case Delete(key=key, orphan=True):
            return any(isinstance(other, GrowClaim) and other.store == key for other in undone)
        case Delete(model=model):
            # Pods that were not rolled still use what the resource no longer wants; what belongs to
            # no model may be used by those of any.
            unrolled = {
                _model(other)
                for other in undone
                if isinstance(other, Apply) and other.uid is not None and _is_workload(other)
            }
            return model in unrolled or (model is None and bool(unrolled))
        case _:
            return False


def _holds(undone: Apply, kind: str) -> bool:
    """A refused workload keeps all of what it has; one of a model goes no further than what its pods
    start with."""
    if _is_workload(undone):
        return True
    needed = undone.manifest["kind"]
    return (
        kind in WORKLOADS
        and needed in _START_WITH
        and not (needed in _AS_IT_IS and undone.uid is not None)
        and _model(undone) is not None  # what belongs to no model is no store's either: a dashboard
    )


def _is_workload(action: Apply) -> bool:
    return action.manifest["kind"] in WORKLOADS


def _model(action: Apply) -> str | None:
    return labels_of(action.manifest).get(MODEL_LABEL)
