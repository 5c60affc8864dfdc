"""The chain of concerns, from what is wanted and what was seen to what is to be done.

Reads top to bottom: `STEPS` is the order. A step sees the situation and what the steps before it
decided, and adds to it; `wanted` may be replaced by a step (a claim that must not shrink), so that the
steps after it see what will really be applied.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from ..domain import (
    MODEL_LABEL,
    LLMCache,
    Manifest,
    ObjectKey,
    Observed,
    Problem,
    Severity,
    key_of,
)
from ..domain.observed import Claimant
from ..rendering import Rendering
from .actions import Action, Apply, Create, Delete, key_of_action, labels_of
from .comparing import Difference, differences
from .hashing import rendered_hash, stamped
from .live import applied_hash, is_leaving, owned_by, uid_of
from .replicas import autoscaler_conflicts, replicas_to_take_over
from .rooms import config_nudges, foreign_items
from .stepping import step_by_step
from .storage import Storage, keep_storage


@dataclass(frozen=True)
class Situation:
    """What a pass starts from.

    Attributes:
        settled: differences that stayed right after our own apply: the API server writes the same
            thing in other words there, and nobody edited anything.
    """

    cache: LLMCache
    rendering: Rendering
    observed: Observed
    settled: Mapping[ObjectKey, frozenset[Difference]] = field(default_factory=dict)


@dataclass(frozen=True)
class Plan:
    """What to do, and what stands in the way.

    Attributes:
        wanted: the objects as they will be applied.
        awaiting: something must go before we can go on; look again soon.
    """

    wanted: tuple[Manifest, ...] = ()
    actions: tuple[Action, ...] = ()
    problems: tuple[Problem, ...] = ()
    awaiting: bool = False

    def with_(self, *actions: Action, problems: tuple[Problem, ...] = ()) -> Plan:
        """The plan with more to do."""
        return replace(
            self, actions=(*self.actions, *actions), problems=(*self.problems, *problems)
        )


Step = Callable[[Situation, Plan], Plan]


def reconcile(
    cache: LLMCache,
    rendering: Rendering,
    observed: Observed,
    settled: Mapping[ObjectKey, frozenset[Difference]] | None = None,
) -> Plan:
    """What to do so that the cluster is what the resource says."""
    situation = Situation(cache, rendering, observed, settled or {})
    plan = Plan(wanted=rendering.objects)
    for step in STEPS:
        plan = step(situation, plan)
    return plan


def leave_what_is_foreign(situation: Situation, plan: Plan) -> Plan:
    """Names that somebody else holds: not touched; those that are about to be free are awaited."""
    foreign = situation.observed.foreign
    secrets = tuple(secret.manifest for secret in situation.rendering.secrets)
    problems = []
    for key in map(key_of, (*plan.wanted, *secrets)):
        if key not in foreign:
            continue
        found = foreign[key]
        holder = found.owner or "somebody else"
        if found.claimant is Claimant.LEAVING:
            problems.append(
                Problem(
                    "AwaitingDeletion",
                    f"{key} still belongs to {holder}, which is gone; it is made anew when the "
                    "garbage collector has removed it",
                    Severity.WAITING,
                )
            )
        else:
            problems.append(
                Problem(
                    "NameTaken",
                    f"{key} is there already and belongs to {holder}; it was not touched. "
                    "Rename this LLMCache or the model, or delete that object",
                    Severity.STALLED,
                )
            )
    return replace(
        plan,
        wanted=tuple(manifest for manifest in plan.wanted if key_of(manifest) not in foreign),
        problems=(*plan.problems, *problems),
        awaiting=plan.awaiting
        or any(
            found.claimant is Claimant.LEAVING
            for key, found in foreign.items()
            if key in set(map(key_of, (*plan.wanted, *secrets)))
        ),
    )


def await_what_is_leaving(situation: Situation, plan: Plan) -> Plan:
    """Our own objects that are being deleted: applied again once they are gone."""
    leaving = {key for key, live in situation.observed.objects.items() if is_leaving(live)} & set(
        map(key_of, plan.wanted)
    )
    if not leaving:
        return plan
    waiting = tuple(
        Problem(
            "AwaitingDeletion", f"{key} is being deleted; it is made anew then", Severity.WAITING
        )
        for key in sorted(leaving)
    )
    return replace(
        plan,
        wanted=tuple(manifest for manifest in plan.wanted if key_of(manifest) not in leaving),
        problems=(*plan.problems, *waiting),
        awaiting=True,
    )


def stores_step_by_step(situation: Situation, plan: Plan) -> Plan:
    """A store's upgrade that would skip a version waits for the one between."""
    steps = [step_by_step(manifest, situation.observed) for manifest in plan.wanted]
    problems = tuple(problem for _, problem in steps if problem is not None)
    return replace(plan, wanted=tuple(manifest for manifest, _ in steps)).with_(problems=problems)


def claims_never_shrink(situation: Situation, plan: Plan) -> Plan:
    """Storage grows; a smaller wish keeps what there is and says so."""
    storage = Storage(plan.wanted)
    for manifest in plan.wanted:
        storage = keep_storage(storage, manifest, situation.observed)
    plan = replace(plan, wanted=storage.wanted, awaiting=plan.awaiting or storage.awaiting)
    return plan.with_(*storage.actions, problems=storage.problems)


def replicas_change_hands(situation: Situation, plan: Plan) -> Plan:
    """A number that the resource no longer sets is held by another field manager first."""
    return plan.with_(
        *replicas_to_take_over(plan.wanted, situation.observed),
        problems=autoscaler_conflicts(plan.wanted, situation.observed),
    )


def generate_secrets(situation: Situation, plan: Plan) -> Plan:
    """Secrets with random values, where they are not there yet."""
    observed = situation.observed
    return plan.with_(
        *(
            Create(secret.manifest, secret.values, secret.text)
            for secret in situation.rendering.secrets
            if (key := key_of(secret.manifest)) not in observed.objects
            and key not in observed.foreign
        )
    )


def apply_what_differs(situation: Situation, plan: Plan) -> Plan:
    """The rendering changed, or an owned field did: apply. Otherwise nothing is written."""
    replaced = {key_of_action(a) for a in plan.actions if isinstance(a, Delete) and a.orphan}
    applies: list[Action] = []
    for manifest in plan.wanted:
        key = key_of(manifest)
        live = situation.observed.objects.get(key)
        if live is None:
            applies.append(Apply(stamped(manifest), why="it is not there"))
            continue
        if key in replaced:
            continue
        if (why := _why_apply(manifest, live, situation.settled.get(key))) is not None:
            applies.append(Apply(stamped(manifest), uid_of(live), why))
    return plan.with_(*applies)


def _why_apply(
    manifest: Manifest, live: Manifest, settled: frozenset[Difference] | None
) -> str | None:
    if applied_hash(live) != rendered_hash(manifest):
        return "its rendering changed"
    found = differences(manifest, live) - (settled or frozenset())
    return min(found) if found else None


def drop_foreign_items(situation: Situation, plan: Plan) -> Plan:
    """Containers, volumes and Service ports that others put into our objects."""
    return plan.with_(*foreign_items(plan.wanted, situation.observed))


def nudge_kubelets(situation: Situation, plan: Plan) -> Plan:
    """Pods whose configuration changed hear of it at once."""
    changed = {key_of_action(action) for action in plan.actions if isinstance(action, Apply)}
    return plan.with_(*config_nudges(situation.rendering, situation.observed, changed))


def prune(situation: Situation, plan: Plan) -> Plan:
    """What we made and nobody wants any more."""
    rendering = situation.rendering
    kept = {key_of(manifest) for manifest in rendering.objects}
    kept |= {key_of(secret.manifest) for secret in rendering.secrets}
    # Pods of a model that was refused run on as they were, with the stores and Secrets of before.
    shared = any(workload.model for workload in rendering.untouched)
    return plan.with_(
        *(
            Delete(
                key,
                uid_of(live),
                why="it is no longer wanted",
                model=labels_of(live).get(MODEL_LABEL),
            )
            for key, live in sorted(situation.observed.objects.items())
            if key not in kept
            and owned_by(live, situation.cache)
            and not is_leaving(live)
            and not rendering.keeps(live)
            and not (shared and MODEL_LABEL not in labels_of(live))
        )
    )


STEPS: tuple[Step, ...] = (
    leave_what_is_foreign,
    await_what_is_leaving,
    stores_step_by_step,
    claims_never_shrink,
    replicas_change_hands,
    generate_secrets,
    apply_what_differs,
    drop_foreign_items,
    nudge_kubelets,
    prune,
)
