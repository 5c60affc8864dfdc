"""Which vLLM an image holds, as far as its tag tells."""

from __future__ import annotations

import re
from typing import Final

Version = tuple[int, int]
"""Minor and patch; vLLM's major is 0."""

OLDEST: Final[Version] = (32, 0)
"""The oldest whose command line has been read and run."""

_TAG: Final = re.compile(
    r":v?0\.([0-9]{1,4})(?:\.([0-9]{1,4}))?(?:[.+-][A-Za-z0-9._+-]*)?(?:@.*)?\Z"
)


def version_of(image: str) -> Version | None:
    """The version in the tag; None where there is none (a digest, `latest`, a build of one's own)."""
    found = _TAG.search(image)
    return None if found is None else (int(found[1]), int(found[2] or 0))


def show(version: Version) -> str:
    """As vLLM writes it."""
    return f"0.{version[0]}.{version[1]}"
