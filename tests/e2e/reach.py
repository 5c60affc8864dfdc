"""Which of some addresses let a TCP connection be made: JSON in on standard input, JSON out.

    python3 reach.py <<< '{"seconds": 3, "targets": ["support-redis:6379"]}'

One file without dependencies, as ask.py: it runs in pods. Each answer is true or false, in order.
"""

from __future__ import annotations

import json
import socket
import sys
from concurrent.futures import ThreadPoolExecutor


def reach(target: str, seconds: float) -> bool:
    """Whether somebody accepts."""
    host, _, port = target.rpartition(":")
    try:
        socket.create_connection((host, int(port)), seconds).close()
    except OSError:
        return False
    return True


if __name__ == "__main__":
    order = json.load(sys.stdin)
    with ThreadPoolExecutor(16) as threads:
        found = threads.map(lambda target: reach(target, order["seconds"]), order["targets"])
        print(json.dumps(list(found)))
