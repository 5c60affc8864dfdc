"""The network of one node: a bridge for pods, rules for Services, names by CoreDNS."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from .host import command, quietly
from .policies import CHAIN, forget_table
from .processes import ClusterError

BRIDGE: Final = "cni0"
GATEWAY: Final = "10.244.0.1"
POD_RANGE: Final = "10.244.0.0/24"

_SWITCHED_ON: Final = (
    "/proc/sys/net/ipv4/ip_forward",
    # Services' rules must see what pods of one bridge send each other.
    "/proc/sys/net/bridge/bridge-nf-call-iptables",
)
KERNEL: Final = (
    *_SWITCHED_ON,
    # What the kubelet and kube-proxy set.
    "/proc/sys/net/ipv4/conf/all/route_localnet",
    "/proc/sys/vm/overcommit_memory",
    "/proc/sys/kernel/panic",
    "/proc/sys/kernel/panic_on_oops",
)

RULES_OF_OURS: Final = ("KUBE-", "CNI-", CHAIN)
"""In the names of chains that a node makes."""

_COREFILE: Final = """.:53 {{
    bind {address}
    errors
    kubernetes cluster.local in-addr.arpa ip6.arpa {{
        kubeconfig {kubeconfig}
        ttl 5
    }}
    cache 5
}}
"""


def make_bridge(memory: Path) -> None:
    """The bridge, with the address that pods reach this host by.

    Args:
        memory: a file that keeps the kernel's settings that a node changes, for `restore_kernel`.

    Raises:
        ClusterError: it is there already, so another cluster may be running.
    """
    if quietly("ip", "link", "show", BRIDGE):
        raise ClusterError(
            f"the network device {BRIDGE} is there already: another cluster runs on this machine "
            "(make cluster-down ends ours)"
        )
    command("ip", "link", "add", BRIDGE, "type", "bridge")
    command("ip", "addr", "add", f"{GATEWAY}/24", "dev", BRIDGE)
    command("ip", "link", "set", BRIDGE, "up")
    settings = [path for path in map(Path, KERNEL) if path.exists()]
    memory.write_text(json.dumps({str(path): path.read_text().strip() for path in settings}))
    for path in filter(Path.exists, map(Path, _SWITCHED_ON)):
        path.write_text("1")


def restore_kernel(memory: Path) -> None:
    """Give the kernel's settings their former values, if `make_bridge` got as far as keeping them."""
    if not memory.exists():
        return
    for name, value in json.loads(memory.read_text()).items():
        if name in KERNEL and Path(name).exists():
            Path(name).write_text(value)


def remove_bridge() -> None:
    """The bridge, what hangs on it, and the rules of kube-proxy, the plugins and the policies."""
    for line in quietly("ip", "-o", "link", "show", "master", BRIDGE).splitlines():
        name = line.split(":")[1].strip().partition("@")[0]
        quietly("ip", "link", "delete", name)
    quietly("ip", "link", "delete", BRIDGE)
    for line in quietly("ip", "netns", "list").splitlines():
        if line.startswith("cni-"):
            quietly("ip", "netns", "delete", line.split()[0])
    for family in ("iptables", "ip6tables"):
        kept = [
            line
            for line in quietly(f"{family}-save").splitlines()
            if not any(mark in line for mark in RULES_OF_OURS)
        ]
        if kept:
            quietly_restore(family, kept)
    forget_table()


def quietly_restore(family: str, lines: list[str]) -> None:
    """Make these the machine's rules."""
    command(f"{family}-restore", check=False, stdin="\n".join(lines) + "\n")


def write_plugins(folder: Path, state: Path) -> None:
    """The network plugins' configuration."""
    document = {
        "cniVersion": "1.0.0",
        "name": "llmcache",
        "plugins": [
            {
                "type": "bridge",
                "bridge": BRIDGE,
                "isGateway": True,
                "ipMasq": True,
                "hairpinMode": True,
                "ipam": {
                    "type": "host-local",
                    "dataDir": str(state),
                    "ranges": [[{"subnet": POD_RANGE, "gateway": GATEWAY}]],
                    "routes": [{"dst": "0.0.0.0/0"}],
                },
            },
            {"type": "portmap", "capabilities": {"portMappings": True}},
        ],
    }
    (folder / "10-llmcache.conflist").write_text(json.dumps(document))


def corefile(kubeconfig: Path) -> str:
    """CoreDNS' configuration: names of Services, for pods."""
    return _COREFILE.format(address=GATEWAY, kubeconfig=kubeconfig)
