"""The hash of a rendered object, kept on the live one as an annotation.

It tells that the rendering changed even where nothing of the new one differs from what is live: a
field that is rendered no longer must be given up, and only an apply does that.
"""

from __future__ import annotations

import hashlib
import json

from ..domain import Manifest
from ..domain.labels import HASH_ANNOTATION


def rendered_hash(manifest: Manifest) -> str:
    """Hash of a manifest, its own hash annotation left out; 16 hexadecimal digits."""
    metadata = dict(manifest["metadata"])
    annotations = {
        key: value
        for key, value in (metadata.pop("annotations", None) or {}).items()
        if key != HASH_ANNOTATION
    }
    if annotations:
        metadata["annotations"] = annotations
    text = json.dumps({**manifest, "metadata": metadata}, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def stamped(manifest: Manifest) -> Manifest:
    """The manifest with its hash as an annotation."""
    metadata = manifest["metadata"]
    annotations = {**(metadata.get("annotations") or {}), HASH_ANNOTATION: rendered_hash(manifest)}
    return {**manifest, "metadata": {**metadata, "annotations": annotations}}
