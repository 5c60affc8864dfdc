"""A pod from which requests are made, and the load that runs in it."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.cluster.kubectl import Manifest
from tests.e2e.kubectl import AsyncKubectl
from tests.e2e.settings import Settings

NAME = "client"
HERE = Path(__file__).resolve().parent
USER = 65532


@dataclass(frozen=True)
class Answer:
    """What came back.

    Attributes:
        status: of HTTP; 0 = nobody could be reached, and `text` says why.
    """

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def cache_status(self) -> str:
        """What the cache did, without its own name."""
        return self.headers.get("cache-status", "").removeprefix("llmcache; ")

    @property
    def json(self) -> Any:
        """The body."""
        return json.loads(self.text)

    @property
    def content(self) -> str:
        """Text of a chat answer."""
        text: str = self.json["choices"][0]["message"]["content"]
        return text


class RunningLoad:
    """A load that is on its way."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._reading = asyncio.create_task(self._read())
        self.requests = 0
        self.failed = 0
        self._summary: dict[str, Any] | None = None

    async def _read(self) -> None:
        assert self._process.stdout is not None
        while line := await self._process.stdout.readline():
            said = json.loads(line)
            self.requests, self.failed = said["requests"], said["failed"]
            if said["done"]:
                self._summary = said

    async def calm(self, seconds: float) -> None:
        """Let it run; an AssertionError when it has died."""
        began, before = time.monotonic(), self.requests
        while time.monotonic() - began < seconds or self.requests == before:
            await asyncio.sleep(0.2)
            await self._alive()

    async def reaches(self, requests: int) -> None:
        """Wait until so many requests were made."""
        while self.requests < requests:
            await asyncio.sleep(0.2)
            await self._alive()

    async def _alive(self) -> None:
        if self._process.returncode is not None:
            assert self._process.stderr is not None
            raise AssertionError(f"the load died: {(await self._process.stderr.read()).decode()}")

    async def stop(self) -> dict[str, Any]:
        """Let it end; its summary (`tests.e2e.load.Summary`)."""
        await self._alive()
        assert self._process.stdin is not None
        self._process.stdin.write(b"stop\n")
        await self._process.stdin.drain()
        await self._reading
        assert self._summary is not None, "the load ended without a summary"
        return self._summary


class Client:
    """The pod."""

    def __init__(self, kubectl: AsyncKubectl) -> None:
        self.kubectl = kubectl

    async def ask(self, *requests: Mapping[str, Any]) -> list[Answer]:
        """Make these requests, one after the other."""
        command = ("exec", "-i", NAME, "--", "python3", "/scripts/ask.py")
        text = await self.kubectl.run(*command, stdin=json.dumps(requests))
        return [Answer(**found) for found in json.loads(text)]

    async def chat(
        self, url: str, question: str | Sequence[Manifest], *, key: str, model: str, **fields: Any
    ) -> Answer:
        """One chat request; fields of the body beside the question, `headers` too."""
        [answer] = await self.ask(chat(url, question, key=key, model=model, **fields))
        return answer

    @asynccontextmanager
    async def load(self, **order: Any) -> AsyncIterator[RunningLoad]:
        """A load (`tests.e2e.load.Order`); killed at the end unless it was stopped."""
        command = ("exec", "-i", NAME, "--", "python3", "/scripts/load.py", json.dumps(order))
        async with self.kubectl.process(*command) as process:
            yield RunningLoad(process)


def chat(
    url: str, question: str | Sequence[Manifest], *, key: str, model: str, **fields: Any
) -> dict[str, Any]:
    """A chat request as `Client.ask` takes it."""
    messages = [{"role": "user", "content": question}] if isinstance(question, str) else question
    headers = {"Authorization": f"Bearer {key}", **fields.pop("headers", {})}
    body = {"model": model, "messages": messages, "temperature": 0, **fields}
    return {"url": f"{url}/v1/chat/completions", "headers": headers, "body": body}


def manifests(settings: Settings, namespace: str) -> list[Manifest]:
    """The pod and its scripts."""
    scripts = {name: (HERE / name).read_text() for name in ("ask.py", "load.py")}
    return [
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": NAME, "namespace": namespace},
            "data": scripts,
        },
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": NAME, "namespace": namespace, "labels": {"app": NAME}},
            "spec": {
                "automountServiceAccountToken": False,
                "enableServiceLinks": False,
                "terminationGracePeriodSeconds": 1,
                "securityContext": {
                    "runAsNonRoot": True,
                    "runAsUser": USER,
                    "seccompProfile": {"type": "RuntimeDefault"},
                },
                "containers": [
                    {
                        "name": NAME,
                        "image": settings.images.sidecar,
                        "imagePullPolicy": settings.pull_policy,
                        "command": ["sleep", "86400"],
                        "resources": {"requests": {"cpu": "50m", "memory": "64Mi"}},
                        "securityContext": {
                            "allowPrivilegeEscalation": False,
                            "readOnlyRootFilesystem": True,
                            "capabilities": {"drop": ["ALL"]},
                        },
                        "volumeMounts": [{"name": "scripts", "mountPath": "/scripts"}],
                    }
                ],
                "volumes": [{"name": "scripts", "configMap": {"name": NAME}}],
            },
        },
    ]
