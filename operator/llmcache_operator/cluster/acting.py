"""Plans become requests; what the API server refuses becomes words for people."""

from __future__ import annotations

import asyncio
import base64
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from ..domain import (
    FIELD_MANAGER,
    MODEL_LABEL,
    Manifest,
    ObjectKey,
    Problem,
    Severity,
    key_of,
)
from ..reconcile import (
    Action,
    AnnotatePod,
    Apply,
    Create,
    Delete,
    Difference,
    DropForeign,
    GrowClaim,
    Phase,
    Plan,
    TakeOverReplicas,
    differences,
    key_of_action,
    must_wait,
    phase_of,
)
from .api import Api, PatchType
from .errors import ClusterError, Conflict, Leaving, NotFound, Refused, Unavailable
from .kinds import SECRETS
from .store import Store

REPLICAS_MANAGER: Final = f"{FIELD_MANAGER}-replicas"
"""Holds spec.replicas of workloads whose LLMCache doesn't set it (any more)."""


@dataclass
class Outcome:
    """What came of a plan.

    Attributes:
        done: actions that the API server took.
        refusals: what it refused for good; in words for people.
        retry: why it is worth another try soon; the errors.
        leaving: the namespace is being deleted: the resource goes too.
        settled: for what was applied: differences that the API server left.
    """

    done: list[Action] = field(default_factory=list)
    refusals: list[Problem] = field(default_factory=list)
    retry: list[ClusterError] = field(default_factory=list)
    leaving: bool = False
    settled: dict[ObjectKey, frozenset[Difference]] = field(default_factory=dict)


class Cluster:
    """Carries out what was decided, and keeps the store up to date with the answers."""

    def __init__(self, api: Api, store: Store) -> None:
        self.api = api
        self.store = store

    async def look_up(self, keys: Iterable[ObjectKey]) -> Mapping[ObjectKey, Manifest]:
        """Live objects of these names; those that are not there are left out.

        Raises:
            ClusterError: whether one is there could not be found out.
        """
        wanted = list(keys)
        found = await asyncio.gather(*(self._look_up(key) for key in wanted))
        return {key: live for key, live in zip(wanted, found, strict=True) if live is not None}

    async def look_up_what_may_be_seen(
        self, keys: Iterable[ObjectKey]
    ) -> Mapping[ObjectKey, Manifest | None]:
        """The same; None = it is not there. Those that we are not allowed to see are left out.

        Raises:
            ClusterError: whether one is there could not be found out for now.
        """

        async def look(key: ObjectKey) -> tuple[ObjectKey, Manifest | None] | None:
            try:
                return key, await self._look_up(key)
            except Refused:
                return None

        found = await asyncio.gather(*map(look, keys))
        return dict(one for one in found if one is not None)

    async def _look_up(self, key: ObjectKey) -> Manifest | None:
        try:
            if key.kind == SECRETS.kind:
                return await self.api.get_metadata(key)
            return await self.api.get(key)
        except NotFound:
            return None

    async def carry_out(self, plan: Plan) -> Outcome:
        """Phase by phase; what fails stops nothing but what depends on it."""
        outcome = Outcome()
        undone = await self._what_would_fail(plan, outcome)
        for phase in Phase:
            waiting, tried = list[Action](), list[Action]()
            for action in plan.actions:
                if phase_of(action) is phase:
                    (waiting if must_wait(action, undone) else tried).append(action)
            done = await asyncio.gather(*(self._try(action, outcome) for action in tried))
            failed = [action for action, good in zip(tried, done, strict=True) if not good]
            undone += [*waiting, *failed]
            if phase is Phase.PREPARE and outcome.retry:
                # Letting go of replicas before they are held would reset them.
                return outcome
        return outcome

    async def _what_would_fail(self, plan: Plan, outcome: Outcome) -> list[Action]:
        """Changes of running workloads are tried dry first: a model whose change is refused keeps
        all of what it has, instead of half of each."""
        changes = [
            action
            for action in plan.actions
            if isinstance(action, Apply)
            and action.uid is not None
            and phase_of(action) is Phase.WORKLOADS
        ]
        good = await asyncio.gather(
            *(self._try(action, outcome, dry_run=True) for action in changes)
        )
        return [action for action, fine in zip(changes, good, strict=True) if not fine]

    async def _try(self, action: Action, outcome: Outcome, *, dry_run: bool = False) -> bool:
        """Whether the API server took it, or would; why not is in the outcome."""
        try:
            if dry_run:
                assert isinstance(action, Apply)
                await self.api.apply(_with_uid(action), force=True, dry_run=True)
                return True
            await self._do(action, outcome)
            outcome.done.append(action)
            return True
        except Unavailable as error:
            outcome.retry.append(error)
        except Leaving:
            outcome.leaving = True
        except ClusterError as error:
            if isinstance(action, Apply) and action.uid is None and isinstance(error, Conflict):
                outcome.refusals.append(_name_taken(key_of_action(action), error))
            elif isinstance(error, Conflict | NotFound) or _failed_its_test(action, error):
                outcome.retry.append(error)  # it changed under our hands: look again
            else:
                outcome.refusals.append(_refused(action, error))
        return False

    async def _do(self, action: Action, outcome: Outcome) -> None:
        match action:
            case Apply(manifest=manifest, uid=uid):
                live = await self.api.apply(_with_uid(action), force=uid is not None)
                self.store.put(live, quietly=True)
                outcome.settled[key_of(manifest)] = differences(manifest, live)
            case Create():
                await self._create(action)
            case Delete(key=key, uid=uid, orphan=orphan):
                try:
                    await self.api.delete(key, uid, orphan=orphan)
                except NotFound:
                    self.store.drop(key)
            case GrowClaim(key=key, uid=uid, storage=storage, storage_class=storage_class):
                spec: dict[str, object] = {"resources": {"requests": {"storage": storage}}}
                if storage_class is not None:
                    spec["storageClassName"] = storage_class
                body = {"metadata": {"uid": uid}, "spec": spec}
                live = await self.api.patch(key, body, PatchType.MERGE)
                self.store.put(live, quietly=True)
            case TakeOverReplicas():
                await self._take_over(action)
            case DropForeign():
                live = await self.api.patch(action.key, _removals(action), PatchType.JSON)
                self.store.put(live, quietly=True)
            case AnnotatePod(key=key, uid=uid, annotations=annotations):
                body = {"metadata": {"uid": uid, "annotations": dict(annotations)}}
                try:
                    live = await self.api.patch(key, body, PatchType.MERGE)
                    self.store.put(live, quietly=True)
                except NotFound:
                    return  # pods come and go

    async def _create(self, action: Create) -> None:
        values = {
            name: base64.b64encode(
                secrets.token_urlsafe(size).encode() if action.text else secrets.token_bytes(size)
            ).decode()
            for name, size in action.values.items()
        }
        # A Conflict says that it came into being meanwhile: the next pass, soon, looks whose it is.
        await self.api.create({**action.manifest, "data": values})

    async def _take_over(self, action: TakeOverReplicas) -> None:
        key = action.key
        try:
            await self.api.apply(
                {
                    "apiVersion": key.api_version,
                    "kind": key.kind,
                    "metadata": {"name": key.name, "namespace": key.namespace, "uid": action.uid},
                    "spec": {"replicas": action.replicas},
                },
                force=False,
                manager=REPLICAS_MANAGER,
            )
        except Conflict as error:
            if not error.causes:
                raise
            # The number changed in between: whoever changed it holds it.


def _with_uid(action: Apply) -> Manifest:
    if action.uid is None:
        return action.manifest
    return {**action.manifest, "metadata": {**action.manifest["metadata"], "uid": action.uid}}


def _removals(action: DropForeign) -> list[dict[str, str]]:
    return [
        {"op": "test", "path": "/metadata/uid", "value": action.uid},
        {"op": "test", "path": "/metadata/resourceVersion", "value": action.resource_version},
        *({"op": "remove", "path": pointer} for pointer in action.pointers),
    ]


def _failed_its_test(action: Action, error: ClusterError) -> bool:
    """A JSON patch of another edition than the live one; the API server does not call it a conflict."""
    return isinstance(action, DropForeign) and error.status == 422


def _model_of(manifest: Manifest) -> str | None:
    labels: dict[str, str] = manifest["metadata"].get("labels") or {}
    return labels.get(MODEL_LABEL)


def _name_taken(key: ObjectKey, error: ClusterError) -> Problem:
    return Problem(
        "NameTaken",
        f"{key} is there already and somebody else manages {', '.join(error.causes) or 'it'}; it "
        "was not touched. Rename this LLMCache or the model, or delete that object",
        Severity.STALLED,
    )


def _refused(action: Action, error: ClusterError) -> Problem:
    key = key_of_action(action)
    manifest = action.manifest if isinstance(action, Apply | Create) else None
    model = _model_of(manifest) if manifest is not None else None
    if error.status == 403 and "quota" in error.message:
        return Problem("QuotaExceeded", f"{key}: {error.message}", Severity.STALLED, model)
    if error.status == 403 and "forbidden: User" in error.message:
        return Problem(
            "OperatorForbidden",
            f"{key}: the operator is not allowed to do this; its Role or ClusterRole comes with "
            f"the chart. {error.message}",
            Severity.STALLED,
            model,
        )
    return Problem("ApplyRefused", f"{key}: {error.message}", Severity.STALLED, model, key)
