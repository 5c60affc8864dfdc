"""The same families of near misses in every language that has tables, and in some that have none."""

import pytest

from llmcache_sidecar.verify import threshold_of
from llmcache_sidecar.verify.lexicon import LEXICONS

from .deciding import full_chain
from .languages import ELSEWHERE, ROWS, accepted

CHAIN = full_chain(threshold_of("all-MiniLM-L6-v2")).chain


def test_every_language_with_tables_has_its_rows() -> None:
    assert set(ROWS) == set(LEXICONS)


@pytest.mark.parametrize("lang", sorted(ROWS))
def test_no_near_miss_is_served_and_most_other_wordings_are(lang: str) -> None:
    missed, wrong = accepted(CHAIN, ROWS[lang])
    assert wrong == []
    assert len(missed) <= 2


def test_without_tables_only_near_identical_texts_are_served() -> None:
    assert accepted(CHAIN, ELSEWHERE) == ([], [])
