"""Entries as bytes: an envelope whose metadata can be read without the body.

    version | flags | id length | id | metadata, stored and raw length | metadata | seal | body
    1 byte    1       1                3 x 4, big endian                 msgpack    see below

The metadata is never encrypted (it holds no prompt and no answer). The seal of a plain envelope is
a CRC-32 over everything else; that of an encrypted one is key id and nonce, and the body is bound
to the exact key and to every byte before the seal, so neither can be swapped or changed.
"""

from __future__ import annotations

import struct
import threading
from hashlib import sha256
from typing import Final
from zlib import crc32

import msgspec
import zstandard

from ..domain.entry import Entry, EntryMeta
from ..domain.ids import EntryId, ExactKey
from .encryption import SEAL_BYTES, KeyRing, NotAuthenticError, UnknownKeyError
from .observing import Reason
from .stored_meta import pack_meta, unpack_meta

_VERSION: Final = 1
_COMPRESSED: Final = 1
_ENCRYPTED: Final = 2
_LENGTHS: Final = struct.Struct(">III")
_CRC: Final = struct.Struct(">I")
_FIXED: Final = 3 + _LENGTHS.size
_META_LIMIT: Final = 1 << 20
_PAYS: Final = 0.9
_MIB: Final = 1 << 20

ID_OFFSET: Final = 2
"""Where `stored_id` is found in an envelope."""


class _Zstd(threading.local):
    """Compressors serve one thread at a time."""

    def __init__(self, level: int) -> None:
        self.compress = zstandard.ZstdCompressor(level=level).compress
        self.decompress = zstandard.ZstdDecompressor().decompress


class Codec:
    """Turns entries into bytes and back; what can't be read back is a `Reason`, never an exception.

    May be used from several threads.

    Attributes:
        max_body_bytes: larger bodies are neither written nor read.
    """

    def __init__(
        self,
        *,
        max_body_bytes: int = 4 * _MIB,
        keyring: KeyRing | None = None,
        compress_from: int = 512,
        level: int = 3,
    ) -> None:
        """Say how to write.

        Args:
            keyring: encrypts bodies. With one, envelopes that are not encrypted are refused: who
                can write to the store could otherwise plant answers.
            compress_from: bodies of fewer bytes stay as they are, as do those that shrink by less
                than a tenth.
            level: of zstd.
        """
        self.max_body_bytes = max_body_bytes
        self._keyring = keyring
        self._compress_from = compress_from
        self._zstd = _Zstd(level)

    def encode(self, entry: Entry) -> bytes | None:
        """The envelope, or None when the entry is too large or can't be expressed."""
        raw = entry.body
        try:
            entry_id = entry.meta.id.encode()
            meta = pack_meta(entry.meta)
        except (UnicodeError, OverflowError):
            return None
        if len(raw) > self.max_body_bytes or len(meta) > _META_LIMIT or len(entry_id) > 255:
            return None
        flags = 0
        body = raw
        if len(raw) >= self._compress_from:
            smaller = self._zstd.compress(raw)
            if len(smaller) < _PAYS * len(raw):
                flags, body = _COMPRESSED, smaller
        if self._keyring is None:
            prefix = _prefix(flags, entry_id, len(meta), len(body), len(raw))
            return b"".join((prefix, meta, _CRC.pack(_checksum(prefix, meta, body)), body))
        stored = len(body) + 16
        prefix = _prefix(flags | _ENCRYPTED, entry_id, len(meta), stored, len(raw))
        seal, body = self._keyring.seal(body, _context(prefix, meta, entry.meta.key))
        return b"".join((prefix, meta, seal, body))

    def decode(self, data: bytes, key: ExactKey) -> Entry | Reason:
        """The entry that was stored under `key`, or why there is none."""
        if len(data) < _FIXED or data[0] != _VERSION or data[1] & ~(_COMPRESSED | _ENCRYPTED):
            return Reason.UNKNOWN_FORMAT
        flags = data[1]
        meta_at = _FIXED + data[2]
        if len(data) < meta_at:
            return Reason.DAMAGED
        meta_bytes, stored_bytes, raw_bytes = _LENGTHS.unpack_from(data, meta_at - _LENGTHS.size)
        seal_at = meta_at + meta_bytes
        body_at = seal_at + (SEAL_BYTES if flags & _ENCRYPTED else _CRC.size)
        if len(data) != body_at + stored_bytes:
            return Reason.DAMAGED
        if raw_bytes > self.max_body_bytes:
            return Reason.TOO_LARGE
        prefix, packed = data[:meta_at], data[meta_at:seal_at]
        body = self._unseal(flags, prefix, packed, data[seal_at:body_at], data[body_at:], key)
        if isinstance(body, Reason):
            return body
        try:
            meta = unpack_meta(packed)
        except msgspec.MsgspecError:
            return Reason.DAMAGED
        if meta.key != key:
            return Reason.OTHER_KEY
        if flags & _COMPRESSED:
            whole = self._decompress(body, raw_bytes)
            if whole is None:
                return Reason.DAMAGED
            body = whole
        if len(body) != raw_bytes or prefix[3 : 3 + data[2]] != meta.id.encode():
            return Reason.DAMAGED
        return Entry(meta, body)

    def _unseal(
        self, flags: int, prefix: bytes, meta: bytes, seal: bytes, body: bytes, key: ExactKey
    ) -> bytes | Reason:
        if not flags & _ENCRYPTED:
            if self._keyring is not None:
                return Reason.NOT_AUTHENTIC
            return body if _CRC.pack(_checksum(prefix, meta, body)) == seal else Reason.DAMAGED
        if self._keyring is None:
            return Reason.UNKNOWN_KEY
        try:
            return self._keyring.open(seal, body, _context(prefix, meta, key))
        except UnknownKeyError:
            return Reason.UNKNOWN_KEY
        except NotAuthenticError:
            return Reason.NOT_AUTHENTIC

    def _decompress(self, body: bytes, raw_bytes: int) -> bytes | None:
        """The body, if the frame says itself that it is as large as declared: no more is made."""
        try:
            if zstandard.frame_content_size(body) != raw_bytes:
                return None
            return self._zstd.decompress(body, allow_extra_data=False)
        except zstandard.ZstdError:
            return None


def meta_span(data: bytes) -> int | None:
    """How many of an envelope's first bytes hold all its metadata; None for no envelope."""
    if len(data) < 3 or data[0] != _VERSION:
        return None
    meta_at = _FIXED + data[2]
    if len(data) < meta_at:
        return None
    meta_bytes: int = _LENGTHS.unpack_from(data, meta_at - _LENGTHS.size)[0]
    return meta_at + meta_bytes if meta_bytes <= _META_LIMIT else None


def decode_meta(data: bytes) -> EntryMeta | None:
    """The metadata from an envelope's first bytes; None when they don't hold it, whole and well.

    Nothing vouches for it: good for lists, not for serving.
    """
    span = meta_span(data)
    if span is None or len(data) < span:
        return None
    try:
        return unpack_meta(data[_FIXED + data[2] : span])
    except msgspec.MsgspecError:
        return None


def stored_id(entry_id: EntryId) -> bytes:
    """What stands at `ID_OFFSET` of an envelope that holds this entry."""
    raw = entry_id.encode(errors="surrogatepass")
    return bytes((min(len(raw), 255),)) + raw


def _prefix(flags: int, entry_id: bytes, meta: int, stored: int, raw: int) -> bytes:
    head = bytes((_VERSION, flags, len(entry_id)))
    return head + entry_id + _LENGTHS.pack(meta, stored, raw)


def _checksum(prefix: bytes, meta: bytes, body: bytes) -> int:
    return crc32(body, crc32(meta, crc32(prefix)))


def _context(prefix: bytes, meta: bytes, key: ExactKey) -> bytes:
    """What an encrypted body is bound to; the prefix holds the entry's id and all lengths."""
    return b"".join((b"llmcache body\0", sha256(key).digest(), sha256(meta).digest(), prefix))
