"""kubectl, as a user has it, awaited."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from tests.cluster.kubectl import Access, KubectlError, Manifest, as_list


class AsyncKubectl(Access):
    """What a test does with it."""

    async def run(self, *arguments: str, stdin: str | None = None, seconds: float = 300) -> str:
        """What it printed; `KubectlError` when it refused."""
        process = await asyncio.create_subprocess_exec(
            *self.command(*arguments),
            stdin=asyncio.subprocess.PIPE if stdin is not None else asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=self.environment,
        )
        try:
            async with asyncio.timeout(seconds):
                output, errors = await process.communicate(
                    None if stdin is None else stdin.encode()
                )
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        if process.returncode:
            raise KubectlError(arguments, errors.decode(errors="replace"))
        return output.decode(errors="replace")

    async def apply(self, *manifests: Manifest) -> None:
        """Apply them, as a user does."""
        await self.run("apply", "-f", "-", stdin=as_list(*manifests))

    async def get(self, kind: str, name: str) -> Manifest:
        """One object; `KubectlError` when it isn't there."""
        found: Manifest = json.loads(await self.run("get", kind, name, "-o", "json"))
        return found

    async def list(self, kind: str, selector: str = "") -> list[Manifest]:
        """Objects by label."""
        text = await self.run("get", kind, "-o", "json", "--selector", selector)
        found: list[Manifest] = json.loads(text)["items"]
        return found

    async def patch(self, kind: str, name: str, change: Manifest) -> None:
        """A merge patch."""
        await self.run("patch", kind, name, "--type=merge", "--patch", json.dumps(change))

    async def until(
        self,
        kind: str,
        name: str,
        held: Callable[[Manifest], bool],
        *,
        seconds: float = 300,
        what: str = "",
    ) -> Manifest:
        """Look once a second until `held`; the object. An AssertionError shows the last look."""
        last: Manifest = {}
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while True:
            try:
                last = await self.get(kind, name)
                if held(last):
                    return last
            except KubectlError as error:
                last = {"error": str(error)}
            if loop.time() > end:
                shown = json.dumps(last.get("status", last), indent=1)
                raise AssertionError(f"{kind} {name} {what} did not come in {seconds:g} s: {shown}")
            await asyncio.sleep(1)

    async def gone(self, kind: str, selector: str, *, seconds: float = 300) -> None:
        """Wait until no object has these labels."""
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while found := await self.list(kind, selector):
            names = [item["metadata"]["name"] for item in found]
            assert loop.time() < end, f"{kind} {names} are still there"
            await asyncio.sleep(1)

    @asynccontextmanager
    async def process(self, *arguments: str) -> AsyncIterator[asyncio.subprocess.Process]:
        """kubectl in the background, with pipes; killed at the end unless it has ended."""
        process = await asyncio.create_subprocess_exec(
            *self.command(*arguments),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=self.environment,
            limit=2**22,
        )
        try:
            yield process
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()


def condition(manifest: Manifest, kind: str) -> Manifest | None:
    """A condition of an object's status."""
    for found in manifest.get("status", {}).get("conditions") or ():
        if found["type"] == kind:
            answer: Manifest = found
            return answer
    return None


def holds(kind: str, status: str = "True") -> Callable[[Manifest], bool]:
    """Whether a condition has this status, for the newest spec."""

    def held(manifest: Manifest) -> bool:
        found = condition(manifest, kind)
        if found is None or found["status"] != status:
            return False
        seen = found.get("observedGeneration", manifest["status"].get("observedGeneration"))
        return seen is None or bool(seen == manifest["metadata"]["generation"])

    return held
