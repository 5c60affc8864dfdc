"""Durations, sizes, percentages and addresses: what they take, and how they are shown."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from llmcache_api import ConfigError, SidecarConfig
from llmcache_api.base import Duration, Percent, Size

quickly = settings(max_examples=150, deadline=None)
durations: TypeAdapter[float] = TypeAdapter(Duration)
sizes: TypeAdapter[int] = TypeAdapter(Size)
percents: TypeAdapter[float] = TypeAdapter(Percent)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("500ms", 0.5), ("90s", 90.0), ("30m", 1800.0), ("1h", 3600.0), ("7d", 604_800.0), ("0", 0.0),
     ("0s", 0.0), ("0ms", 0.0), (0, 0.0), (0.0, 0.0), ("366d", 366 * 86400.0), ("007s", 7.0)],
)  # fmt: skip
def test_a_duration_is_a_number_with_its_unit(text: Any, seconds: float) -> None:
    assert durations.validate_python(text) == seconds


@pytest.mark.parametrize(
    "value",
    ["", "5", 5, 1.5, "1.5h", "1 h", "1H", "-1s", "h", "1h30m", "1w", "1h\n", " 1h", True, False,
     None, [], "367d", "9999999999s", "1\u0663s", "infs"],
    ids=repr,
)  # fmt: skip
def test_anything_else_is_no_duration(value: Any) -> None:
    with pytest.raises(ValidationError):
        durations.validate_python(value)


@quickly
@given(st.integers(0, 366 * 86_400_000))
def test_a_duration_is_shown_as_it_is_read(milliseconds: int) -> None:
    seconds = durations.validate_python(f"{milliseconds}ms") if milliseconds < 10**9 else (
        durations.validate_python(f"{milliseconds // 1000}s")
    )  # fmt: skip
    shown = durations.dump_python(seconds)
    assert durations.validate_python(shown) == seconds
    assert durations.dump_python(durations.validate_python(shown)) == shown


@pytest.mark.parametrize(
    ("milliseconds", "shown"),
    [(0, "0s"), (1, "1ms"), (1000, "1s"), (90_000, "90s"), (60_000, "1m"), (3_600_000, "1h"),
     (86_400_000, "1d"), (90_000_000, "25h"), (1500, "1500ms")],
)  # fmt: skip
def test_a_duration_is_shown_in_its_largest_whole_unit(milliseconds: int, shown: str) -> None:
    assert durations.dump_python(milliseconds / 1000) == shown


@pytest.mark.parametrize(
    ("text", "size"),
    [("64Mi", 64 * 1024**2), ("1Ki", 1024), ("1Gi", 1024**3), ("5", 5), (5, 5), (0, 0), ("0", 0),
     ("1024Gi", 1024**4)],
)  # fmt: skip
def test_a_size_is_bytes_or_with_a_binary_unit(text: Any, size: int) -> None:
    assert sizes.validate_python(text) == size


@pytest.mark.parametrize(
    "value",
    ["", "64M", "64MB", "1.5Gi", "64 Mi", "64mi", "-1", -1, 1.5, True, False, None, [], "1025Gi",
     "64Mi\n", 1024**4 + 1, "Mi"],
    ids=repr,
)  # fmt: skip
def test_anything_else_is_no_size(value: Any) -> None:
    with pytest.raises(ValidationError):
        sizes.validate_python(value)


@quickly
@given(st.integers(0, 2**20), st.sampled_from(["", "Ki", "Mi"]))
def test_a_size_is_shown_as_it_is_read(number: int, unit: str) -> None:
    size = sizes.validate_python(f"{number}{unit}")
    assert sizes.validate_python(sizes.dump_python(size)) == size
    assert size == number * {"": 1, "Ki": 1024, "Mi": 1024**2}[unit]


def test_every_step_of_a_tenth_of_a_percent_is_taken() -> None:
    for tenths in range(1001):
        assert percents.validate_python(float(f"{tenths / 10:.1f}")) == tenths / 10


@pytest.mark.parametrize("value", [0.05, 33.33, -0.1, 100.1, float("nan"), float("inf"), "x", None])
def test_anything_else_is_no_percentage(value: Any) -> None:
    with pytest.raises(ValidationError):
        percents.validate_python(value)


@pytest.mark.parametrize(
    "listen", ["127.0.0.1:8080", ":8080", "[::1]:80", "localhost:0", "a-b.c_d:65535"]
)
def test_an_address_is_a_host_and_a_port(listen: str) -> None:
    assert SidecarConfig.parse({"upstream": {"url": "http://e"}, "listen": listen}).listen == listen


@pytest.mark.parametrize(
    "listen",
    ["8080", "127.0.0.1", "a:", "::1:80", "a:b", "a:65536", "a:123456", "http://a:1", 80, ""],
)
def test_anything_else_is_no_address(listen: Any) -> None:
    with pytest.raises(ConfigError, match="listen: got"):
        SidecarConfig.parse({"upstream": {"url": "http://e"}, "listen": listen})


@pytest.mark.parametrize(
    ("url", "kept"),
    [("http://127.0.0.1:8000", "http://127.0.0.1:8000"), ("https://engine/", "https://engine"),
     ("http://engine/base/", "http://engine/base"), ("http://[::1]:8000", "http://[::1]:8000")],
)  # fmt: skip
def test_the_engine_has_an_http_url(url: str, kept: str) -> None:
    assert SidecarConfig.parse({"upstream": {"url": url}}).upstream.url == kept


@pytest.mark.parametrize(
    "url",
    ["", "engine:8000", "ftp://engine", "http://", "http://engine:port", "http://engine:99999",
     "http://[::1", "http://user@engine", "http://user:secret@engine", "http://engine?x=1",
     "http://engine#x", "//engine", 5, None],
)  # fmt: skip
def test_anything_else_is_no_url_of_an_engine(url: Any) -> None:
    with pytest.raises(ConfigError, match=r"upstream\.url: got .*; takes"):
        SidecarConfig.parse({"upstream": {"url": url}})
