"""An entry's metadata as msgpack.

A form of its own, apart from `EntryMeta`: an array whose order is the format. New fields go to the
end with a default, so that older and newer sidecars read each other; anything else needs another
version of the envelope.
"""

from __future__ import annotations

import msgspec

from ..domain.api import Api
from ..domain.entry import EntryMeta, Form
from ..domain.ids import EntryId, ExactKey, Fingerprint, TenantId
from ..domain.purge import LogPosition


class _StoredMeta(msgspec.Struct, array_like=True, frozen=True, gc=False):
    id: str
    key: bytes
    api: Api
    tenant: str
    model: str
    fingerprint: str
    form: Form
    created_at: float
    expires_at: float
    position: tuple[int, int]
    body_bytes: int
    tags: tuple[str, ...]
    prompt_tokens: int
    completion_tokens: int
    engine_seconds: float
    policy_version: str
    headers: tuple[tuple[str, str], ...]
    answers: bool = True


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(_StoredMeta)


def pack_meta(meta: EntryMeta) -> bytes:
    """Raises UnicodeError or OverflowError for text or numbers that msgpack can't express."""
    position = meta.position
    return _ENCODER.encode(
        _StoredMeta(
            meta.id,
            meta.key,
            meta.api,
            meta.tenant,
            meta.model,
            meta.fingerprint,
            meta.form,
            meta.created_at,
            meta.expires_at,
            (position.milliseconds, position.sequence),
            meta.body_bytes,
            meta.tags,
            meta.prompt_tokens,
            meta.completion_tokens,
            meta.engine_seconds,
            meta.policy_version,
            meta.headers,
            meta.answers,
        )
    )


def unpack_meta(data: bytes) -> EntryMeta:
    """Raises `msgspec.MsgspecError` for anything that `pack_meta` did not write."""
    try:
        stored = _DECODER.decode(data)
    except UnicodeError as error:
        raise msgspec.DecodeError("not UTF-8") from error
    return EntryMeta(
        EntryId(stored.id),
        ExactKey(stored.key),
        stored.api,
        TenantId(stored.tenant),
        stored.model,
        Fingerprint(stored.fingerprint),
        stored.form,
        stored.created_at,
        stored.expires_at,
        LogPosition(*stored.position),
        stored.body_bytes,
        stored.tags,
        stored.prompt_tokens,
        stored.completion_tokens,
        stored.engine_seconds,
        stored.policy_version,
        stored.headers,
        stored.answers,
    )
