"""Identifiers, each its own type so that one can't stand where another is meant."""

from __future__ import annotations

from typing import NewType

ExactKey = NewType("ExactKey", bytes)
"""SHA-256 (32 bytes) of everything that shapes an answer (see `keys.exact`)."""

EntryId = NewType("EntryId", str)
"""Random (128 bits, hex): says nothing about the prompt, the tenant or the key."""

TenantId = NewType("TenantId", str)
"""Keyed hash (hex, 32 characters) of whatever names the tenant; never the name itself."""

Fingerprint = NewType("Fingerprint", str)
"""What the engine runs: another fingerprint means that answers may differ."""
