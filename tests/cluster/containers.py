"""containerd with a folder, a socket and images of its own, beside any other on the machine."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import time
from pathlib import Path
from typing import Final

from .host import CNI_FOLDER, command, quietly
from .processes import ClusterError, Component

PAUSE_IMAGE: Final = "localhost/llmcache/pause:1"

_CONFIG: Final = """version = 2
root = "{root}"
state = "{state}"
disabled_plugins = ["io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.zfs",
  "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.aufs"]
[grpc]
  address = "{socket}"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "{pause}"
  # Without it runc can't set what it is asked to: "can't get final child's PID from pipe: EOF".
  restrict_oom_score_adj = true
  enable_unprivileged_ports = true
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
      SystemdCgroup = false
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "{cni}"
    conf_dir = "{cni_conf}"
"""


class Containers:
    """The container runtime of one node.

    Args:
        folder: of sockets and state; gone at the end.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.socket = folder / "containerd.sock"
        self._root = folder / "containerd"
        self._state = folder / "run"
        self.cni_conf = folder / "cni"
        self._process: Component | None = None

    @property
    def endpoint(self) -> str:
        """As the kubelet wants it."""
        return f"unix://{self.socket}"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        self.cni_conf.mkdir(parents=True, exist_ok=True)
        config = self.folder / "containerd.toml"
        config.write_text(
            _CONFIG.format(
                root=self._root,
                state=self._state,
                socket=self.socket,
                pause=PAUSE_IMAGE,
                cni=CNI_FOLDER,
                cni_conf=self.cni_conf,
            )
        )
        log = self.folder / "containerd.log"
        self._process = Component("containerd", ["containerd", "--config", str(config)], log)
        until = time.monotonic() + 60
        while "Version" not in quietly(*self._ctr(), "version"):
            if not self._process.running or time.monotonic() > until:
                raise ClusterError(f"containerd does not answer:\n{self._process.tail()}")
            time.sleep(0.1)

    def load(self, archive: Path) -> None:
        """Take the images of an archive in."""
        command(*self._ctr(), "images", "import", str(archive), timeout=600)

    def stop(self) -> None:
        """End every container and the runtime, and remove what they left."""
        if self._process is not None and self._process.running:
            self._end_containers()
            self._process.stop()
        self._kill_shims()
        unmount_below(self.folder)
        for name in ("containerd", "run"):
            shutil.rmtree(self.folder / name, ignore_errors=True)

    def abandoned(self) -> None:
        """End the containers that a killed owner left, when no runtime is there to ask."""
        for file in self._state.glob("io.containerd.runtime.v2.task/k8s.io/*/init.pid"):
            with contextlib.suppress(OSError, ValueError):
                pid = int(file.read_text())
                # Its namespace ends with it. The number may be another's by now.
                if file.parent.name in Path(f"/proc/{pid}/cgroup").read_text():
                    os.kill(pid, signal.SIGKILL)
        self.stop()

    def _ctr(self) -> tuple[str, ...]:
        return ("ctr", "--address", str(self.socket), "--namespace", "k8s.io")

    def _end_containers(self) -> None:
        for name in quietly(*self._ctr(), "tasks", "ls", "-q").split():
            quietly(*self._ctr(), "tasks", "kill", "--all", "--signal", "SIGKILL", name)
        for _ in range(50):
            tasks = quietly(*self._ctr(), "tasks", "ls", "-q").split()
            if not tasks:
                break
            for name in tasks:
                quietly(*self._ctr(), "tasks", "delete", "--force", name)
            time.sleep(0.1)

    def _kill_shims(self) -> None:
        """Shims outlive containerd on purpose; ours are known by our socket."""
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if str(self.socket) in (folder / "cmdline").read_bytes().decode(errors="replace"):
                    os.kill(int(folder.name), signal.SIGKILL)


def unmount_below(folder: Path) -> None:
    """Unmount everything under a folder, the deepest first."""
    lines = Path("/proc/self/mounts").read_text().splitlines()
    mounts = [line.split()[1].replace("\\040", " ") for line in lines]
    for mount in sorted((m for m in mounts if m.startswith(f"{folder}/")), reverse=True):
        quietly("umount", "--lazy", mount)
