"""Tenants are kept apart by a keyed hash that tells nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmcache_sidecar.keys.tenant import SHARED, TenantHasher, same_digest

from .asking import quickly

KEY = b"0123456789abcdef"


def test_the_key_takes_16_bytes_or_more() -> None:
    with pytest.raises(ValueError, match=r"has 15 bytes; it takes at least 16"):
        TenantHasher(b"0" * 15)
    TenantHasher(b"0" * 16)
    TenantHasher(b"0" * 1000)


def test_a_tenant_has_32_characters_and_not_one_of_its_name() -> None:
    tenant = TenantHasher(KEY).tenant("user", "alice@example.org")
    assert len(tenant) == 32
    assert set(tenant) <= set("0123456789abcdef")


def test_the_same_name_is_the_same_tenant_on_every_replica_with_the_same_key() -> None:
    assert TenantHasher(KEY).tenant("user", "a") == TenantHasher(KEY).tenant("user", "a")
    assert TenantHasher(KEY).tenant("user", "a") != TenantHasher(KEY + b"!").tenant("user", "a")


def test_no_tenant_is_the_shared_one() -> None:
    assert TenantHasher(KEY).tenant("shared") != SHARED


def test_kinds_of_names_are_kept_apart() -> None:
    hasher = TenantHasher(KEY)
    assert hasher.tenant("user", "a") != hasher.tenant("header", "a")


names = st.lists(st.text("ab:0123\0-", max_size=5), max_size=3).map(tuple)


@quickly
@given(names, names)
def test_names_never_run_into_each_other(one: tuple[str, ...], other: tuple[str, ...]) -> None:
    hasher = TenantHasher(KEY)
    assert (hasher.tenant("user", *one) == hasher.tenant("user", *other)) == (one == other)


def test_a_header_of_any_bytes_names_a_tenant() -> None:
    hasher = TenantHasher(KEY)
    raw = b"\xff".decode("utf-8", "surrogateescape")
    assert hasher.tenant("header", raw) != hasher.tenant("header", "\u00ff")
    assert hasher.credential(raw) != hasher.credential("\u00ff")


def test_a_credential_is_told_apart_from_every_other() -> None:
    hasher = TenantHasher(KEY)
    digests = {hasher.credential(key) for key in ("", "a", "b", "ab", "a ")}
    assert len(digests) == 5
    assert TenantHasher(KEY + b"!").credential("a") not in digests
    assert same_digest(hasher.credential("a"), hasher.credential("a"))
    assert not same_digest(hasher.credential("a"), hasher.credential("b"))
