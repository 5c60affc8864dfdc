"""An embedding endpoint of 768 dimensions, for want of a model of that size that comes without a hub:
the bundled model's vectors, each twice over, so that every cosine stays what it was.

    python -m tests.bench.wide_embeddings --port 9000
"""

from __future__ import annotations

import argparse

import numpy as np
from aiohttp import web

from llmcache_sidecar.adapters.embedding.bundled import load_bundled

DIMENSIONS = 768


def main() -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    port = parser.parse_args().port
    encoder = load_bundled()

    async def embeddings(request: web.Request) -> web.Response:
        asked = await request.json()
        vector = encoder.encode(asked["input"])
        row = {"index": 0, "embedding": np.concatenate((vector, vector)).tolist()}
        return web.json_response({"model": asked["model"], "data": [row]})

    application = web.Application()
    application.router.add_post("/v1/embeddings", embeddings)
    web.run_app(application, host="127.0.0.1", port=port, access_log=None, print=None)


if __name__ == "__main__":
    main()
