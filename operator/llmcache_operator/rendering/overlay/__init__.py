"""The `podTemplate` overlay: anything may be added to our pods, nothing of ours may be undone.

    merging     lays one template over another, lists by the keys of server-side apply
    invariants  what must still be true afterwards, as a closed list

What may enter: functions over templates as JSON; the template of the resource is free text for the
API server, so everything here expects any shape.
"""

from .applying import lay_over

__all__ = ["lay_over"]
