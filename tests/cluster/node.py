"""One node that runs pods: a control plane, kubelet, kube-proxy, containerd and CoreDNS, with
NetworkPolicies that hold.

It needs root. Everything it makes lies in one folder, on one bridge and under one cgroup, and goes
with `stop`.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Final

import yaml

from tests.ports import free_ports

from . import host, leftovers, network, policies
from .building import build
from .containers import Containers, unmount_below
from .control_plane import ControlPlane
from .gpus import mock_gpus
from .kubectl import Kubectl
from .pause_image import pause_archive
from .processes import ClusterError
from .volumes import make_volumes

NODE: Final = "llmcache-node"
_PREFIX: Final = "llmcache-node-"
_KERNEL: Final = "kernel.json"
START_TIMEOUT_S: Final = 240.0
_CGROUPS: Final = Path("/sys/fs/cgroup")


class Cluster:
    """A cluster of one node, from `start` to `stop`.

    Args:
        archives: images to load, beside the one that every pod needs.
        folder: where its files are; a temporary one by default.
        gpus: GPUs that the node says it has.
    """

    def __init__(
        self, archives: Sequence[Path] = (), folder: Path | None = None, gpus: int = 0
    ) -> None:
        reason = host.missing()
        if reason is not None:
            raise ClusterError(reason)
        self._binary = build()
        self.folder = folder or Path(tempfile.mkdtemp(prefix=_PREFIX))
        self._claim: IO[str] | None = None
        self._archives = tuple(archives)
        self._gpus = gpus
        self.control_plane = ControlPlane(
            folder=self.folder / "control-plane", address=network.GATEWAY
        )
        self.containers = Containers(self.folder / "runtime")

    @property
    def kubeconfig(self) -> Path:
        """An administrator's KUBECONFIG."""
        return self.control_plane.kubeconfig

    @property
    def kubectl(self) -> Kubectl:
        """kubectl as administrator."""
        return Kubectl(self.kubeconfig)

    def start(self) -> Cluster:
        """Start everything, and wait until the node is Ready."""
        host.install()
        remove_leftovers()
        try:
            network.make_bridge(self.folder / _KERNEL)
        except ClusterError:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise
        try:
            self._claim = leftovers.claim(self.folder)
            policies.ask_before_connecting(network.BRIDGE)
            self.containers.start()
            network.write_plugins(self.containers.cni_conf, self.folder / "ipam")
            for archive in (pause_archive(), *self._archives):
                self.containers.load(archive)
            self.control_plane.start()
            self._start_node()
            make_volumes(self.kubectl, self.folder / "volumes")
            if self._gpus:
                mock_gpus(self.kubectl, self._gpus)
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """Stop everything, and remove what it left on the machine."""
        self.control_plane.stop_component("kubelet")
        self.containers.stop()
        self.control_plane.stop()
        _remove(self.folder)
        if self._claim is not None:
            self._claim.close()

    def __enter__(self) -> Cluster:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _start_node(self) -> None:
        plane = self.control_plane
        kubelet = plane.client("kubelet", f"system:node:{NODE}", ("system:nodes",))
        proxy = plane.client("proxy", "system:kube-proxy")
        config = self.folder / "kubelet.yaml"
        config.write_text(yaml.safe_dump(self._kubelet_config()))
        plane.run(
            "kubelet",
            [
                str(self._binary), "kubelet", f"--config={config}",
                f"--kubeconfig={kubelet.kubeconfig}", f"--hostname-override={NODE}",
                f"--node-ip={network.GATEWAY}", f"--root-dir={self.folder / 'kubelet'}",
                f"--cert-dir={self.folder / 'kubelet-pki'}",
            ],
        )  # fmt: skip
        proxy_health, metrics = free_ports(2)
        plane.run(
            "proxy",
            [
                str(self._binary), "proxy", f"--kubeconfig={proxy.kubeconfig}",
                f"--hostname-override={NODE}", "--proxy-mode=iptables",
                "--cluster-cidr=10.244.0.0/16", "--conntrack-max-per-core=0",
                f"--healthz-bind-address=127.0.0.1:{proxy_health}",
                f"--metrics-bind-address=127.0.0.1:{metrics}",
            ],
        )  # fmt: skip
        corefile = self.folder / "Corefile"
        corefile.write_text(network.corefile(self.kubeconfig))
        plane.run("coredns", [str(self._binary), "coredns", "-conf", str(corefile)])
        plane.run(
            "network-policies",
            [
                str(self._binary), "network-policies", f"--kubeconfig={self.kubeconfig}",
                f"--hostname-override={NODE}", f"--nfqueue-id={policies.QUEUE}",
            ],
        )  # fmt: skip
        self._wait_until_ready()

    def _kubelet_config(self) -> dict[str, Any]:
        port, health = free_ports(2)
        return {
            "apiVersion": "kubelet.config.k8s.io/v1beta1",
            "kind": "KubeletConfiguration",
            "containerRuntimeEndpoint": self.containers.endpoint,
            "port": port,
            "healthzPort": health,
            "cgroupDriver": "cgroupfs",
            "failCgroupV1": False,
            "failSwapOn": False,
            "enforceNodeAllocatable": [],
            "clusterDNS": [network.GATEWAY],
            "clusterDomain": "cluster.local",
            "authentication": {
                "anonymous": {"enabled": False},
                "webhook": {"enabled": True},
                "x509": {"clientCAFile": str(self.control_plane.authority.certificate)},
            },
            "authorization": {"mode": "Webhook"},
            "volumePluginDir": str(self.folder / "volume-plugins"),
            "podLogsDir": str(self.folder / "pod-logs"),
            "resolvConf": "/etc/resolv.conf",
            "imageMinimumGCAge": "24h",
            "maxPods": 200,
            "evictionHard": {"memory.available": "50Mi", "nodefs.available": "1%"},
            "syncFrequency": "10s",
            "registryPullQPS": 0,
            "cpuManagerPolicy": "none",
        }

    def _wait_until_ready(self) -> None:
        until = time.monotonic() + START_TIMEOUT_S
        path = f"/api/v1/nodes/{NODE}"
        while not (_is_ready(self.control_plane.get(path)) and policies.answered()):
            for name in ("kubelet", "proxy", "coredns", "network-policies"):
                self.control_plane.check(name)
            if time.monotonic() > until:
                raise ClusterError(
                    f"the node is not Ready after {START_TIMEOUT_S:.0f} s:\n"
                    f"{self.control_plane.tail('kubelet')}\n"
                    f"{self.control_plane.tail('network-policies')}"
                )
            time.sleep(0.2)


def remove_leftovers() -> bool:
    """What a killed node left on this machine; whether there was one."""
    found = False
    for folder in leftovers.ownerless(_PREFIX):
        found = True
        Containers(folder / "runtime").abandoned()
        _remove(folder)
    return found


def _remove(folder: Path) -> None:
    """What stays when all processes have ended: mounts, network, cgroups, files."""
    unmount_below(folder)
    network.remove_bridge()
    network.restore_kernel(folder / _KERNEL)
    _remove_cgroups()
    shutil.rmtree(folder, ignore_errors=True)


def _is_ready(answer: tuple[int, bytes]) -> bool:
    status, body = answer
    if status != 200:
        return False
    conditions = yaml.safe_load(body)["status"].get("conditions", [])
    return any(c["type"] == "Ready" and c["status"] == "True" for c in conditions)


def _remove_cgroups() -> None:
    """The kubelet's own tree in every hierarchy, the deepest folders first."""
    for tree in sorted(_CGROUPS.glob("*/kubepods")) + sorted(_CGROUPS.glob("kubepods")):
        folders = sorted((p for p in tree.rglob("*") if p.is_dir()), reverse=True)
        for folder in [*folders, tree]:
            try:
                folder.rmdir()
            except OSError:
                continue
