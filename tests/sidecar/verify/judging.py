"""The chain as it ships, and the gates one by one."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from llmcache_sidecar.verify import GATES, Chain, Judgement, Pair, Verifier, read, threshold_of


@cache
def chain() -> Chain:
    """The chain for the bundled model."""
    weights = files("llmcache_sidecar.verify").joinpath("weights.json").read_text("utf-8")
    return Chain(threshold_of("all-MiniLM-L6-v2"), Verifier.from_json(weights))


def judge(asked: str, stored: str, similarity: float = 0.99) -> Judgement:
    """What the chain says, for texts that a model finds as near as can be."""
    return chain().judge(read(asked), read(stored), similarity)


def refusing(asked: str, stored: str) -> set[str]:
    """The gates that refuse a pair."""
    pair = Pair(read(asked), read(stored), 0.99, 0.8)
    return {name for name, gate in GATES if gate(pair) is not None}
