"""The door: an LLMCache, the renderers of what runs, and the facts, become a rendering."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from llmcache_api import ConfigError
from llmcache_api.resource import ModelSection

from ..domain import LLMCache, Manifest, Problem, Severity
from ..domain.labels import ACCEPT_ANNOTATION
from ..domain.objects import ObjectKey
from . import names
from .context import Context, ModelContext
from .engine.checks import check_engine
from .facts import Facts
from .overlay import lay_over
from .pinning import choose, outdated, stores_wanted
from .renderers import NEWEST, RENDERERS, Renderer, RendererId
from .resolving import resolve
from .resources.dashboard import build_dashboard
from .resources.model_access import (
    build_config_map,
    build_disruption_budget,
    build_service,
    build_service_account,
    build_weights_claim,
)
from .resources.model_pods import build_engine_deployment, build_gateway_deployment
from .resources.network_policies import build_model_policy
from .resources.pod_monitor import build_pod_monitor
from .resources.qdrant import (
    build_qdrant_account,
    build_qdrant_policy,
    build_qdrant_service,
    build_qdrant_set,
)
from .resources.redis import (
    build_redis_account,
    build_redis_policy,
    build_redis_service,
    build_redis_set,
)
from .resources.secrets import build_cache_secrets, build_qdrant_secret, build_redis_secret
from .result import GeneratedSecret, RenderedModel, Rendering, Workload
from .sidecar.config import sidecar_file
from .sidecar.files import sidecar_files


@dataclass(frozen=True)
class _Part:
    """What became of one workload."""

    objects: tuple[Manifest, ...] = ()
    secrets: tuple[GeneratedSecret, ...] = ()
    problems: tuple[Problem, ...] = ()
    untouched: Workload | None = None
    model: RenderedModel | None = None


def render(
    cache: LLMCache,
    pins: Mapping[str, RendererId],
    facts: Facts,
    renderers: Mapping[RendererId, Renderer] = RENDERERS,
    newest: RendererId = NEWEST,
) -> Rendering:
    """Everything that `cache` asks for.

    Args:
        pins: for each live workload (a model's name, `redis`, `qdrant`) the renderer that its
            annotation names; a workload without one gets the newest.
        renderers: those that there are.
        newest: what new workloads get.
    """
    chosen = choose(cache, pins, newest)
    parts = [
        _store(cache, store, chosen.get(store, newest), renderers, facts)
        for store in stores_wanted(cache)
    ]
    parts += [
        _model(cache, model, chosen.get(model.name, newest), renderers, facts)
        for model in cache.spec.models
    ]
    around, missing = _around(Context(cache, renderers[newest], facts))
    return Rendering(
        objects=(*(item for part in parts for item in part.objects), *around),
        secrets=(
            *build_cache_secrets(cache),
            *(secret for part in parts for secret in part.secrets),
        ),
        problems=(*(problem for part in parts for problem in part.problems), *missing),
        untouched=tuple(part.untouched for part in parts if part.untouched is not None),
        resolved=resolve(cache, chosen, facts, renderers, newest),
        models=tuple(part.model for part in parts if part.model is not None),
        newest=newest,
        outdated=outdated(cache, chosen, newest),
    )


def _around(context: Context) -> tuple[tuple[Manifest, ...], tuple[Problem, ...]]:
    """What belongs to no workload: the newest renderer makes it, since no pod rolls for it."""
    objects = _present(build_pod_monitor(context), build_dashboard(context))
    monitoring = context.spec.monitoring
    if monitoring is None or not monitoring.pod_monitor or context.facts.pod_monitor:
        return objects, ()
    problem = Problem(
        "PodMonitorMissing",
        "monitoring.podMonitor is true, and this cluster has no kind PodMonitor "
        "(monitoring.coreos.com/v1); install the Prometheus operator, or set it to false",
        Severity.DEGRADED,
    )
    return objects, (problem,)


def _store(
    cache: LLMCache,
    store: str,
    wanted: RendererId,
    renderers: Mapping[RendererId, Renderer],
    facts: Facts,
) -> _Part:
    workload = Workload(store, model=False)
    renderer = renderers.get(wanted)
    if renderer is None:
        return _Part(problems=(_unknown(wanted, store, None, renderers),), untouched=workload)
    context = Context(cache, renderer, facts)
    if store == "redis":
        secret = build_redis_secret(context)
        objects = _present(
            build_redis_account(context),
            build_redis_policy(context),
            build_redis_service(context),
            build_redis_set(context),
        )
    else:
        secret = build_qdrant_secret(context)
        objects = _present(
            build_qdrant_account(context),
            build_qdrant_policy(context),
            build_qdrant_service(context),
            build_qdrant_set(context),
        )
    return _Part(objects, () if secret is None else (secret,))


def _model(
    cache: LLMCache,
    model: ModelSection,
    wanted: RendererId,
    renderers: Mapping[RendererId, Renderer],
    facts: Facts,
) -> _Part:
    workload = Workload(model.name, model=True)
    renderer = renderers.get(wanted)
    # What is said of a model whose renderer is unknown comes from the newest's way of naming.
    context = ModelContext(cache, renderer or [*renderers.values()][-1], facts, model)
    if renderer is None:
        problem = _unknown(wanted, f"model {model.name}", model.name, renderers)
        return _Part(problems=(problem,), untouched=workload, model=_describe(context, None, None))
    described = _describe(context, renderer.id, None)
    problems = check_engine(context) if model.engine is not None else ()
    if problems:
        return _Part(problems=problems, untouched=workload, model=described)
    files = sidecar_files(context)
    try:
        file = sidecar_file(context, files)
    except ConfigError as error:
        found = Problem("ConfigInvalid", str(error), Severity.STALLED, model.name)
        return _Part(problems=(found,), untouched=workload, model=described)
    build = build_engine_deployment if model.engine is not None else build_gateway_deployment
    deployment = build(context, files, file)
    template, invalid = lay_over(
        deployment["spec"]["template"], context.either.pod_template, model.name
    )
    if invalid is not None:
        return _Part(problems=(invalid,), untouched=workload, model=described)
    deployment["spec"]["template"] = template
    objects = _present(
        build_service_account(context),
        build_model_policy(context),
        build_config_map(context, file),
        build_weights_claim(context),
        build_service(context),
        build_disruption_budget(context),
        deployment,
    )
    return _Part(objects, model=_describe(context, renderer.id, file.version))


def _describe(
    context: ModelContext, renderer: RendererId | None, version: str | None
) -> RenderedModel:
    cache, model = context.cache, context.model
    return RenderedModel(
        name=model.name,
        component=context.component,
        workload=ObjectKey("apps/v1", "Deployment", cache.namespace, context.name),
        url=f"http://{context.name}.{cache.namespace}:{names.SERVICE_PORT}",
        selector=names.model_selector(cache, model.name),
        renderer=renderer,
        config_version=version,
        replicas=context.either.replicas,
        max_surge=context.rollout[0],
    )


def _present(*manifests: Manifest | None) -> tuple[Manifest, ...]:
    return tuple(manifest for manifest in manifests if manifest is not None)


def _unknown(
    renderer: RendererId, what: str, model: str | None, renderers: Mapping[RendererId, Renderer]
) -> Problem:
    return Problem(
        "RendererUnknown",
        f"{what} is of renderer {renderer}, which this operator does not have (it has "
        f"{', '.join(renderers)}): a newer operator made it, the renderer is older than two minors, or "
        f"the annotation {ACCEPT_ANNOTATION} names it by mistake. What runs of it stays untouched. "
        "Upgrade the operator, or accept one of those that it has with that annotation",
        Severity.STALLED,
        model,
    )
