"""The sections of the semantic level, of the vector stores and of the policy: what goes together."""

from __future__ import annotations

from typing import Any

import pytest

from llmcache_api import ConfigError, SidecarConfig


def parse(**cache: Any) -> SidecarConfig:
    stores = cache.pop("stores", {})
    return SidecarConfig.parse(
        {"upstream": {"url": "http://e"}, "responseCache": cache, "stores": stores}
    )


def embedding(**fields: Any) -> dict[str, Any]:
    return {"semantic": {"embedding": fields}}


def query(**fields: Any) -> dict[str, Any]:
    return {"semantic": {"query": fields}}


@pytest.mark.parametrize(
    ("cache", "told"),
    [
        (embedding(source="Folder"), "takes `path` with source Folder"),
        (embedding(path="/m"), "takes `path` with source Folder"),
        (embedding(source="Endpoint", model="m"), "takes `url` with source Endpoint"),
        (embedding(source="Endpoint", url="http://e"), "takes `model` with source Endpoint"),
        (embedding(source="Bundled", model="m"), "takes `model` with source Hub or Endpoint"),
        (embedding(source="Hub", apiKeyFile="k"), "`apiKeyFile` and `caFile` with source Endpoint"),
        (embedding(runtime="SentenceTransformers"), "with source Folder or Hub"),
        (embedding(source="Endpoint", model="m", url="http://u:p@e"), "without credentials"),
        (embedding(source="Endpoint", model="m", url="ftp://e"), "http or https"),
        (embedding(threads=0), "threads"),
        (query(**{"from": "Regex"}), "takes `pattern` with from Regex"),
        (query(pattern="(?P<query>a)"), "takes `pattern` with from Regex"),
        (query(**{"from": "Regex", "pattern": "("}), "this one is wrong"),
        (query(**{"from": "Regex", "pattern": "a"}), "a group named query"),
        (query(**{"from": "JSONPointer"}), "takes `pointer` with from JSONPointer"),
        (query(**{"from": "JSONPointer", "pointer": "messages"}), "pointer"),
        ({"semantic": {"threshold": 0}}, "semantic.threshold"),
        ({"semantic": {"threshold": 1.1}}, "semantic.threshold"),
        ({"semantic": {"candidates": 33}}, "semantic.candidates"),
        ({"policy": {"bypass": ["Gossip"]}}, "Gossip is none of them"),
        ({"policy": {"custom": [{"name": "x y", "examples": ["a"]}]}}, "custom"),
        ({"policy": {"custom": [{"name": "Legal", "examples": []}]}}, "examples"),
        ({"stores": {"vectors": {"qdrant": {"url": "http://q"},
                                 "pgvector": {"dsn": "postgresql://p/d"}}}}, "not both"),
        ({"stores": {"vectors": {"qdrant": {"url": "qdrant:6333"}}}}, "qdrant.url"),
        ({"stores": {"vectors": {"pgvector": {"dsn": "mysql://p/d"}}}}, "pgvector.dsn"),
    ],
)  # fmt: skip
def test_what_does_not_go_together_is_refused(cache: dict[str, Any], told: str) -> None:
    with pytest.raises(ConfigError) as refused:
        parse(**cache)
    assert told in str(refused.value)


@pytest.mark.parametrize(
    "cache",
    [
        embedding(source="Hub"),
        embedding(source="Hub", model="a/b", runtime="SentenceTransformers"),
        embedding(source="Folder", path="/m", threads=4),
        embedding(source="Endpoint", model="m", url="https://e/v1", apiKeyFile="k", caFile="c"),
        query(after="Q:", before="A:"),
        query(**{"from": "JSONPointer", "pointer": "/messages/-/content"}),
        {"semantic": {"mode": False}},
        {"policy": {"bypass": ["Personal", "Temporal", "Financial", "Code"]}},
    ],
    ids=str,
)
def test_what_goes_together_is_taken(cache: dict[str, Any]) -> None:
    parse(**cache)


def test_the_least_that_is_said_means_the_bundled_model_and_vectors_in_the_process() -> None:
    config = parse()
    semantic = config.response_cache.semantic
    assert (semantic.mode.value, semantic.threshold) == ("Serve", None)
    assert semantic.embedding.source.value == "Bundled"
    assert not semantic.query.set_on_purpose
    assert config.stores.vectors.qdrant is None
    assert config.stores.vectors.pgvector is None
