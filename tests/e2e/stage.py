"""What a test works with: the cluster, the client's pod, the cache that all of them share."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.cluster.kubectl import Manifest
from tests.e2e.client import Client
from tests.e2e.kubectl import AsyncKubectl, holds
from tests.e2e.resources import LONG_TOKENS
from tests.e2e.settings import Settings

KEY, OTHER_KEY = "key-of-team-a", "key-of-team-b"
NAME = "support"


@dataclass
class Figures:
    """What was measured, for the report."""

    rows: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    def note(self, name: str, **figures: Any) -> None:
        """Keep a row."""
        self.rows[name] = figures

    def write(self, path: Path) -> None:
        """As JSON."""
        path.write_text(json.dumps(self.rows, indent=1))


@dataclass(frozen=True)
class Stage:
    """See the module."""

    settings: Settings
    kubectl: AsyncKubectl
    figures: Figures

    @property
    def client(self) -> Client:
        """The pod that asks."""
        return Client(self.kubectl)

    def url(self, model: str, cache: str = NAME) -> str:
        """Where clients reach a model."""
        return f"http://{cache}-{model}.{self.kubectl.namespace}:8000"

    async def pods(self, model: str, cache: str = NAME) -> list[Manifest]:
        """Pods of a model that are not on their way out."""
        found = await self.kubectl.list(
            "pods", f"llmcache.dev/cache={cache},llmcache.dev/model={model}"
        )
        return [pod for pod in found if "deletionTimestamp" not in pod["metadata"]]

    async def identities(self, model: str, cache: str = NAME) -> dict[str, int]:
        """Uids of a model's pods, and how often their containers were restarted."""
        return {
            pod["metadata"]["uid"]: sum(
                status["restartCount"]
                for group in ("containerStatuses", "initContainerStatuses")
                for status in pod["status"].get(group, ())
            )
            for pod in await self.pods(model, cache)
        }

    async def change(self, spec: Manifest, cache: str = NAME) -> None:
        """Change the resource (a merge patch of its spec)."""
        await self.kubectl.patch("llmc", cache, {"spec": spec})

    async def alter(self, model: str, cache: str = NAME, **engine: Any) -> None:
        """Change fields of a model's engine, and leave everything else as it is; None unsets."""
        models = (await self.kubectl.get("llmc", cache))["spec"]["models"]
        [section] = [found["engine"] for found in models if found["name"] == model]
        for name, value in engine.items():
            section[name] = value
            if value is None:
                del section[name]
        await self.change({"models": models}, cache)

    async def ready(self, cache: str = NAME, *, seconds: float = 300) -> Manifest:
        """Wait until every model is ready and every sidecar runs the newest configuration.

        Not until CacheReady: a double of Qdrant that holds the questions of a load misses its deadline.
        """
        kinds = ("Ready", "EngineReady", "ConfigApplied")
        held = [holds(kind) for kind in kinds]
        return await self.kubectl.until(
            "llmc",
            cache,
            lambda found: all(holding(found) for holding in held),
            seconds=seconds,
            what=", ".join(kinds),
        )

    async def reached(self, *models: str, cache: str = NAME) -> None:
        """Wait until the Services of these models lead to their pods.

        Ready is what the pods say of themselves; a node's rules for a Service follow it, within a
        second and more on a busy machine. Until then its address is refused, or nobody's at all.
        """
        asked = [
            {
                "url": f"{self.url(model, cache)}/v1/models",
                "headers": {"Authorization": f"Bearer {KEY}"},
            }
            for model in models
        ]

        async def led() -> bool:
            return {answer.status for answer in await self.client.ask(*asked)} == {200}

        await eventually(led, what=f"the Services of {', '.join(models)} leading to their pods")

    async def rolled(self, model: str, cache: str = NAME, *, seconds: float = 300) -> None:
        """Wait until a model's Deployment has rolled out."""
        name = f"deployment/{cache}-{model}"
        timeout = f"--timeout={seconds:g}s"
        await self.kubectl.run("rollout", "status", name, timeout, seconds=seconds + 30)

    async def under_load(
        self,
        name: str,
        fault: Callable[[], Awaitable[object]],
        *,
        model: str = "llama",
        cache: str = NAME,
        **order: Any,
    ) -> dict[str, Any]:
        """What becomes of a load that begins before `fault` and ends after it has returned, which it
        does when all is well again; the load's summary, which is kept as a figure, too."""
        settings = self.settings
        given = {
            "url": self.url(model, cache),
            "model": model,
            "key": KEY,
            "workers": 6,
            "long_workers": 2,
            "long_tokens": LONG_TOKENS,
            "pause_s": 0.02,
            **order,
        }
        async with self.client.load(**given) as load:
            await load.calm(settings.calm_seconds)
            began = time.monotonic()
            await fault()
            recovered = time.monotonic() - began
            await load.calm(settings.calm_seconds)
            await load.reaches(settings.requests)
            summary = await load.stop()
        summary["fault_seconds"] = round(recovered, 1)
        self.figures.note(name, **summary)
        return summary


def nothing_failed(summary: Mapping[str, Any]) -> None:
    """Not one request failed, and there were those that could have."""
    assert summary["failed"] == 0, json.dumps(summary, indent=1)
    assert summary["long"] > 0
    assert summary["streams"] > 0
    assert summary["kept_connections"] > 0


async def eventually(
    held: Callable[[], Awaitable[bool]], *, seconds: float = 120, what: str = "it"
) -> None:
    """Ask once a second until it holds."""
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while not await held():
        assert loop.time() < end, f"{what} did not come about in {seconds:g} s"
        await asyncio.sleep(1)
