"""Build Kubernetes' components into one binary, once per machine.

The binary lies in `${LLMCACHE_CACHE:-~/.cache/llmcache}/kubernetes/<hash of the sources>`, shared by
every checkout. The first build takes about five minutes on two cores, later ones seconds.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from tests.engine.install import cache_folder
from tests.steps import StepError, step

from .golang import go

MODULE: Final = Path(__file__).resolve().with_name("kubernetes")
TIMEOUT_S: Final = 2400.0


class BuildError(Exception):
    """The build can't be done; the message says what the reader can do."""


def version() -> str:
    """Kubernetes' version, such as v1.34.4: the one place is go.mod."""
    match = re.search(r"^\s*k8s\.io/kubernetes (v\S+)$", _text("go.mod"), re.MULTILINE)
    assert match is not None, "go.mod names k8s.io/kubernetes"
    return match[1]


def binary_path() -> Path:
    """Where the binary is, or will be."""
    names = ["go.mod", "go.sum", *sorted(path.name for path in MODULE.glob("*.go"))]
    sources = "".join(_text(name) for name in names)
    digest = hashlib.sha256(sources.encode()).hexdigest()[:16]
    return cache_folder() / "kubernetes" / digest / "kube"


def build() -> Path:
    """The binary, built where it is not there yet; concurrent callers wait for one build."""
    target = binary_path()
    if target.exists():
        return target
    return go_build(
        MODULE, target, f"building Kubernetes {version()}",
        ("-ldflags", f"-s -w -X k8s.io/component-base/version.gitVersion={version()}"),
    )  # fmt: skip


def go_build(
    module: Path,
    target: Path,
    what: str,
    flags: Sequence[str] = (),
    package: str = ".",
    environment: Mapping[str, str] | None = None,
) -> Path:
    """Build `package` of a Go module into `target`, with a line of progress every few seconds."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with (target.parent / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if target.exists():
            return target
        unfinished = target.with_suffix(".new")
        command = [str(go()), "build", "-trimpath", *flags, "-o", str(unfinished), package]
        log = target.parent / "build.log"
        log.unlink(missing_ok=True)
        environment = {**os.environ, "CGO_ENABLED": "0", **(environment or {})}
        try:
            step(
                f"{what} (the first time takes minutes)", command, log,
                seconds=TIMEOUT_S, folder=module, environment=environment,
            )  # fmt: skip
        except StepError as error:
            raise BuildError(str(error)) from None
        unfinished.rename(target)
    return target


def _text(name: str) -> str:
    return (MODULE / name).read_text("utf-8")
