"""When the cache stands aside, by what the request itself says."""

from __future__ import annotations

from typing import Any

import pytest

from llmcache_api import SampledPolicy
from llmcache_sidecar.domain.api import Api
from llmcache_sidecar.domain.request import RequestFacts
from llmcache_sidecar.policy.request_rules import (
    RULES,
    Level,
    RuleSettings,
    Verdict,
    judge_request,
)

from .making import GENERATING, asked

USUAL = RuleSettings()
STORE_ON = RuleSettings(responses_store=True)
EVERYTHING = Verdict(Level.ALL)


def judged(
    facts: RequestFacts, effective: float | None = 0.0, settings: RuleSettings = USUAL
) -> Verdict:
    return judge_request(facts, effective, settings)


@pytest.mark.parametrize("api", Api)
def test_a_usual_request_may_go_all_the_way(api: Api) -> None:
    assert judged(asked(api)) == EVERYTHING


# Temperature.


@pytest.mark.parametrize("api", GENERATING)
@pytest.mark.parametrize(
    ("effective", "details"),
    [(None, ("temperature-unset",)), (0.0, ()), (0, ()), (0.5, ()), (0.8, ()),
     (0.80001, ("temperature",)), (1, ("temperature",)), (2.0, ("temperature",))],
)  # fmt: skip
def test_above_the_limit_each_answer_is_meant_to_differ(
    api: Api, effective: float | None, details: tuple[str, ...]
) -> None:
    level = Level.NONE if details else Level.ALL
    assert judged(asked(api), effective) == Verdict(level, details)


def test_the_limit_can_be_set() -> None:
    cold, hot = RuleSettings(max_temperature=0.0), RuleSettings(max_temperature=2.0)
    assert judged(asked(), 0.0, cold) == EVERYTHING
    assert judged(asked(), 0.00001, cold).details == ("temperature",)
    assert judged(asked(), 2.0, hot) == EVERYTHING


def test_a_seed_does_not_lift_the_limit() -> None:
    assert judged(asked(seed=1), 1.0).details == ("temperature",)


def test_embeddings_know_no_temperature() -> None:
    for effective in (None, 0.0, 2.0):
        assert judged(asked(Api.EMBEDDINGS), effective) == EVERYTHING


# A little random.


@pytest.mark.parametrize(
    ("policy", "level", "details"),
    [(SampledPolicy.CACHE, Level.ALL, ()), (SampledPolicy.EXACT_ONLY, Level.EXACT, ("sampled",)),
     (SampledPolicy.BYPASS, Level.NONE, ("sampled",))],
)  # fmt: skip
def test_whether_one_draw_may_stand_for_all(
    policy: SampledPolicy, level: Level, details: tuple[str, ...]
) -> None:
    settings = RuleSettings(sampled=policy)
    for effective in (0.00001, 0.5, 0.8):
        assert judged(asked(), effective, settings) == Verdict(level, details)
        assert judged(asked(seed=0), effective, settings) == EVERYTHING
    assert judged(asked(), 0.0, settings) == EVERYTHING
    assert judged(asked(), 0.9, settings).details == ("temperature",)
    assert judged(asked(), None, settings).details == ("temperature-unset",)
    assert judged(asked(Api.EMBEDDINGS), None, settings) == EVERYTHING


# State.

STATEFUL: list[tuple[Api, dict[str, Any]]] = [
    *((api, {"kv_transfer_params": {"do_remote_decode": True}}) for api in GENERATING),
    (Api.CHAT, {"ec_transfer_params": {"peer": "x"}}),
    (Api.RESPONSES, {"previous_response_id": "resp_1"}),
    (Api.RESPONSES, {"conversation": "conv_1"}),
    (Api.RESPONSES, {"conversation": {"id": "conv_1"}}),
    (Api.RESPONSES, {"background": True}),
    (Api.RESPONSES, {"include": ["reasoning.encrypted_content"]}),
    (Api.RESPONSES, {"include": ["file_search_call.results", "reasoning.encrypted_content"]}),
    (Api.MESSAGES, {"container": "c"}),
    (Api.MESSAGES, {"mcp_servers": [{"type": "url"}]}),
]
STATELESS: list[tuple[Api, dict[str, Any]]] = [
    (Api.CHAT, {"kv_transfer_params": None}),
    (Api.CHAT, {"previous_response_id": "resp_1"}),
    (Api.RESPONSES, {"previous_response_id": None}),
    (Api.RESPONSES, {"background": False}),
    (Api.RESPONSES, {"include": ["message.output_text.logprobs"]}),
    (Api.RESPONSES, {"include": None}),
    (Api.RESPONSES, {"store": True}),
    (Api.RESPONSES, {"store": None}),
    (Api.CHAT, {"store": True}),
]


@pytest.mark.parametrize(("api", "body"), STATEFUL, ids=str)
def test_what_depends_on_or_leaves_something_outside_is_not_cached(
    api: Api, body: dict[str, Any]
) -> None:
    assert judged(asked(api, **body)) == Verdict(Level.NONE, ("stateful",))


@pytest.mark.parametrize(("api", "body"), STATELESS, ids=str)
def test_what_only_looks_like_state_is_cached(api: Api, body: dict[str, Any]) -> None:
    assert judged(asked(api, **body)) == EVERYTHING


@pytest.mark.parametrize(
    ("body", "cached"), [({}, False), ({"store": True}, False), ({"store": None}, False),
                         ({"store": False}, True)],
)  # fmt: skip
def test_responses_have_state_where_the_engine_keeps_them(
    body: dict[str, Any], cached: bool
) -> None:
    verdict = judged(asked(Api.RESPONSES, **body), 0.0, STORE_ON)
    assert verdict == (EVERYTHING if cached else Verdict(Level.NONE, ("stateful",)))
    for api in (Api.CHAT, Api.MESSAGES, Api.COMPLETIONS, Api.EMBEDDINGS):
        assert judged(asked(api, **body), 0.0, STORE_ON) == EVERYTHING


# Tools that the server runs.


@pytest.mark.parametrize("kind", ["web_search_preview", "code_interpreter", "mcp", "file_search"])
@pytest.mark.parametrize("api", [Api.RESPONSES, Api.MESSAGES])
def test_a_tool_that_the_server_runs_sees_the_world(api: Api, kind: str) -> None:
    tools = [{"type": "function", "name": "f"}, {"type": kind}]
    assert judged(asked(api, tools=tools)) == Verdict(Level.NONE, ("hosted-tools",))


@pytest.mark.parametrize(
    ("api", "tools"),
    [
        (Api.RESPONSES, [{"type": "function", "name": "f"}, {"type": "custom", "name": "g"}]),
        (Api.MESSAGES, [{"name": "f", "input_schema": {}}, {"type": "custom", "name": "g"}]),
        (Api.CHAT, [{"type": "function", "function": {"name": "f"}}]),
        (Api.RESPONSES, []),
        (Api.RESPONSES, None),
        (Api.RESPONSES, "x"),
    ],
)
def test_a_tool_that_the_client_runs_is_only_text(api: Api, tools: Any) -> None:
    assert judged(asked(api, tools=tools)) == EVERYTHING


@pytest.mark.parametrize("tool", [None, "web_search", 5, [], {"type": None}, {"type": ["x"]}])
def test_a_tool_of_an_unknown_shape_is_not_trusted(tool: Any) -> None:
    assert judged(asked(Api.RESPONSES, tools=[tool])).details == ("hosted-tools",)


# Several reasons at once.


def test_the_strictest_rule_decides_and_all_reasons_are_told_in_order() -> None:
    facts = asked(Api.RESPONSES, background=True, tools=[{"type": "mcp"}])
    assert judged(facts, 1.5) == Verdict(Level.NONE, ("stateful", "hosted-tools", "temperature"))
    assert judged(facts, None).details == ("stateful", "hosted-tools", "temperature-unset")
    settings = RuleSettings(sampled=SampledPolicy.EXACT_ONLY)
    assert judged(facts, 0.5, settings) == Verdict(
        Level.NONE, ("stateful", "hosted-tools", "sampled")
    )


def test_every_rule_has_a_case_here() -> None:
    assert [rule.__name__ for rule in RULES] == [
        "stateful",
        "hosted_tools",
        "temperature",
        "sampled",
    ]
