"""NetworkPolicies are enforced: who may connect is asked before the first packet goes through.

The kernel keeps the first packet of each connection from or to a pod in a queue, and SIG Network's
reference implementation (`kubernetes/network_policies.go`) reads the policies and says whether it goes
on. What the node itself sends, such as the kubelet's probes, is not asked about, as Kubernetes has it.
While nobody reads the queue, no new connection between pods comes about.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from .host import command, quietly

QUEUE: Final = 100
CHAIN: Final = "LLMCACHE-POLICIES"

_TABLE: Final = "kube-network-policies"
"""A second way to the queue, which the reader makes where the kernel has nftables' queue expression."""

_READERS: Final = Path("/proc/net/netfilter/nfnetlink_queue")


def rules(bridge: str) -> Sequence[str]:
    """The rules, as iptables-restore reads them.

    Pods of one bridge are seen, too: `network.make_bridge` sets bridge-nf-call-iptables.
    """
    return (
        "*mangle",
        f":{CHAIN} - [0:0]",
        f"-A FORWARD -i {bridge} -j {CHAIN}",
        f"-A FORWARD -o {bridge} -j {CHAIN}",
        f"-A {CHAIN} -m conntrack --ctstate RELATED,ESTABLISHED -j RETURN",
        f"-A {CHAIN} -j NFQUEUE --queue-num {QUEUE}",
        "COMMIT",
    )


def ask_before_connecting(bridge: str) -> None:
    """From now on every new connection of a pod waits for an answer.

    Raises:
        ClusterError: the kernel or iptables knows no queues.
    """
    command("iptables-restore", "--noflush", stdin="\n".join(rules(bridge)) + "\n")


def forget_table() -> None:
    """Remove what a killed reader leaves; the chain goes with the node's other rules."""
    quietly("nft", "delete", "table", "inet", _TABLE)


def answered() -> bool:
    """Whether a process reads the queue."""
    lines = _READERS.read_text().splitlines() if _READERS.exists() else []
    return any(line.split()[0] == str(QUEUE) for line in lines if line.strip())
