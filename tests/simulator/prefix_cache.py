"""vLLM's prefix cache: full blocks of tokens, chained by hash, least recently used out first."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class PrefixHit:
    """Tokens of one prompt that were in the cache, and that are new there."""

    cached: int
    created: int


class PrefixCache:
    """Blocks are known by hash(previous block's hash, tokens); the salt is the first one's past."""

    def __init__(self, blocks: int, block_size: int) -> None:
        self.blocks = blocks
        self.block_size = block_size
        self.queries = 0
        self.hits = 0
        self._known: OrderedDict[int, None] = OrderedDict()

    def __len__(self) -> int:
        return len(self._known)

    def admit(self, tokens: Sequence[str], salt: str) -> PrefixHit:
        """Look a prompt up and put its full blocks into the cache.

        The last token is always computed (it yields the first new one), so a prompt that ends with
        its last block never hits that block.
        """
        size = self.block_size
        usable = (len(tokens) - 1) // size
        past = hash(("salt", salt))
        cached = 0
        created = 0
        unbroken = True
        for number in range(len(tokens) // size):
            past = hash((past, tuple(tokens[number * size : (number + 1) * size])))
            if past in self._known:
                self._known.move_to_end(past)
                if unbroken and number < usable:
                    cached += size
            else:
                unbroken = False
                created += size
                self._known[past] = None
                if len(self._known) > self.blocks:
                    self._known.popitem(last=False)
        self.queries += len(tokens)
        self.hits += cached
        return PrefixHit(cached, created)

    def clear(self) -> None:
        self._known.clear()
