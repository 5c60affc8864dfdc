"""Thresholds belong to a model; weights belong to a version of the features."""

import json
from dataclasses import replace

import pytest

from llmcache_sidecar.verify import UNKNOWN, Verifier, WeightsError, read, threshold_of

from .judging import chain


@pytest.mark.parametrize(
    "name",
    ["all-MiniLM-L6-v2", "sentence-transformers/all-MiniLM-L6-v2", "/models/all-MiniLM-L6-v2/"],
)
def test_a_model_is_known_by_the_last_part_of_its_name(name: str) -> None:
    assert threshold_of(name).calibrated


def test_an_unknown_model_gets_the_careful_line() -> None:
    assert threshold_of("acme/unheard-of") == UNKNOWN
    assert UNKNOWN.similarity == 0.92
    assert not UNKNOWN.calibrated


def test_a_users_floor_tightens_and_never_loosens() -> None:
    known = threshold_of("all-MiniLM-L6-v2")
    assert threshold_of("all-MiniLM-L6-v2", 0.97).similarity == 0.97
    assert threshold_of("all-MiniLM-L6-v2", 0.1) == replace(known, floor=0.1)


def test_a_users_floor_does_not_change_what_the_verifier_sees() -> None:
    shipped = chain()
    stricter = replace(shipped, threshold=threshold_of("all-MiniLM-L6-v2", 0.9))
    pair = (read("How can I renew my old card?"), read("How do I renew the old card?"))
    assert stricter.judge(*pair, 0.95).score == shipped.judge(*pair, 0.95).score


def test_weights_come_back_as_they_were_written() -> None:
    verifier = chain().verifier
    assert verifier is not None
    assert Verifier.from_json(verifier.to_json()).to_json() == verifier.to_json()


def test_weights_of_other_features_are_refused() -> None:
    verifier = chain().verifier
    assert verifier is not None
    stated = json.loads(verifier.to_json())
    stated["weights"].pop("trigrams")
    with pytest.raises(WeightsError):
        Verifier.from_json(json.dumps(stated))
