"""The partition holds everything but the question: only the question may differ in a semantic hit."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmcache_sidecar.apis.questions import Place, QueryRule, find_question
from llmcache_sidecar.apis.reading import read_facts
from llmcache_sidecar.domain.api import Api
from llmcache_sidecar.domain.ids import Fingerprint, TenantId
from llmcache_sidecar.keys.partition import partition_id

from .asking import BODIES, quickly
from .test_everything_else_is_in_the_key import PARAMETERS

PLAIN_RULE = QueryRule()
ASKING = (Api.CHAT, Api.RESPONSES, Api.MESSAGES)


def located(body: dict[str, Any], api: Api = Api.CHAT, rule: QueryRule = PLAIN_RULE) -> Place:
    place = find_question(read_facts(api, body), rule)
    assert place is not None
    return place


def partition(
    body: dict[str, Any],
    api: Api = Api.CHAT,
    rule: QueryRule = PLAIN_RULE,
    *,
    temperature: float | None = None,
    namespace: str = "default",
    tenant: str = "t",
    fingerprint: str = "f",
    query: str = "",
) -> bytes:
    facts = read_facts(api, body)
    return partition_id(
        facts, located(body, api, rule), temperature or facts.temperature, namespace, TenantId(tenant),
        Fingerprint(fingerprint), query,
    )  # fmt: skip


def with_question(api: Api, text: str) -> dict[str, Any]:
    body = copy.deepcopy(BODIES[api])
    place = located(body, api)
    here: Any = body
    for step in place.path[:-1]:
        here = here[step]
    here[place.path[-1]] = text
    return body


@pytest.mark.parametrize("api", ASKING)
@quickly
@given(text=st.text(min_size=1).filter(lambda t: t.strip()))
def test_only_the_question_may_differ(api: Api, text: str) -> None:
    body = with_question(api, text)
    assert partition(body, api) == partition(BODIES[api], api)
    assert located(body, api).text == text.strip()


@pytest.mark.parametrize("name", sorted(PARAMETERS))
def test_every_parameter_is_part_of_it(name: str) -> None:
    one, other = PARAMETERS[name]
    bodies = [{**BODIES[Api.CHAT], name: value} for value in (one, other)]
    assert len({partition(body) for body in (*bodies, BODIES[Api.CHAT])}) == 3


@pytest.mark.parametrize(
    "change",
    [{"temperature": 0.5}, {"namespace": "other"}, {"tenant": "other"}, {"fingerprint": "other"},
     {"query": "a=1"}],
    ids=str,
)  # fmt: skip
def test_so_is_who_asks_what_engine(change: dict[str, Any]) -> None:
    assert partition(BODIES[Api.CHAT], **change) != partition(BODIES[Api.CHAT])


def test_so_are_the_system_prompt_and_the_history() -> None:
    def body(*messages: tuple[str, str]) -> dict[str, Any]:
        return {"model": "m", "messages": [{"role": r, "content": c} for r, c in messages]}

    bodies = [
        body(("user", "Q")),
        body(("system", "S"), ("user", "Q")),
        body(("system", "T"), ("user", "Q")),
        body(("user", "A"), ("assistant", "B"), ("user", "Q")),
        body(("user", "A"), ("assistant", "C"), ("user", "Q")),
        body(("user", ""), ("assistant", "C"), ("user", "Q")),
    ]
    assert len({partition(b) for b in bodies}) == len(bodies)
    assert [located(b).opening for b in bodies] == [True, True, True, False, False, False]


def test_what_is_ignored_in_the_key_is_ignored_here() -> None:
    body = BODIES[Api.CHAT]
    assert partition({**body, "stream": True, "user": "u"}) == partition(body)


def test_what_stands_around_the_question_is_part_of_it() -> None:
    rule = QueryRule(after="Question:", before="Answer:")

    def body(document: str, question: str) -> dict[str, Any]:
        return {"model": "m", "messages": [
            {"role": "user", "content": f"{document} Question: {question} Answer: "}]}  # fmt: skip

    assert located(body("Doc one.", "Why?"), rule=rule).text == "Why?"
    assert partition(body("Doc one.", "Why?"), rule=rule) == partition(
        body("Doc one.", "How come?"), rule=rule
    )
    assert partition(body("Doc one.", "Why?"), rule=rule) != partition(
        body("Doc two.", "Why?"), rule=rule
    )


def test_a_text_can_not_pass_for_the_place_of_another() -> None:
    """The same strings in other places are other partitions."""
    parts = [
        [{"type": "text", "text": "Document"}, {"type": "text", "text": "Q"}],
        [{"type": "text", "text": "Q"}],
        "Q",
    ]
    bodies = [{"model": "m", "messages": [{"role": "user", "content": p}]} for p in parts]
    assert len({partition(b) for b in bodies}) == 3
