"""Free ports for servers that tests start, end, and start again."""

from __future__ import annotations

import random
import socket
from contextlib import ExitStack
from typing import Final

_PLACES: Final = range(12_000, 29_000)
"""Below those that kernels give to outgoing connections (32,768 on Linux) and Kubernetes to node ports
(30,000): a server that was ended must find its port free, and not a stranger's connection on it."""
_TRIES: Final = 1000


def free_ports(count: int, host: str = "127.0.0.1") -> list[int]:
    """Different TCP ports that nobody holds on `host` now."""
    draw = random.SystemRandom()
    with ExitStack() as stack:
        ports: list[int] = []
        for _ in range(_TRIES):
            if len(ports) == count:
                break
            port = draw.choice(_PLACES)
            probe = stack.enter_context(socket.socket())
            try:
                probe.bind((host, port))
            except OSError:
                continue
            ports.append(port)
        if len(ports) < count:
            raise OSError(f"no {count} free ports from {_PLACES.start} to {_PLACES.stop} on {host}")
        return ports


def free_port() -> int:
    """One on the loopback interface."""
    return free_ports(1)[0]
