"""What a node needs of this machine: packages, commands, and being root."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from typing import Final

from .processes import ClusterError

PACKAGES: Final = {
    "containerd": "containerd",
    "runc": "runc",
    "buildah": "buildah",
    "debootstrap": "debootstrap",
    "iptables": "iptables",
    "conntrack": "conntrack",
    "ip": "iproute2",
    "mount": "mount",
    "nft": "nftables",
    "setpriv": "util-linux",
}
"""Commands, and Debian's packages that bring them."""

CNI_FOLDER: Final = "/usr/lib/cni"
_PATH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def missing() -> str | None:
    """Why this machine can't run a node, or None."""
    if os.geteuid() != 0:
        return "a node (kubelet, containerd) needs root; run as root, or use kind with Docker"
    if _absent() and shutil.which("apt-get", path=_PATH) is None:
        return f"{', '.join(_absent())} are not installed, and there is no apt-get to do it"
    return None


def install() -> None:
    """Install what is missing; a ClusterError tells what failed."""
    absent = _absent()
    if not absent:
        return
    print(f"  installing {' '.join(absent)}", file=sys.stderr, flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        ["apt-get", "update", "-qq"],
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *absent],
    ):
        run = subprocess.run(
            command, env=environment, capture_output=True, text=True, check=False, timeout=900
        )
        if run.returncode:
            raise ClusterError(f"{' '.join(command)} failed:\n{run.stdout}{run.stderr}"[-2000:])


def command(*parts: str, check: bool = True, timeout: float = 300, stdin: str | None = None) -> str:
    """Run a command and give its output; a ClusterError holds what it said."""
    run = subprocess.run(
        parts, input=stdin, capture_output=True, text=True, check=False, timeout=timeout
    )
    if check and run.returncode:
        raise ClusterError(f"{' '.join(parts)}: {run.stdout}{run.stderr}"[-3000:])
    return run.stdout


def quietly(*parts: str) -> str:
    """Run a command whose failure means that there was nothing to do."""
    return command(*parts, check=False)


def _absent() -> Sequence[str]:
    found = [p for name, p in PACKAGES.items() if shutil.which(name, path=_PATH) is None]
    if not os.path.exists(f"{CNI_FOLDER}/bridge"):
        found.append("containernetworking-plugins")
    return sorted(set(found))
