"""What the client itself asks of the cache, in its headers."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llmcache_sidecar.policy.wishes import MAX_TAGS, NO_WISHES, Wishes, read_tags, read_wishes

quickly = settings(max_examples=100, deadline=None)


@pytest.mark.parametrize(
    ("header", "wishes"),
    [
        ("", NO_WISHES),
        ("no-cache", Wishes(no_cache=True)),
        ("no-store", Wishes(no_store=True)),
        ("only-if-cached", Wishes(only_if_cached=True)),
        ("max-age=60", Wishes(max_age=60.0)),
        ("max-age=0", Wishes(max_age=0.0)),
        ("NO-CACHE, No-Store", Wishes(no_cache=True, no_store=True)),
        ("MAX-AGE=5", Wishes(max_age=5.0)),
        ('max-age="60"', Wishes(max_age=60.0)),
        ('no-cache="Set-Cookie"', Wishes(no_cache=True)),
        ("  no-cache ,,, no-store , ", Wishes(no_cache=True, no_store=True)),
        ("\tno-cache\t,\tmax-age=7\t", Wishes(no_cache=True, max_age=7.0)),
        ("max-age = 60", Wishes(max_age=60.0)),
        ("max-age=60, max-age=5", Wishes(max_age=60.0)),
        ("no-cache, no-cache", Wishes(no_cache=True)),
        ("no-transform, stale-if-error=5, x=y", NO_WISHES),
        ("max-stale=60, min-fresh=60", NO_WISHES),
        ('private="a, no-store, b", no-cache', Wishes(no_cache=True)),
        ('x="max-age=5"', NO_WISHES),
        ("x=no-store", NO_WISHES),
        ("no-cached", NO_WISHES),
        ("xno-cache", NO_WISHES),
        ("x_no-cache", NO_WISHES),
        ("2no-store", NO_WISHES),
        ("my.only-if-cached", NO_WISHES),
        ("no cache", NO_WISHES),
        ("no-cache no-store", NO_WISHES),
        ("no-cache; no-store", NO_WISHES),
        ("=5, no-cache", Wishes(no_cache=True)),
        (",", NO_WISHES),
        ("=", NO_WISHES),
        ('"', NO_WISHES),
    ],
)
def test_directives(header: str, wishes: Wishes) -> None:
    assert read_wishes(header) == wishes


@pytest.mark.parametrize(
    "age", ["", "-1", "1.5", "abc", "1e3", "\uff10", "\u0663", "6 0", "0x10", "+5", '""', "\u00b2"]
)
def test_an_age_that_is_no_number_of_seconds_counts_as_zero(age: str) -> None:
    assert read_wishes(f"max-age={age}").max_age == 0.0
    assert read_wishes("max-age").max_age == 0.0


@pytest.mark.parametrize("digits", ["2147483648", "9" * 12, "9" * 13, "9" * 5000])
def test_a_huge_age_is_a_long_time(digits: str) -> None:
    assert read_wishes(f"max-age={digits}").max_age == 2.0**31


@quickly
@given(st.text(max_size=60) | st.text('no-cache,="\\ \tstrmxg0', max_size=60))
def test_any_header_is_read(header: str) -> None:
    wishes = read_wishes(header)
    assert wishes.max_age is None or 0 <= wishes.max_age <= 2**31


HEADER_BYTES = 64_000


@pytest.mark.parametrize(
    "header",
    ["a" * HEADER_BYTES + " b", " " * HEADER_BYTES + "=", "a " * (HEADER_BYTES // 2) + "=",
     "-" * HEADER_BYTES + "\x01", '"' * (HEADER_BYTES + 1), 'a="' * (HEADER_BYTES // 3),
     "," * HEADER_BYTES, "a=" * (HEADER_BYTES // 2), '"\\' * (HEADER_BYTES // 2)],
    ids=["name", "space", "names", "dashes", "quotes", "openings", "commas", "values", "escapes"],
)  # fmt: skip
def test_no_header_keeps_the_event_loop_busy(header: str) -> None:
    """Whoever makes the pattern go back over what it has read will wait for minutes here."""
    assert not read_wishes(header).no_cache
    assert read_tags(header) is None or not header.strip(" ,")


# Tags.


@pytest.mark.parametrize(
    ("header", "tags"),
    [
        ("", ()),
        (" , ,", ()),
        ("docs-v3", ("docs-v3",)),
        ("docs-v3, team:a/b@c.d_e", ("docs-v3", "team:a/b@c.d_e")),
        ("a,b,a", ("a", "b")),
        ("Docs,docs", ("Docs", "docs")),
        ("7", ("7",)),
        ("x" * 64, ("x" * 64,)),
    ],
)
def test_tags(header: str, tags: tuple[str, ...]) -> None:
    assert read_tags(header) == tags


@pytest.mark.parametrize(
    "header",
    ["x" * 65, "a b", "-a", ".a", "a\nb", "a;b", "é", "a,é", '"a"', "a\0", "a*", "a,b c"],
    ids=repr,
)
def test_a_tag_that_a_purge_could_not_name_stops_the_storing(header: str) -> None:
    assert read_tags(header) is None


def test_there_are_at_most_sixteen_different_tags() -> None:
    tags = tuple(f"t{n}" for n in range(MAX_TAGS))
    assert read_tags(",".join(tags + tags)) == tags
    assert read_tags(",".join((*tags, "one-more"))) is None
