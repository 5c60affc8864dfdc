"""The word model: softmax over weighed features, trained on our own phrases.

Its file is text, one feature a line with a weight (in hundredths) per class, so that a change of it
can be read. `python -m tests.quality.policy.train` writes it. It knows no vector, so that it works
without an embedding model and for languages that the embedding model does not know.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from io import StringIO
from itertools import combinations
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .classes import ContentClass
from .cues import Cues
from .material import asked_of_material, without_quotations
from .words import QUOTED, SYNTAX, features, has_syntax, normalise, tokens

CLASSES: Final = tuple(ContentClass)
SCALE: Final = 100
BIAS: Final = "<bias>"
TASK: Final = "<task>"
"""The cue of tasks on a text; without one in the prompt ("make it more formal") it says nothing."""
_KNOWN_AT_LEAST: Final = 2
_UNKNOWN: Final = np.full(len(CLASSES), -9.0, np.float32)


class WordModelError(ValueError):
    """The model's file can't be read."""


@dataclass(frozen=True, slots=True)
class WordModel:
    """What each feature says for each class and against cacheable.

    Attributes:
        rows: where a feature stands in `odds`.
        odds: log-odds in hundredths, features x classes; small, since every sidecar holds them.
        bias: log-odds of a text of which nothing is known, one per class.
    """

    rows: Mapping[str, int]
    odds: NDArray[np.int16]
    bias: NDArray[np.float32]

    def log_odds(self, found: set[str]) -> NDArray[np.float32]:
        """Of each class against cacheable, in the order of `ContentClass`.

        A text of which nothing is known but its length is cacheable.
        """
        index = self.rows
        rows = [index[feature] for feature in index.keys() & found]
        if len(rows) < _KNOWN_AT_LEAST:
            return _UNKNOWN
        odds: NDArray[np.float32] = np.add.reduce(self.odds.take(rows, 0), 0, np.float32)
        odds /= SCALE * len(found) ** 0.5
        odds += self.bias
        return odds


def see(text: str, cues: Cues) -> tuple[set[str], frozenset[str]]:
    """The features of a text, its cues and pairs of cues among them; and the cues alone."""
    normal = normalise(text)
    asking = without_quotations(normal)
    found = features(tokens(asking))
    cued = cues.seen(found)
    if TASK in cued and (asked := asked_of_material(asking)) is not None:
        words = tokens(asked)
        if TASK in cues.seen(features(words)):
            found = features([*words, QUOTED])
            cued = cues.seen(found)
    if QUOTED not in found:
        cued = [cue for cue in cued if cue != TASK]
    if has_syntax(normal):
        cued.append(SYNTAX)
    seen = frozenset(cued)
    if seen:
        found |= seen
        found.update([one + other for one, other in combinations(sorted(seen), 2)])
    return found, seen


def read_word_model(text: str) -> WordModel:
    """Parse the file. Raises `WordModelError`."""
    rows: dict[str, int] = {}
    # One row at a time: as lists of numbers it all takes 20 MB, which the process would keep.
    odds = np.zeros((text.count("\n") + 1, len(CLASSES)), np.int16)
    bias: NDArray[np.float32] | None = None
    try:
        for line in StringIO(text):
            if line == "\n" or line.startswith("# "):
                continue
            feature, *numbers = line.rstrip("\n").split("\t")
            if len(numbers) != len(CLASSES) + 1:
                raise WordModelError(f"not {len(CLASSES) + 1} weights: {line}")
            *values, cacheable = (int(number or 0) for number in numbers)
            against = [value - cacheable for value in values]
            if feature in rows:
                raise WordModelError(f"twice: {feature}")
            if feature == BIAS:
                bias = np.array(against, np.float32) / np.float32(SCALE)
            else:
                odds[len(rows)] = against
                rows[feature] = len(rows)
    except (ValueError, OverflowError) as error:
        raise WordModelError(str(error)) from None
    if bias is None or not rows:
        raise WordModelError("no bias or no weights")
    return WordModel(rows, odds[: len(rows)], bias)


def write_word_model(
    names: Iterable[str], weights: NDArray[np.float32], bias: NDArray[np.float32]
) -> str:
    """The text of the file: sorted, zeros left out, so that two versions can be compared."""
    lines = [f"# feature, then hundredths for {', '.join(CLASSES)}, cacheable"]
    lines.append(_line(BIAS, bias))
    lines.extend(sorted(_line(name, row) for name, row in zip(names, weights, strict=True)))
    return "\n".join(lines) + "\n"


def _line(name: str, row: NDArray[np.float32]) -> str:
    numbers = (round(float(value) * SCALE) for value in row)
    return "\t".join((name, *(str(number) if number else "" for number in numbers)))
