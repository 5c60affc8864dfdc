"""Questions beside their vectors: as they are, or encrypted where bodies are."""

from __future__ import annotations

from typing import Final

from ..domain.ids import ExactKey
from .encryption import SEAL_BYTES, KeyRing, NotAuthenticError, UnknownKeyError

_PLAIN: Final = b"\x00"
_SEALED: Final = b"\x01"
_CONTEXT: Final = b"llmcache question\x00"


class PayloadSealer:
    """Implements `ports.sealer.Sealer`. A sealed payload is bound to its entry's key.

    Without a key ring only plain payloads can be read, with one only sealed ones: who may write to
    the vector store must not be able to take the encryption away.
    """

    def __init__(self, keyring: KeyRing | None = None) -> None:
        """Seal with `keyring`; None leaves payloads plain."""
        self._keyring = keyring

    def seal(self, question: str, key: ExactKey) -> bytes:
        """See `ports.sealer.Sealer`."""
        data = question.encode("utf-8", "surrogatepass")
        if self._keyring is None:
            return _PLAIN + data
        seal, ciphertext = self._keyring.seal(data, _CONTEXT + key)
        return _SEALED + seal + ciphertext

    def open(self, payload: bytes, key: ExactKey) -> str | None:
        """See `ports.sealer.Sealer`."""
        kind, data = payload[:1], payload[1:]
        try:
            if self._keyring is None:
                return data.decode("utf-8", "surrogatepass") if kind == _PLAIN else None
            if kind != _SEALED:
                return None
            data = self._keyring.open(data[:SEAL_BYTES], data[SEAL_BYTES:], _CONTEXT + key)
            return data.decode("utf-8", "surrogatepass")
        except (UnknownKeyError, NotAuthenticError, ValueError):
            return None
