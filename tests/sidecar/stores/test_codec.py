"""What was written comes back byte for byte; what was tampered with does not come back."""

from __future__ import annotations

import base64
import secrets
import struct
from dataclasses import replace
from pathlib import Path
from zlib import crc32

import msgspec
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from llmcache_sidecar.adapters.codec import ID_OFFSET, Codec, decode_meta, meta_span, stored_id
from llmcache_sidecar.adapters.encryption import EncryptionKeyError, KeyRing
from llmcache_sidecar.adapters.observing import Reason
from llmcache_sidecar.adapters.stored_meta import pack_meta, unpack_meta
from llmcache_sidecar.domain.api import Api
from llmcache_sidecar.domain.entry import Entry, EntryMeta, Form
from llmcache_sidecar.domain.ids import EntryId, ExactKey, Fingerprint, TenantId
from llmcache_sidecar.domain.purge import LogPosition
from tests.sidecar.stores.making import a_key, an_entry

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
COUNT = st.integers(0, 2**63 - 1)
NUMBER = st.floats(allow_nan=False)
METAS = st.builds(
    EntryMeta,
    id=TEXT.map(EntryId),
    key=st.binary(min_size=32, max_size=32).map(ExactKey),
    api=st.sampled_from(Api),
    tenant=TEXT.map(TenantId),
    model=TEXT,
    fingerprint=TEXT.map(Fingerprint),
    form=st.sampled_from(Form),
    created_at=NUMBER,
    expires_at=NUMBER,
    position=st.builds(LogPosition, COUNT, COUNT),
    body_bytes=COUNT,
    tags=st.lists(TEXT, max_size=4).map(tuple),
    prompt_tokens=COUNT,
    completion_tokens=COUNT,
    engine_seconds=NUMBER,
    policy_version=TEXT,
    headers=st.lists(st.tuples(TEXT, TEXT), max_size=4).map(tuple),
    answers=st.booleans(),
)
BODIES = st.one_of(
    st.binary(max_size=2000),
    st.tuples(st.binary(max_size=9), st.integers(0, 900)).map(lambda p: p[0] * p[1]),
)
ENTRIES = st.builds(Entry, METAS, BODIES)
RING = KeyRing([b"k" * 32])
CODECS = {"plain": Codec(), "encrypted": Codec(keyring=RING), "small": Codec(compress_from=0)}


def encoded(codec: Codec, entry: Entry) -> bytes:
    data = codec.encode(entry)
    assert data is not None
    return data


@pytest.mark.parametrize("name", CODECS)
@settings(deadline=None)
@given(entry=ENTRIES)
def test_every_entry_comes_back_as_it_was(name: str, entry: Entry) -> None:
    codec = CODECS[name]
    data = encoded(codec, entry)
    assert codec.decode(data, entry.meta.key) == entry
    span = meta_span(data)
    assert span is not None
    assert decode_meta(data[:span]) == entry.meta
    assert decode_meta(data[: span - 1]) is None
    raw = stored_id(entry.meta.id)
    assert data[ID_OFFSET : ID_OFFSET + len(raw)] == raw


@pytest.mark.parametrize("body", [b"", b"short", b"text that repeats " * 200])
def test_every_single_flipped_bit_under_encryption_is_rejected(body: bytes) -> None:
    codec = CODECS["encrypted"]
    entry = an_entry(body)
    data = bytearray(encoded(codec, entry))
    for at in range(len(data)):
        for bit in range(8):
            data[at] ^= 1 << bit
            assert isinstance(codec.decode(bytes(data), entry.meta.key), Reason)
            data[at] ^= 1 << bit
    assert codec.decode(bytes(data), entry.meta.key) == entry


@pytest.mark.parametrize("name", CODECS)
@settings(deadline=None, max_examples=300)
@given(
    entry=ENTRIES,
    cuts=st.lists(
        st.tuples(st.integers(0, 4000), st.integers(0, 40), st.binary(max_size=20)),
        min_size=1,
        max_size=4,
    ),
)
def test_damage_never_raises_and_never_gives_another_entry(
    name: str, entry: Entry, cuts: list[tuple[int, int, bytes]]
) -> None:
    codec = CODECS[name]
    data = encoded(codec, entry)
    for start, length, other in cuts:
        start = start % (len(data) + 1)
        data = data[:start] + other + data[start + length :]
    found = codec.decode(data, entry.meta.key)
    assert isinstance(found, Reason) or found == entry
    decode_meta(data)


@pytest.mark.parametrize("name", CODECS)
@settings(deadline=None)
@given(data=st.binary(max_size=300), version=st.booleans())
def test_any_bytes_at_all_are_read_without_raising(name: str, data: bytes, version: bool) -> None:
    if version:
        data = b"\x01" + data
    assert isinstance(CODECS[name].decode(data, a_key()), Reason)
    decode_meta(data)


@settings(deadline=None, max_examples=300)
@given(entry=ENTRIES, at=st.integers(0, 5000), flip=st.integers(1, 255))
def test_damage_that_a_checksum_was_made_for_is_read_without_raising(
    entry: Entry, at: int, flip: int
) -> None:
    codec = CODECS["small"]
    data = bytearray(encoded(codec, entry))
    data[at % len(data)] ^= flip
    span = meta_span(bytes(data))
    if span is not None and span + 4 <= len(data):
        body_at = span + 4
        whole = crc32(bytes(data[body_at:]), crc32(bytes(data[:span])))
        data[span:body_at] = struct.pack(">I", whole)
    codec.decode(bytes(data), entry.meta.key)
    decode_meta(bytes(data))


def test_bodies_are_compressed_where_it_pays() -> None:
    codec = Codec()
    text, noise, short = b'{"role":"assistant"} ' * 100, secrets.token_bytes(2000), b"a" * 400
    assert len(encoded(codec, an_entry(text))) < 700
    assert noise in encoded(codec, an_entry(noise))
    assert short in encoded(codec, an_entry(short))


def test_a_body_larger_than_the_bound_is_neither_written_nor_read() -> None:
    entry = an_entry(b"x" * 2000)
    assert Codec(max_body_bytes=1999).encode(entry) is None
    assert Codec(max_body_bytes=1999).decode(encoded(Codec(), entry), entry.meta.key) is (
        Reason.TOO_LARGE
    )


@pytest.mark.parametrize("declared", [20, 2_000_000_000, 100_000_000])
def test_a_bomb_is_turned_away_before_it_unfolds(declared: int) -> None:
    codec = Codec(max_body_bytes=1_000_000)
    entry = an_entry()
    body = zstandard.ZstdCompressor().compress(bytes(100_000_000))
    meta = pack_meta(entry.meta)
    raw_id = stored_id(entry.meta.id)
    prefix = b"\x01\x01" + raw_id + struct.pack(">III", len(meta), len(body), declared)
    crc = crc32(body, crc32(meta, crc32(prefix)))
    data = prefix + meta + struct.pack(">I", crc) + body
    assert codec.decode(data, entry.meta.key) in (Reason.TOO_LARGE, Reason.DAMAGED)


def test_metadata_of_an_older_sidecar_lacks_the_newest_fields_and_is_read() -> None:
    meta = an_entry(answers=False).meta
    written = msgspec.msgpack.decode(pack_meta(meta))
    older = unpack_meta(msgspec.msgpack.encode(written[:-1]))
    assert older == replace(meta, answers=True)


def test_another_version_is_of_another_format() -> None:
    entry = an_entry()
    data = b"\x02" + encoded(Codec(), entry)[1:]
    assert Codec().decode(data, entry.meta.key) is Reason.UNKNOWN_FORMAT
    assert decode_meta(data) is None


@pytest.mark.parametrize("name", CODECS)
def test_an_entry_moved_under_another_key_is_refused(name: str) -> None:
    codec = CODECS[name]
    data = encoded(codec, an_entry())
    assert codec.decode(data, a_key()) in (Reason.OTHER_KEY, Reason.NOT_AUTHENTIC)


def test_metadata_and_body_of_two_encrypted_entries_cannot_be_exchanged() -> None:
    codec = CODECS["encrypted"]
    first = an_entry(b"one")
    second = an_entry(b"two", key=first.meta.key)
    one, two = encoded(codec, first), encoded(codec, second)
    span = meta_span(one)
    assert span == meta_span(two)
    assert codec.decode(one[:span] + two[span:], first.meta.key) is Reason.NOT_AUTHENTIC


def test_an_encrypted_body_shows_nothing_of_itself() -> None:
    body = b"the secret answer"
    data = encoded(CODECS["encrypted"], an_entry(body))
    assert body not in data
    assert data != encoded(CODECS["encrypted"], an_entry(body))


def test_with_keys_a_plain_entry_is_refused_and_without_keys_an_encrypted_one() -> None:
    entry = an_entry()
    plain, sealed = (encoded(CODECS[name], entry) for name in ("plain", "encrypted"))
    assert CODECS["encrypted"].decode(plain, entry.meta.key) is Reason.NOT_AUTHENTIC
    assert CODECS["plain"].decode(sealed, entry.meta.key) is Reason.UNKNOWN_KEY


def test_keys_rotate_the_first_writes_and_all_read() -> None:
    old, new = b"o" * 32, b"n" * 32
    entry = an_entry(b"answer")
    by_old = encoded(Codec(keyring=KeyRing([old])), entry)
    both = Codec(keyring=KeyRing([new, old]))
    by_new = encoded(both, entry)
    assert both.decode(by_old, entry.meta.key) == entry
    assert both.decode(by_new, entry.meta.key) == entry
    only_new = Codec(keyring=KeyRing([new]))
    assert only_new.decode(by_new, entry.meta.key) == entry
    assert only_new.decode(by_old, entry.meta.key) is Reason.UNKNOWN_KEY


@pytest.mark.parametrize(
    "write",
    [
        lambda key: key,
        lambda key: key.hex().encode() + b"\n",
        lambda key: base64.b64encode(key) + b"\n",
        lambda key: base64.urlsafe_b64encode(key).rstrip(b"="),
    ],
)
def test_a_key_file_may_be_raw_hex_or_base64(tmp_path: Path, write: object) -> None:
    key = bytes(range(224, 256))
    path = tmp_path / "key"
    path.write_bytes(write(key))  # type: ignore[operator]
    entry = an_entry()
    sealed = encoded(Codec(keyring=KeyRing([key])), entry)
    assert Codec(keyring=KeyRing.from_files([path])).decode(sealed, entry.meta.key) == entry


@pytest.mark.parametrize("content", [b"", b"too short", b"x" * 33, b"zz" * 32])
def test_a_wrong_key_file_is_named_and_its_content_is_not_shown(
    tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "key"
    path.write_bytes(content)
    with pytest.raises(EncryptionKeyError, match="must hold 32 bytes") as caught:
        KeyRing.from_files([path])
    assert str(path) in str(caught.value)
    assert not content or content.decode() not in str(caught.value)


def test_a_missing_key_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(EncryptionKeyError, match="can't be read"):
        KeyRing.from_files([tmp_path / "none"])
    with pytest.raises(EncryptionKeyError, match="at least one"):
        KeyRing.from_files([])


def test_text_that_has_no_utf8_is_left_out() -> None:
    assert Codec().encode(an_entry(model="\ud800")) is None
