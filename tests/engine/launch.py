"""Start and stop the real vLLM with the tiny model.

    async with RealEngine() as engine:            # or: with RealEngine() as engine
        ... engine.url, engine.model, engine.log_file

An engine takes about 45 s of an idle machine to start (100 s of a busy one) and 3 GB of memory, so
share one where you can. It dies with the process that started it.
"""

from __future__ import annotations

import asyncio
import contextlib
import enum
import os
import platform
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.engine import install
from tests.ports import free_port

MEMORY_BYTES = 4 * 1024**3
"""What must be free before an engine is started; one takes 3 GB."""

MODEL_TIMEOUT_S = 180
STOP_TIMEOUT_S = 20
DIE_WITH_PARENT = f"""
import ctypes, os, sys
set_parent_death_signal = 1
ctypes.CDLL(None).prctl(set_parent_death_signal, {int(signal.SIGTERM)})
os.nice(10)
os.execv(sys.argv[1], sys.argv[1:])
"""
"""Becomes the engine: a killed test run must not leave gigabytes behind, and an engine that has no GPU
must not take every core from what runs beside it (others were seen to start five seconds late)."""

PROGRESS_EVERY_S = 10
MAX_MODEL_LENGTH = 2048
BLOCK_SIZE = 32
"""Tokens of a prefix-cache block; the smallest that the CPU engine can do."""


class Kind(enum.Enum):
    """What the engine does with the tiny model."""

    GENERATE = "generate"
    EMBED = "embed"


ARGUMENTS = {
    Kind.GENERATE: (
        "--enable-prompt-tokens-details",
        "--enable-auto-tool-choice",
        "--tool-call-parser=hermes",
        # The arguments of a call follow the tool's schema, or a random model writes anything.
        "--tool-strict-level=parameter",
        # Thinks only where chat_template_kwargs says {"thinking": true}.
        "--reasoning-parser=deepseek_v3",
    ),
    Kind.EMBED: ("--runner=pooling",),
}
ENVIRONMENT = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "VLLM_NO_USAGE_STATS": "1",
    "DO_NOT_TRACK": "1",
    "VLLM_CPU_KVCACHE_SPACE": "1",
    "VLLM_CPU_OMP_THREADS_BIND": "nobind",
    "OMP_NUM_THREADS": "1",
}


@dataclass(frozen=True)
class EngineOptions:
    kind: Kind = Kind.GENERATE
    model: str = "tiny"
    """The name under which the model is served."""

    api_key: str | None = None
    port: int | None = None
    """None: a free one on the loopback address."""

    arguments: tuple[str, ...] = ()
    """More of vLLM's own arguments; they come last and win."""

    environment: Mapping[str, str] = field(default_factory=dict)
    start_timeout_s: float = 600


class EngineError(Exception):
    """The engine can't run here or did not start; the message says what to do or where to look."""


def available() -> str | None:
    """Why this machine can't run the real vLLM, or None when it can."""
    if sys.platform != "linux" or platform.machine() != "x86_64":
        return f"the CPU build of vLLM is for Linux on x86_64, this is {sys.platform}"
    if reason := install.problem():
        return reason
    free = free_memory_bytes()
    if free < MEMORY_BYTES:
        return (
            f"an engine needs {MEMORY_BYTES >> 30} GiB of free memory, there are {free >> 20} MiB"
        )
    return None


def free_memory_bytes() -> int:
    for line in Path("/proc/meminfo").read_text().splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) * 1024
    raise EngineError("/proc/meminfo has no MemAvailable")


def model_folder() -> Path:
    """The tiny model's folder; the model is written when it is missing."""
    script = Path(__file__).with_name("tiny_model.py")
    done = subprocess.run(
        [str(install.venv_python()), str(script)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=MODEL_TIMEOUT_S,
        check=False,
    )
    if done.returncode != 0:
        raise EngineError(f"the tiny model could not be written:\n{done.stderr[-2000:]}")
    return Path(done.stdout.strip().splitlines()[-1])


def print_progress(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


class RealEngine:
    """One vLLM process; a context manager, synchronous or not."""

    def __init__(
        self,
        options: EngineOptions | None = None,
        *,
        log_folder: Path | None = None,
        say: Callable[[str], None] = print_progress,
    ) -> None:
        self.options = options or EngineOptions()
        self.model = self.options.model
        self.port = self.options.port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        folder = log_folder or Path(tempfile.gettempdir())
        self.log_file = folder / f"vllm-{self.options.kind.value}-{self.port}.log"
        self.start_seconds = 0.0
        self._say = say
        self._process: subprocess.Popen[bytes] | None = None

    @classmethod
    def attached(cls, url: str, options: EngineOptions) -> Self:
        """Stands for an engine that somebody else runs; it is neither started nor stopped."""
        engine = cls(options)
        engine.url = url
        return engine

    def command(self) -> list[str]:
        options = self.options
        key = ["--api-key", options.api_key] if options.api_key else []
        return [
            str(install.venv_folder() / "bin" / "vllm"),
            "serve",
            str(model_folder()),
            *("--host", "127.0.0.1", "--port", str(self.port)),
            *("--served-model-name", options.model),
            *("--max-model-len", str(MAX_MODEL_LENGTH), "--block-size", str(BLOCK_SIZE)),
            *("--dtype", "bfloat16", "--enforce-eager", "--max-num-seqs", "16"),
            *ARGUMENTS[options.kind],
            *key,
            *options.arguments,
        ]

    def spawn(self) -> None:
        """Start the process without waiting for it. Call it from a thread that lives on: when the
        calling thread ends, the engine ends too."""
        if reason := available():
            raise EngineError(reason)
        command = self.command()
        self._say(f"vLLM starts at {self.url}; log: {self.log_file}")
        with self.log_file.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-c", DIE_WITH_PARENT, *command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, **ENVIRONMENT, **self.options.environment},
                start_new_session=True,
            )

    def healthy(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/health", timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def check_alive(self, started: float) -> None:
        process = self._process
        if process is None or process.poll() is not None:
            code = None if process is None else process.returncode
            raise EngineError(f"vLLM ended with status {code}; {self.log_file}:\n{self.log_tail()}")
        if time.monotonic() - started > self.options.start_timeout_s:
            raise EngineError(
                f"vLLM is not up after {self.options.start_timeout_s:.0f} s; "
                f"{self.log_file}:\n{self.log_tail()}"
            )

    def ended(self) -> bool:
        return self._process is None or self._process.poll() is not None

    def log_tail(self, lines: int = 15) -> str:
        return "\n".join(self.log_file.read_text(errors="replace").splitlines()[-lines:])

    def start(self) -> None:
        self.spawn()
        started = said = time.monotonic()
        try:
            while not self.healthy():
                self.check_alive(started)
                said = self._progress(started, said)
                time.sleep(0.5)
        except BaseException:
            self.stop()
            raise
        self._started(started)

    async def start_async(self) -> None:
        self.spawn()
        started = said = time.monotonic()
        try:
            while not await asyncio.to_thread(self.healthy):
                self.check_alive(started)
                said = self._progress(started, said)
                await asyncio.sleep(0.5)
        except BaseException:
            await asyncio.to_thread(self.stop)
            raise
        self._started(started)

    def _progress(self, started: float, said: float) -> float:
        now = time.monotonic()
        if now - said < PROGRESS_EVERY_S:
            return said
        last = self.log_tail(1)
        self._say(f"  vLLM is starting: {now - started:.0f} s; {last[:110]}")
        return now

    def _started(self, started: float) -> None:
        self.start_seconds = time.monotonic() - started
        self._say(f"vLLM is up after {self.start_seconds:.0f} s")

    def stop(self) -> None:
        """End the engine and every process it started; safe to call twice."""
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(STOP_TIMEOUT_S)
        with contextlib.suppress(ProcessLookupError):  # its workers, or itself when it hangs
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(STOP_TIMEOUT_S)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    async def __aenter__(self) -> Self:
        await self.start_async()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await asyncio.to_thread(self.stop)
