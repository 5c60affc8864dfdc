"""A few requests from inside the cluster: JSON in on standard input, JSON out.

    python3 ask.py <<< '[{"url": "http://support-llama:8000/v1/models", "headers": {}, "body": null}]'

One file without dependencies, as load.py. Each answer is {"status", "headers", "text"}; a server that
can't be reached has status 0 and the reason as text.
"""

from __future__ import annotations

import json
import sys
import urllib.error
import urllib.request
from typing import Any

OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def ask(request: dict[str, Any]) -> dict[str, Any]:
    """One request."""
    body = request.get("body")
    data = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json", **(request.get("headers") or {})}
    message = urllib.request.Request(
        request["url"], data=data, headers=headers, method=request.get("method")
    )
    try:
        with OPENER.open(message, timeout=request.get("seconds", 60)) as response:
            return _shown(response.status, response.headers, response.read())
    except urllib.error.HTTPError as error:
        return _shown(error.code, error.headers, error.read())
    except OSError as error:
        return {"status": 0, "headers": {}, "text": str(error)}


def _shown(status: int, headers: Any, content: bytes) -> dict[str, Any]:
    named = {name.lower(): value for name, value in headers.items()}
    return {"status": status, "headers": named, "text": content.decode("utf-8", "replace")}


if __name__ == "__main__":
    print(json.dumps([ask(request) for request in json.load(sys.stdin)]))
