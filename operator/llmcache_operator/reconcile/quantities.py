"""Quantities as Kubernetes writes them, compared by what they mean (1Gi = 1024Mi, 1000m = 1)."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any, Final

_SUFFIXES: Final = {
    "n": Decimal("1e-9"),
    "u": Decimal("1e-6"),
    "m": Decimal("1e-3"),
    "k": Decimal(10**3),
    "M": Decimal(10**6),
    "G": Decimal(10**9),
    "T": Decimal(10**12),
    "P": Decimal(10**15),
    "E": Decimal(10**18),
    "Ki": Decimal(2**10),
    "Mi": Decimal(2**20),
    "Gi": Decimal(2**30),
    "Ti": Decimal(2**40),
    "Pi": Decimal(2**50),
    "Ei": Decimal(2**60),
}


def quantity(value: Any) -> Decimal | None:
    """Its value; None if it is no quantity."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    text = str(value).strip()
    factor = Decimal(1)
    for length in (2, 1):
        suffix = text[-length:]
        if suffix in _SUFFIXES and len(text) > length:
            text, factor = text[:-length], _SUFFIXES[suffix]
            break
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number * factor if number.is_finite() else None


def same_quantity(one: Any, other: Any) -> bool:
    """Whether both are quantities of the same value."""
    first = quantity(one)
    return first is not None and first == quantity(other)


def less(one: Any, other: Any) -> bool:
    """Whether both are quantities, and the first is the smaller."""
    first, second = quantity(one), quantity(other)
    return first is not None and second is not None and first < second
