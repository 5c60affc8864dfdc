"""The same words in other roles: a question, and itself with two of its words changed places.

Now and then the two still ask the same ("Nikon or Canon"), so that some acceptance is right.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from typing import Final

from llmcache_sidecar.verify import read
from llmcache_sidecar.verify.reading import CONTENT

from .near_misses import Made

_LEAST: Final = 3
"""Words that say something, in a question that is taken."""
_MOST: Final = 400


def reordered(texts: Iterable[str], half: str, seed: int = 5) -> list[Made]:
    """Near misses of these questions."""
    draw = random.Random(f"{seed}{half}")
    found: list[Made] = []
    shuffled = sorted(set(texts))
    draw.shuffle(shuffled)
    for text in shuffled:
        reading = read(text)
        said = {word.form for word in reading.words if word.weight >= CONTENT and not word.fact}
        ending = text[len(text.rstrip("?!. ")) :]
        pieces = text.rstrip("?!. ").split()
        places = [at for at, piece in enumerate(pieces) if piece.lower().strip(",;:") in said]
        if len(places) < _LEAST:
            continue
        one, other = draw.sample(places, 2)
        pieces[one], pieces[other] = pieces[other], pieces[one]
        changed = " ".join(pieces) + ending
        if changed != text:
            found.append(Made(text, changed, False, "reordered", reading.language, half))
        if len(found) == _MOST:
            break
    return found
