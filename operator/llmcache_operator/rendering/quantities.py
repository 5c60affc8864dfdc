"""Amounts as Kubernetes writes them."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

_FACTORS: Final = {
    "m": Decimal("0.001"), "k": Decimal(10**3), "M": Decimal(10**6), "G": Decimal(10**9),
    "T": Decimal(10**12), "Ki": Decimal(2**10), "Mi": Decimal(2**20), "Gi": Decimal(2**30),
    "Ti": Decimal(2**40), "": Decimal(1),
}  # fmt: skip


def to_bytes(quantity: str) -> int:
    """Whole bytes of a quantity that the resource's schema let in."""
    number = quantity.rstrip("kmMGTi")
    return int(Decimal(number) * _FACTORS[quantity[len(number) :]])


def add_gibibytes(quantity: str, gibibytes: int) -> str:
    """The sum, in Mi rounded up."""
    total = to_bytes(quantity) + gibibytes * 2**30
    return f"{-(-total // 2**20)}Mi"


def percent_of(quantity: str, percent: int) -> int:
    """Whole bytes of a share."""
    return to_bytes(quantity) * percent // 100
