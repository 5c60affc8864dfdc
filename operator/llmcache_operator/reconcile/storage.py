"""Claims: they may grow and never shrink, and keep their class. A StatefulSet's template of claims can't
be changed, so that its live claims grow and the StatefulSet is made anew around its pods."""

from __future__ import annotations

import copy
from dataclasses import dataclass, replace
from typing import Any

from ..domain import Manifest, ObjectKey, Observed, Problem, Severity, key_of
from .actions import Action, Delete, GrowClaim, dig
from .hashing import rendered_hash
from .live import applied_hash, is_leaving, uid_of
from .quantities import less, same_quantity

_REQUEST = ("spec", "resources", "requests", "storage")
_CLASS = ("spec", "storageClassName")
_MODES = ("spec", "accessModes")
_INSTEAD = "delete the claim first (its content is lost)"
_INSTEAD_OF_STORE = "take the managed store away and bring it back (its content is lost)"


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

    def with_refused_shrinking(self, key: ObjectKey, wants: Any, has: Any, instead: str) -> Storage:
        """With the word that a claim stays as large as it is."""
        problem = Problem(
            "ClaimCannotShrink",
            f"{key} has {has} of storage and the resource asks for {wants}; a claim can't shrink. "
            f"Write {has}, or {instead}",
            Severity.DEGRADED,
        )
        return replace(self, problems=(*self.problems, problem))

    def with_refused_change(self, key: ObjectKey, wants: str, has: str, instead: str) -> Storage:
        """With the word that a claim stays of the kind that it is."""
        problem = Problem(
            "ClaimCannotChange",
            f"{key} has {has}, and the resource asks for {wants}; a claim keeps its class and access "
            f"mode. Write {has}, or {instead}",
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
    key = key_of(manifest)
    live = observed.objects.get(key)
    if live is None:
        return so_far
    found, ours = so_far, manifest
    has, wants = dig(live, *_REQUEST), dig(manifest, *_REQUEST)
    if less(wants, has):
        ours = _with_request(ours, has)
        found = found.with_refused_shrinking(key, wants, has, _INSTEAD)
    has, wants = dig(live, *_CLASS), dig(manifest, *_CLASS)
    if has is not None and has != wants:
        # Unset means whatever it is; to give up a class that we named is a change too.
        if wants is not None or rendered_hash(ours) != applied_hash(live):
            ours = _with(ours, storageClassName=has)
        if wants is not None:
            found = found.with_refused_change(key, f"class {wants}", f"class {has}", _INSTEAD)
    has, wants = dig(live, *_MODES), dig(manifest, *_MODES)
    if has and has != wants:
        ours = _with(ours, accessModes=has)
        found = found.with_refused_change(key, str(wants[0]), str(has[0]), _INSTEAD)
    return found if ours is manifest else found.exchanged(manifest, ours)


def _stateful_set(so_far: Storage, manifest: Manifest, observed: Observed) -> Storage:
    live = observed.objects.get(key_of(manifest))
    if live is None:
        return so_far
    templates = dig(live, "spec", "volumeClaimTemplates") or []
    has = {template["metadata"]["name"]: dig(template, *_REQUEST) for template in templates}
    classes = {template["metadata"]["name"]: dig(template, *_CLASS) for template in templates}
    ours: list[Any] = []
    found, recreate = so_far, False
    for template in dig(manifest, "spec", "volumeClaimTemplates") or []:
        name, wants = template["metadata"]["name"], dig(template, *_REQUEST)
        claims = _claims_of(manifest, name, observed)
        if name in has and dig(template, *_CLASS) != classes[name]:
            template, found = _class_of_store(found, key_of(manifest), template, live, claims)
            recreate |= dig(template, *_CLASS) != classes[name]
        # What counts is the claims: a template that they could not follow may be taken back.
        larger = [size for claim in claims if less(wants, size := dig(claim, *_REQUEST))]
        if name in has and larger:
            # Who grew the claims alone (a person, an autoscaler of volumes) asks nothing of us.
            if not same_quantity(wants, has[name]):
                found = found.with_refused_shrinking(
                    key_of(manifest), wants, larger[0], _INSTEAD_OF_STORE
                )
            ours.append(_with_request(template, has[name]))
            continue
        ours.append(template)
        recreate |= less(has.get(name), wants) or less(wants, has.get(name))
        for claim in claims:
            if less(dig(claim, *_REQUEST), wants):
                found = found.with_action(
                    GrowClaim(key_of(claim), uid_of(claim), wants, key_of(manifest))
                )
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


def _claims_of(manifest: Manifest, template: str, observed: Observed) -> tuple[Manifest, ...]:
    name = f"{template}-{manifest['metadata']['name']}"
    return tuple(
        claim
        for key, claim in observed.objects.items()
        if key.kind == "PersistentVolumeClaim" and key.name.rpartition("-")[0] == name
    )


def _class_of_store(
    so_far: Storage,
    store: ObjectKey,
    template: Manifest,
    live: Manifest,
    claims: tuple[Manifest, ...],
) -> tuple[Manifest, Storage]:
    """Its template of another class: as it may be, where its claims have that class or none yet."""
    wants = dig(template, *_CLASS)
    found = so_far
    for claim in claims:
        has = dig(claim, *_CLASS)
        if has is None and wants is not None:
            storage = dig(claim, *_REQUEST)
            found = found.with_action(
                GrowClaim(key_of(claim), uid_of(claim), storage, store, wants)
            )
        elif has != wants:
            kept = next(
                dig(one, *_CLASS)
                for one in dig(live, "spec", "volumeClaimTemplates")
                if one["metadata"]["name"] == template["metadata"]["name"]
            )
            if wants is not None:
                so_far = so_far.with_refused_change(
                    store, f"class {wants}", f"class {has}", _INSTEAD_OF_STORE
                )
            return _with(template, storageClassName=kept), so_far
    return template, found


def _policy(manifest: Manifest) -> str:
    return str(dig(manifest, "spec", "podManagementPolicy") or "OrderedReady")


def _with_request(manifest: Manifest, storage: Any) -> Manifest:
    changed = copy.deepcopy(manifest)
    changed["spec"]["resources"]["requests"]["storage"] = storage
    return changed


def _with(manifest: Manifest, **spec: Any) -> Manifest:
    """With these fields of its spec; None = without."""
    fields = {
        name: value for name, value in {**manifest["spec"], **spec}.items() if value is not None
    }
    return {**manifest, "spec": fields}
