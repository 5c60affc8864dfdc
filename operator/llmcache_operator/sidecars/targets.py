"""Which sidecars there are to ask."""

from __future__ import annotations

from dataclasses import dataclass

from ..domain import LLMCache, Observed
from ..rendering.names import ADMIN_PORT
from ..status.seeing import Pod, look, moment
from ..status.whys.engines import ENGINE, SIDECAR


@dataclass(frozen=True)
class Target:
    """One sidecar.

    Attributes:
        model: name in the spec of the model that it serves.
        host: address of its pod.
        engine_started: Unix time in seconds at which the engine's container started; None where
            there is no engine in the pod, or it does not run. What an endpoint counts is not read:
            others use it too, and each of our replicas would count it again.
    """

    pod: str
    pod_uid: str
    model: str
    host: str
    engine_started: int | None = None
    port: int = ADMIN_PORT

    @property
    def url(self) -> str:
        """Base URL of its admin plane."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"


def targets_of(cache: LLMCache, observed: Observed) -> tuple[Target, ...]:
    """The running sidecars of a cache."""
    models = {model.name for model in cache.spec.models}
    return tuple(
        Target(pod.name, pod.uid, pod.model, pod.address, _engine_started(pod))
        for pod in look(observed).pods
        if pod.model in models and pod.address
        for container in (pod.container(SIDECAR),)
        if container is not None and container.running
    )


def _engine_started(pod: Pod) -> int | None:
    engine = pod.container(ENGINE)
    started = moment(engine.running_since) if engine is not None and engine.running else None
    return None if started is None else int(started.timestamp())
