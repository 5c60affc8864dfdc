"""A stored answer with places: the old values give the old bytes, new ones stand only there."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from llmcache_sidecar.streaming.template import (
    Fresh,
    Place,
    Slot,
    TemplateBuilder,
    random_length,
    renewed,
    whole_template,
)

quickly = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
NONCE = "0123456789abcdef" * 2

text = st.text(max_size=10) | st.sampled_from(
    [NONCE, f'"{NONCE}000000"', f"{NONCE[:-1]}", '"', "\\"]
)
leaf = st.none() | st.booleans() | st.integers(0, 9) | text.filter(lambda t: NONCE not in t)
anything = st.recursive(
    leaf, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(leaf.map(str), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
hexadecimal = st.text("0123456789abcdef", min_size=16, max_size=20)
parts = st.lists(
    st.tuples(st.sampled_from(["call_", "chatcmpl-tool-", ""]), hexadecimal), max_size=4
)


def a_document(parts: list[tuple[str, str]], other: Any) -> tuple[dict[str, Any], list[Place]]:
    items = [{"id": prefix + tail, "x": other} for prefix, tail in parts]
    document = {"id": "chatcmpl-1", "created": 1700000000, "x": other, "items": items, "y": other}
    places = [Place(document, "id", Slot.RESPONSE_ID), Place(document, "created", Slot.TIME)]
    return document, places + [Place(item, "id", Slot.ITEM_ID) for item in items]


@quickly
@given(parts, anything)
def test_the_old_values_give_the_old_bytes(given_parts: list[tuple[str, str]], other: Any) -> None:
    document, places = a_document(given_parts, other)
    old = iter(dict.fromkeys(given_parts))
    template = whole_template(document, places, NONCE)
    fresh = Fresh("chatcmpl-1", 1700000000, lambda _: next(old)[1])
    assert template.render(fresh) == orjson.dumps(document)


@quickly
@given(parts, anything)
def test_documents_are_left_as_they_were(given_parts: list[tuple[str, str]], other: Any) -> None:
    document, places = a_document(given_parts, other)
    before = orjson.dumps(document)
    whole_template(document, places, NONCE)
    assert orjson.dumps(document) == before


@pytest.mark.parametrize("nonce", ["a", "ab12", NONCE])
def test_what_looks_like_the_nonce_in_a_text_is_only_told_from_a_place_by_the_quotation_mark(
    nonce: str,
) -> None:
    document = {"id": "x", "text": f"{nonce[1:]}000000 {nonce[:-1]}"}
    template = whole_template(document, [Place(document, "id", Slot.RESPONSE_ID)], nonce)
    assert orjson.loads(template.render(Fresh("new", 0, str))) == {**document, "id": "new"}


def test_a_template_without_places_is_its_bytes() -> None:
    builder = TemplateBuilder(NONCE)
    builder.add_bytes(b": ping\n\n")
    builder.add_bytes(b"data: [DONE]\n\n")
    template = builder.build()
    assert template.render(Fresh("x", 0, str)) == b": ping\n\ndata: [DONE]\n\n"
    assert template.random == 32


def test_a_new_id_is_escaped_as_json() -> None:
    document = {"id": "x"}
    template = whole_template(document, [Place(document, "id", Slot.RESPONSE_ID)], NONCE)
    for mean in ('a"b', "a\\b", "\n", "é", "</script>"):
        assert orjson.loads(template.render(Fresh(mean, 0, str))) == {"id": mean}


def test_equal_old_ids_get_equal_new_ones_throughout_and_others_get_others() -> None:
    builder = TemplateBuilder(NONCE)
    for name in ("call_a", "call_b", "call_a"):
        document = {"id": name}
        builder.add_document(document, [Place(document, "id", Slot.ITEM_ID)])
        builder.add_bytes(b"\n")
    numbers = iter(range(100))
    lines = builder.build().render(Fresh("", 0, lambda n: f"{next(numbers):0{n}d}")).split()
    assert lines[0] == lines[2] != lines[1]


def test_the_new_id_is_as_long_as_the_answers_own_and_not_as_an_items() -> None:
    item = {"id": "call_" + "b" * 24}
    document = {"id": "chatcmpl-" + "a" * 16, "item": item}
    places = [Place(item, "id", Slot.ITEM_ID),
              Place(document, "id", Slot.RESPONSE_ID)]  # fmt: skip
    assert whole_template(document, places, NONCE).random == 16


@pytest.mark.parametrize("value", [None, "5", True, [], {}])
def test_a_time_that_is_no_number_stays(value: Any) -> None:
    document = {"created": value}
    template = whole_template(document, [Place(document, "created", Slot.TIME)], NONCE)
    assert orjson.loads(template.render(Fresh("", 7, str))) == document


def test_memory_is_counted() -> None:
    document = {"id": "x", "text": "y" * 1000}
    template = whole_template(document, [Place(document, "id", Slot.RESPONSE_ID)], NONCE)
    assert 1000 < template.nbytes < 2000


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("chatcmpl-tool-a63a31ef17721781", "chatcmpl-tool-ffffffffffffffff"),
        ("call_0123456789abcdef01234567", "call_" + "f" * 24),
        ("msg_a8aa437667457446", "msg_" + "f" * 16),
        ("xL3kq9ZtB", "f" * 9),  # Mistral takes back nothing but 9 letters and digits
        ("call_1", "call_" + "f" * 16),
        ("1", "f" * 16),
        ("functions.get_weather:0", "functions.get_weather:0"),  # Kimi's model reads it
        ("functions.get-weather:12", "functions.get-weather:12"),
    ],
)
def test_an_id_keeps_its_kind(old: str, new: str) -> None:
    assert renewed(old, lambda length: "f" * length) == new


@pytest.mark.parametrize(
    ("old", "length"),
    [("chatcmpl-badcb7a1b903832e", 16), ("resp_" + "a" * 32, 32), ("chatcmpl-my-own-id", 32),
     ("", 32), ("chatcmpl-", 32), ("x", 32), ("a" * 20, 20)],
)  # fmt: skip
def test_a_new_answers_id_is_as_long_as_the_engines(old: str, length: int) -> None:
    assert random_length(old) == length
