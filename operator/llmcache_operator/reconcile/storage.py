"""Claims: they may grow and never shrink. A StatefulSet's template of claims can't be changed, so that
its live claims grow and the StatefulSet is made anew around its pods."""

from __future__ import annotations

import copy
from dataclasses import dataclass, replace
from typing import Any

from ..domain import Manifest, ObjectKey, Observed, Problem, Severity, key_of
from .actions import Action, Delete, GrowClaim, dig
from .live import is_leaving, uid_of
from .quantities import less

_REQUEST = ("spec", "resources", "requests", "storage")


@dataclass(frozen=True)
class Storage:
    """What became of the wishes for storage so far."""

    wanted: tuple[Manifest, ...]
    actions: tuple[Action, ...] = ()
    problems: tuple[Problem, ...] = ()
    awaiting: bool = False

    def with_action(self, action: Action) -> Storage:
        """With one more thing to do."""
        return replace(self, actions=(*self.actions, action))

    def with_refused_shrinking(self, key: ObjectKey, wants: Any, has: Any) -> Storage:
        """With the word that a claim stays as large as it is."""
        problem = Problem(
            "ClaimCannotShrink",
            f"{key} has {has} of storage and the resource asks for {wants}; a claim can't shrink. "
            f"Write {has}, or delete the claim first (its content is lost)",
            Severity.DEGRADED,
        )
        return replace(self, problems=(*self.problems, problem))

    def exchanged(self, old: Manifest, new: Manifest) -> Storage:
        """With another edition of one object."""
        return replace(self, wanted=tuple(new if item is old else item for item in self.wanted))


def keep_storage(so_far: Storage, manifest: Manifest, observed: Observed) -> Storage:
    """One object's wish for storage, held against what there is."""
    match manifest["kind"]:
        case "PersistentVolumeClaim":
            return _claim(so_far, manifest, observed)
        case "StatefulSet":
            return _stateful_set(so_far, manifest, observed)
        case _:
            return so_far


def _claim(so_far: Storage, manifest: Manifest, observed: Observed) -> Storage:
    live = observed.objects.get(key_of(manifest))
    has = dig(live, *_REQUEST)
    if not less(dig(manifest, *_REQUEST), has):
        return so_far
    return so_far.exchanged(manifest, _with_request(manifest, has)).with_refused_shrinking(
        key_of(manifest), dig(manifest, *_REQUEST), has
    )


def _stateful_set(so_far: Storage, manifest: Manifest, observed: Observed) -> Storage:
    live = observed.objects.get(key_of(manifest))
    if live is None:
        return so_far
    templates = dig(live, "spec", "volumeClaimTemplates") or []
    has = {template["metadata"]["name"]: dig(template, *_REQUEST) for template in templates}
    ours: list[Any] = []
    found, recreate = so_far, False
    for template in dig(manifest, "spec", "volumeClaimTemplates") or []:
        name, wants = template["metadata"]["name"], dig(template, *_REQUEST)
        if less(wants, has.get(name)):
            found = found.with_refused_shrinking(key_of(manifest), wants, has[name])
            ours.append(_with_request(template, has[name]))
            continue
        ours.append(template)
        recreate |= less(has.get(name), wants)
        for key, claim in observed.objects.items():
            if (
                key.kind == "PersistentVolumeClaim"
                and key.name.rpartition("-")[0] == f"{name}-{manifest['metadata']['name']}"
                and less(dig(claim, *_REQUEST), wants)
            ):
                found = found.with_action(GrowClaim(key, uid_of(claim), wants))
    # Nor can named templates that came or went, the Service's name, and the policy.
    recreate |= has.keys() != {template["metadata"]["name"] for template in ours}
    recreate |= dig(live, "spec", "serviceName") != dig(manifest, "spec", "serviceName")
    recreate |= _policy(live) != _policy(manifest)
    if recreate and not is_leaving(live):
        why = "what changes of it can't be changed in place; its pods stay"
        found = found.with_action(Delete(key_of(manifest), uid_of(live), orphan=True, why=why))
        found = replace(found, awaiting=True)
    if not ours:
        return found
    changed = {**manifest, "spec": {**manifest["spec"], "volumeClaimTemplates": ours}}
    return found.exchanged(manifest, changed)


def _policy(manifest: Manifest) -> str:
    return str(dig(manifest, "spec", "podManagementPolicy") or "OrderedReady")


def _with_request(manifest: Manifest, storage: Any) -> Manifest:
    changed = copy.deepcopy(manifest)
    changed["spec"]["resources"]["requests"]["storage"] = storage
    return changed
