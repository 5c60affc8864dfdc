"""How far the engine's weights are, as `llmcache download-weights --progress-file` tells."""

from __future__ import annotations

import json
from pathlib import Path

_LONGEST = 4096


def told(path: str | None) -> str | None:
    """In words for people; None when nothing is under way, or nothing can be read."""
    if path is None:
        return None
    try:
        with Path(path).open("rb") as file:
            document = json.loads(file.read(_LONGEST))
        have, total = int(document["bytes"]), int(document["total"])
        model = str(document["model"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    share = f" ({have * 100 // total} %)" if total else ""
    return f"{model}: {have / 1e9:.2f} of {total / 1e9:.2f} GB{share}"
