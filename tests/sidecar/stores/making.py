"""Entries and clocks for tests."""

from __future__ import annotations

import secrets
import time
from typing import Any

from llmcache_sidecar.domain.api import Api
from llmcache_sidecar.domain.entry import Entry, EntryMeta, Form
from llmcache_sidecar.domain.ids import EntryId, ExactKey, Fingerprint, TenantId
from llmcache_sidecar.domain.purge import LogPosition


def a_key() -> ExactKey:
    """A key that no other test has."""
    return ExactKey(secrets.token_bytes(32))


def an_entry(body: bytes = b'{"object":"chat.completion"}', **meta: Any) -> Entry:
    """An entry that lives for an hour; every field of its metadata can be set."""
    now = time.time()
    fields: dict[str, Any] = {
        "id": EntryId(secrets.token_hex(16)),
        "key": a_key(),
        "api": Api.CHAT,
        "tenant": TenantId(secrets.token_hex(16)),
        "model": "a/model",
        "fingerprint": Fingerprint("fingerprint-1"),
        "form": Form.WHOLE,
        "created_at": now,
        "expires_at": now + 3600.0,
        "position": LogPosition(1_700_000_000_000, 3),
        "body_bytes": len(body),
        "tags": ("docs", "team-ä"),
        "prompt_tokens": 12,
        "completion_tokens": 34,
        "engine_seconds": 0.75,
        "policy_version": "p7",
        "headers": (("content-type", "application/json"), ("x-one", "1"), ("x-one", "2")),
    }
    fields.update(meta)
    return Entry(EntryMeta(**fields), body)


class HandClock:
    """A clock that moves by hand."""

    def __init__(self, time: float = 1_700_000_000.0, monotonic: float = 100.0) -> None:
        self._time = time
        self._monotonic = monotonic

    def time(self) -> float:
        """Unix time in seconds."""
        return self._time

    def monotonic(self) -> float:
        """Seconds since some moment."""
        return self._monotonic

    def pass_by(self, seconds: float) -> None:
        """Let time pass."""
        self._time += seconds
        self._monotonic += seconds

    def set_back(self, seconds: float) -> None:
        """Wall time goes back; monotonic time never does."""
        self._time -= seconds
