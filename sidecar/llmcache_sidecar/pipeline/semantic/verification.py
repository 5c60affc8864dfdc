"""The chain of gates for the embedding model in use, with what was read of texts, and what was judged of
pairs, kept for a while."""

from __future__ import annotations

import hashlib
import os
import struct
from collections import OrderedDict
from contextlib import suppress
from functools import lru_cache, partial
from typing import Final

from ...domain.vectors import EmbeddingModel, PartitionId
from ...ports.cross_encoder import CrossEncoder
from ...ports.turns import Spare, Turns
from ...verify.chain import ERROR, Chain, Judgement
from ...verify.grey_zone import GreyZone
from ...verify.learned import Verifier
from ...verify.reading import Reading, read
from ...verify.thresholds import threshold_of

_READINGS: Final = 512
_JUDGEMENTS: Final = 2_048
"""About half a kilobyte each."""
_LONGEST: Final = 2_000
"""Characters; of longer texts nothing is kept."""
_AHEAD_S: Final = 0.001
"""By then a thread that embeds has left the interpreter to others."""


class Verification:
    """Judges candidates.

    A judgement is a pure function of the chain, the two texts and their similarity, so it is remembered
    for just these and dies with the chain. What is kept is kept for each partition apart: whether
    somebody else asked the same must not be told by the time that an answer takes. Pairs are kept as
    keyed digests.

    Args:
        learned: the last gate; None asks the others alone.
        turns: of those who hold the event loop.
        grey: the grey zone and who decides about it; None: nobody does.
    """

    def __init__(
        self,
        learned: Verifier | None = None,
        turns: Turns | None = None,
        grey: tuple[GreyZone, CrossEncoder] | None = None,
    ) -> None:
        self._learned = learned
        self._turns = turns or Turns()
        self._grey = grey
        self._read = lru_cache(_READINGS)(_read)
        self._secret = os.urandom(32)
        self._judgements: OrderedDict[bytes, Judgement] = OrderedDict()
        self._chain: Chain | None = None
        self._made_for: tuple[str, float | None, bool] = ("", None, False)

    def chain(self, model: EmbeddingModel, floor: float | None, *, compares: bool = False) -> Chain:
        """The chain for `model`.

        Args:
            floor: the user's own least cosine.
            compares: a cross-encoder decides about the grey zone, once it is loaded.
        """
        zone = self._grey[0] if compares and self._grey and self._grey[1].ready else None
        made_for = (model.identity, floor, zone is not None)
        if self._chain is None or self._made_for != made_for:
            threshold = threshold_of(model.name, floor, model.calibration)
            self._chain = Chain(threshold, self._learned, grey_zone=zone)
            self._made_for = made_for
            self._judgements.clear()
        return self._chain

    def read_ahead(self, partition: PartitionId, asked: str) -> Spare:
        """Read what is asked, for `judge`, while its vector is made and nobody else has work for the
        event loop. To be cancelled when there is the vector."""
        return self._turns.spare(partial(self._read_quietly, partition, asked), _AHEAD_S)

    async def judge(
        self, chain: Chain, partition: PartitionId, asked: str, stored: str, similarity: float
    ) -> Judgement:
        """Whether the answer to `stored` may be served to `asked`, both of `partition`. Reading what is
        asked, judging, and what comes after it are pieces of their own. Never raises."""
        pair = self._name(partition, asked, stored, similarity)
        known = self._known(chain, pair)
        if known is not None:
            return known
        try:
            reading = self._reading(partition, asked)
            await self._turns.pause()
            judgement = chain.judge(reading, self._reading(partition, stored), similarity)
        except Exception as error:
            return Judgement(False, ERROR, type(error).__name__, 0.0)
        if judgement.gate != ERROR and _kept(asked) and _kept(stored):
            self._keep(chain, pair, judgement)
        await self._turns.pause()
        return judgement

    async def compare(
        self,
        chain: Chain,
        partition: PartitionId,
        asked: str,
        stored: str,
        similarity: float,
        judgement: Judgement,
        within: float,
    ) -> Judgement:
        """What becomes of a grey candidate: accepted or refused by the cross-encoder.

        Raises:
            CrossEncoderError: it can't tell, or not within so many seconds.
        """
        assert self._grey is not None
        logit = await self._grey[1].compare(asked, stored, within)
        found = chain.compared(judgement, similarity, logit)
        if _kept(asked) and _kept(stored):
            self._keep(chain, self._name(partition, asked, stored, similarity), found)
        return found

    def _known(self, chain: Chain, pair: bytes) -> Judgement | None:
        known = self._judgements.get(pair)
        if known is None or chain is not self._chain:
            return None
        self._judgements.move_to_end(pair)
        return known

    def _keep(self, chain: Chain, pair: bytes, judgement: Judgement) -> None:
        if chain is not self._chain:
            return
        self._judgements[pair] = judgement
        if len(self._judgements) > _JUDGEMENTS:
            self._judgements.popitem(last=False)

    def _name(self, partition: PartitionId, asked: str, stored: str, similarity: float) -> bytes:
        said = hashlib.blake2b(partition, key=self._secret, digest_size=16)
        said.update(struct.pack("<dqq", similarity, len(partition), len(asked)))
        said.update((asked + stored).encode("utf-8", "surrogatepass"))
        return said.digest()

    def _read_quietly(self, partition: PartitionId, asked: str) -> None:
        if _kept(asked):
            with suppress(Exception):  # `judge` says so
                self._read(partition, asked)

    def _reading(self, partition: PartitionId, text: str) -> Reading:
        return self._read(partition, text) if _kept(text) else read(text)


def _read(_: PartitionId, text: str) -> Reading:
    return read(text)


def _kept(text: str) -> bool:
    return len(text) <= _LONGEST
