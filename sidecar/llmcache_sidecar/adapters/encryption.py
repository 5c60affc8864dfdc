"""Keys for bodies at rest: AES-256-GCM, with rotation."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from hashlib import sha256
from os import urandom
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_ID_BYTES: Final = 4
NONCE_BYTES: Final = 12
SEAL_BYTES: Final = KEY_ID_BYTES + NONCE_BYTES
_KEY_BYTES: Final = 32


class EncryptionKeyError(ValueError):
    """A key file can't be used; the message names the file and says what it should hold."""


class UnknownKeyError(Exception):
    """Sealed with a key that this ring does not hold."""


class NotAuthenticError(Exception):
    """Changed since it was sealed, or sealed for another place."""


class KeyRing:
    """Encrypts with its first key, decrypts with any: put a new key first, keep the old one until
    everything it sealed has expired, then drop it.

    Nonces are random (96 bits): rotate a key before it has sealed 2**32 bodies.
    """

    def __init__(self, keys: Sequence[bytes]) -> None:
        """Take raw keys of 32 bytes each, at least one."""
        try:
            from cryptography.hazmat.primitives.ciphers.aead import AESGCM
        except ImportError:
            raise EncryptionKeyError(
                "encryption of stored bodies needs the extra 'encryption': "
                "install llmcache[encryption]"
            ) from None
        if not keys:
            raise EncryptionKeyError("encryption of stored bodies needs at least one key")
        if any(len(key) != _KEY_BYTES for key in keys):
            raise EncryptionKeyError(f"an encryption key has {_KEY_BYTES} bytes")
        named = [(sha256(b"llmcache key id\0" + key).digest()[:KEY_ID_BYTES], key) for key in keys]
        self._first = named[0][0]
        self._ciphers: dict[bytes, AESGCM] = {name: AESGCM(key) for name, key in named}

    @classmethod
    def from_files(cls, paths: Sequence[str | Path]) -> KeyRing:
        """Read one key a file: 32 raw bytes, or their hex or base64 as text."""
        return cls([_read_key(Path(path)) for path in paths])

    def seal(self, body: bytes, context: bytes) -> tuple[bytes, bytes]:
        """Encrypt `body`, bound to `context`: the seal (key id and nonce) and the ciphertext."""
        nonce = urandom(NONCE_BYTES)
        return self._first + nonce, self._ciphers[self._first].encrypt(nonce, body, context)

    def open(self, seal: bytes, ciphertext: bytes, context: bytes) -> bytes:
        """The body again; raises `UnknownKeyError` or `NotAuthenticError`."""
        from cryptography.exceptions import InvalidTag

        cipher = self._ciphers.get(seal[:KEY_ID_BYTES])
        if cipher is None:
            raise UnknownKeyError
        try:
            return cipher.decrypt(seal[KEY_ID_BYTES:], ciphertext, context)
        except InvalidTag:
            raise NotAuthenticError from None


def _read_key(path: Path) -> bytes:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise EncryptionKeyError(
            f"the encryption key file {path} can't be read: {error.strerror}"
        ) from None
    if len(data) == _KEY_BYTES:
        return data
    text = b"".join(data.split())
    for decode in (binascii.unhexlify, _base64):
        try:
            key = decode(text)
        except ValueError:
            continue
        if len(key) == _KEY_BYTES:
            return key
    raise EncryptionKeyError(
        f"the encryption key file {path} must hold {_KEY_BYTES} bytes, raw or as hex or base64 "
        "(for instance the output of: openssl rand -base64 32)"
    )


def _base64(text: bytes) -> bytes:
    padded = text + b"=" * (-len(text) % 4)
    return base64.b64decode(
        padded, altchars=b"-_" if b"-" in text or b"_" in text else None, validate=True
    )
