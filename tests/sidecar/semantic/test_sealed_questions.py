"""Questions beside their vectors: readable by who holds the key, and by nobody else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmcache_sidecar.adapters.encryption import KeyRing
from llmcache_sidecar.adapters.sealing import PayloadSealer
from llmcache_sidecar.domain.ids import ExactKey

KEY, OTHER = ExactKey(b"k" * 32), ExactKey(b"o" * 32)
SEALED = PayloadSealer(KeyRing([b"1" * 32]))
PLAIN = PayloadSealer()
QUESTION = "How do I reset my router?"


@pytest.mark.parametrize("sealer", [PLAIN, SEALED], ids=["plain", "sealed"])
@given(text=st.text())
def test_what_is_sealed_is_opened(sealer: PayloadSealer, text: str) -> None:
    assert sealer.open(sealer.seal(text, KEY), KEY) == text


def test_a_sealed_question_shows_nothing() -> None:
    payload = SEALED.seal(QUESTION, KEY)
    assert b"router" not in payload
    assert payload != SEALED.seal(QUESTION, KEY)


def test_it_belongs_to_its_entry() -> None:
    assert SEALED.open(SEALED.seal(QUESTION, KEY), OTHER) is None


def test_another_key_opens_nothing_and_an_old_one_still_does() -> None:
    payload = SEALED.seal(QUESTION, KEY)
    assert PayloadSealer(KeyRing([b"2" * 32])).open(payload, KEY) is None
    assert PayloadSealer(KeyRing([b"2" * 32, b"1" * 32])).open(payload, KEY) == QUESTION


def test_who_may_write_can_not_take_the_encryption_away() -> None:
    assert SEALED.open(PLAIN.seal(QUESTION, KEY), KEY) is None
    assert PLAIN.open(SEALED.seal(QUESTION, KEY), KEY) is None


@given(payload=st.binary(max_size=80))
def test_no_payload_is_an_error(payload: bytes) -> None:
    PLAIN.open(payload, KEY)
    assert SEALED.open(payload, KEY) is None
