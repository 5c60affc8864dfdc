"""A body that would mean something else to us than to the engine gets no key."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmcache_sidecar.keys.lossless import Unparsable, parse_object

from .asking import key_of, quickly


@pytest.mark.parametrize(
    "raw",
    [
        b'{"a":1,"a":1}',
        b'{"a":1,"b":2,"a":3}',
        b'{"x":{"a":1,"a":2}}',
        b'{"x":[{"y":[{"a":1,"a":2}]}]}',
        b'{"a":1,"\\u0061":2}',
        b'{"\\u0061":1,"\\u0061":2}',
        b'{"":1,"":2}',
        b'{"a":":","a":"\\u003a"}',
        b'{"a:":1,"a:":2}',
        b'{"a\\u003a":1,"a:":2}',
        b'{"a\\u003A":1,"a:":2,"c":"\\u003a\\u003a"}',
        b'{"x":"\\u003a\\u003a\\u003a","a":1,"a":2}',
        b'{"a":{"b":1},"a":{"c":":"}}',
        b'{ "a" : 1 , "a" : 1 }',
        '{"\u00e9":1,"\\u00e9":2}'.encode(),
    ],
    ids=repr,
)
def test_a_member_named_twice_is_refused_at_any_depth(raw: bytes) -> None:
    with pytest.raises(Unparsable, match="twice"):
        parse_object(raw)


@pytest.mark.parametrize(
    "raw",
    [
        b'{"a":":","b":"::"}',
        b'{"a:b":"c:d","a":"b"}',
        b'{"a":"\\u003a","b":"\\\\u003a"}',
        b'{"a":{"a":1},"b":{"a":1}}',
        b'{"a":"\\"a\\":1"}',
        b'{"a":"0000000000000000000000"}',
        b'{"a":1.00000000000000000000001}',
        b'{"caf\\u00e9":1,"cafe\\u0301":2}',
    ],
    ids=repr,
)
def test_what_only_looks_suspicious_is_taken(raw: bytes) -> None:
    assert parse_object(raw) == json.loads(raw)


@pytest.mark.parametrize("number", [2**64 - 1, 2**63, 2**63 - 1, -(2**63), 10**18, -1, 0])
def test_an_integer_of_64_bits_is_held(number: int) -> None:
    held = parse_object(b'{"a":[%d]}' % number)["a"][0]
    assert held == number
    assert type(held) is int


@pytest.mark.parametrize("number", [2**64, -(2**63) - 1, 2**65, 10**30, -(10**19)])
def test_an_integer_of_more_bits_is_refused(number: int) -> None:
    with pytest.raises(Unparsable, match="64 bits"):
        parse_object(b'{"a":[%d]}' % number)


@pytest.mark.parametrize("digits", [400, 5000, 200_000])
def test_a_number_of_very_many_digits_is_refused(digits: int) -> None:
    with pytest.raises(Unparsable):
        parse_object(b'{"a":' + b"7" * digits + b"}")


@pytest.mark.parametrize("number", [b"1e400", b"-1e400", b"1" * 400 + b".0", b"1e99999999999"])
def test_a_number_beyond_every_float_is_refused(number: bytes) -> None:
    with pytest.raises(Unparsable):
        parse_object(b'{"a":' + number + b"}")


@pytest.mark.parametrize(
    "raw",
    [b'{"a":NaN}', b'{"a":Infinity}', b'{"a":-Infinity}', b'{"a":nan}', b'{"temperature":NaN}'],
    ids=repr,
)
def test_what_is_no_number_is_refused(raw: bytes) -> None:
    with pytest.raises(Unparsable):
        parse_object(raw)


@pytest.mark.parametrize(
    "raw",
    [
        b'{"a":"\\ud800"}',
        b'{"a":"\\udc00\\ud800"}',
        b'{"\\ud800":1}',
        b'{"a":"x\\ud83d"}',
        b'{"a":"\xff"}',
        b'{"a":"\xc3"}',
        b'{"a":"\xed\xa0\x80"}',
        b'{"a":"\xc0\x80"}',
        b'\xef\xbb\xbf{"a":1}',
        '{"a":1}'.encode("utf-16"),
        '{"a":1}'.encode("utf-32-le"),
        b'{"a":"\n"}',
        b'{"a":"\x00"}',
    ],
    ids=repr,
)
def test_what_is_no_text_is_refused(raw: bytes) -> None:
    with pytest.raises(Unparsable):
        parse_object(raw)


@pytest.mark.parametrize(
    "raw",
    [b"", b" ", b"{", b'{"a":1', b'{"a":1}}', b'{"a":1}{"b":2}', b"[]", b'"a"', b"1", b"null",
     b"true", b"{'a':1}", b'{"a":1,}', b'{"a":01}', b'{"a":+1}', b'{"a":.5}', b'{"a":0x1}',
     b'{"a":1}//', b'{"a"}', b"{a:1}", b"\x00", b'{"a":1}\x00'],
    ids=repr,
)  # fmt: skip
def test_what_is_no_json_object_is_refused(raw: bytes) -> None:
    with pytest.raises(Unparsable):
        parse_object(raw)


@pytest.mark.parametrize(
    "brackets", [(b"[", b"1", b"]"), (b'{"a":', b"1", b"}")], ids=["lists", "objects"]
)
@pytest.mark.parametrize("depth", [253, 254, 255, 300, 1000, 1023, 1024, 1025, 5000, 100_000])
def test_deep_nesting_is_refused_or_gets_a_key_and_never_breaks_anything(
    depth: int, brackets: tuple[bytes, bytes, bytes]
) -> None:
    opening, middle, closing = brackets
    raw = b'{"x":' + opening * depth + middle + closing * depth + b"}"
    try:
        key_of(raw)
    except Unparsable:
        assert depth > 200


def test_usual_nesting_gets_a_key() -> None:
    assert key_of(b'{"x":' + b"[" * 200 + b"]" * 200 + b"}")


def test_an_emoji_of_two_escaped_halves_is_one_character() -> None:
    assert parse_object(b'{"a":"\\ud83d\\ude00"}') == {"a": "\U0001f600"}


# Against the standard library, which sees every pair.


def strictly(raw: str) -> Any:
    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            raise ValueError("twice")
        return found

    def constant(name: str) -> Any:
        raise ValueError(name)

    return json.loads(raw, object_pairs_hook=members, parse_constant=constant)


space = st.text(" \t\r\n", max_size=2)


def escaped(text: str) -> str:
    return '"' + "".join(f"\\u{ord(c):04x}" for c in text) + '"'


name = st.sampled_from(["a", "b", ":", "a:", "", '"', "\u003c", "é"])
written_name = name.flatmap(lambda n: st.sampled_from([json.dumps(n), escaped(n)]))
written_leaf = st.sampled_from(
    ["1", "-0", "1.5", "1e3", "null", "true", '""', '":"', '"a\\u003ab"', '"\\\\u003a"', "NaN",
     "18446744073709551615", "18446744073709551616", "-9223372036854775809",
     "0.1234567890123456789", '"\\"a\\":1"', '"1234567890123456789012"']
)  # fmt: skip


def composed(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    member = st.tuples(space, written_name, space, inner, space).map(
        lambda t: f"{t[0]}{t[1]}{t[2]}:{t[3]}{t[4]}"
    )
    objects = st.lists(member, max_size=4).map(lambda members: "{" + ",".join(members) + "}")
    lists = st.lists(inner, max_size=3).map(lambda items: "[" + ",".join(items) + "]")
    return objects | lists


written = st.recursive(written_leaf, composed, max_leaves=12)
written_object = composed(written).filter(lambda text: text.startswith("{"))


@quickly
@given(written_object)
def test_nothing_is_accepted_that_a_stricter_reader_rejects(text: str) -> None:
    try:
        expected = strictly(text)
    except ValueError:
        with pytest.raises(Unparsable):
            parse_object(text.encode())
        return
    if any(big in text for big in ("18446744073709551616", "-9223372036854775809")):
        with pytest.raises(Unparsable):
            parse_object(text.encode())
        return
    held = parse_object(text.encode())
    assert held == expected
    assert json.dumps(held) == json.dumps(expected)  # 1 is not 1.0, order included
    assert key_of(text)


@quickly
@given(st.binary(max_size=40))
def test_any_bytes_are_parsed_or_refused(raw: bytes) -> None:
    try:
        body = parse_object(raw)
    except Unparsable:
        return
    assert isinstance(body, dict)
