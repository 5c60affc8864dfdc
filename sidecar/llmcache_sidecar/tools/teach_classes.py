"""`python -m llmcache_sidecar.tools.teach_classes`: teach the bundled model the content classes.

Embeds the examples of `policy.content` once and writes what came of it into the package. To be run
when the phrases or the bundled model have changed; a test says so.
"""

from __future__ import annotations

import contextlib
import sys
import time
from pathlib import Path

import numpy as np

from ..adapters.embedding.bundled import load_bundled
from ..app.content import TAUGHT, known
from ..policy import content
from ..policy.content.meaning import fit_meaning
from ..policy.content.taught import write_taught
from ..ports.embedder import TextUnreadable


def main() -> int:
    """Embed, fit, write; the exit code."""
    knowledge, digest = known()
    encoder = load_bundled(threads=2)
    examples = knowledge.examples()
    classes, vectors = [], []
    told = time.monotonic()
    for number, (content_class, text) in enumerate(examples, 1):
        with contextlib.suppress(TextUnreadable):  # an English model reads no Chinese
            vectors.append(encoder.encode(text))
            classes.append(content_class)
        if time.monotonic() - told > 2:
            told = time.monotonic()
            sys.stderr.write(f"{number} of {len(examples)} examples\n")
    model = fit_meaning(classes, np.stack(vectors))
    package = Path(next(iter(content.__path__)))
    path = package / TAUGHT.format(encoder.model.identity)
    path.parent.mkdir(exist_ok=True)
    path.write_text(write_taught(model, digest), encoding="utf-8")
    sys.stderr.write(f"{path}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
