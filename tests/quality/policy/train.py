"""Trains the word model from phrases and prompts: `python -m tests.quality.policy.train`.

The phrases are the package's own, by one hand; most of the prompts (`prompts.TAUGHT`) are by hands who
had not seen them. Softmax regression by full-batch Adam, in numpy alone, twice: once to see which
features matter, once with only those. The same samples give the same file, up to the last digit of the
platform's sums.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from llmcache_sidecar.policy.content import word_model
from llmcache_sidecar.policy.content.classes import ContentClass
from llmcache_sidecar.policy.content.cues import read_cues
from llmcache_sidecar.policy.content.phrases import Phrases, read_phrases, sample

from .prompts import TAUGHT, Prompt, own

FOLDER: Final = Path(word_model.__file__).parent
SEED: Final = 7
PER_PHRASE: Final = {"en": 40}
PER_PHRASE_ELSEWHERE: Final = 25
STRANGE: Final = 0.3
"""Share of the phrases that come once more with a word that nobody knows: frames must carry."""
ONLY_FORM: Final = 4
"""How often more a reply comes that has one form only."""
WRAPPED: Final = 0.3
"""Share of the phrases that come once more, with what people say around them."""
CACHEABLE_WEIGHT: Final = 3.5
L2: Final = 5e-7
STEPS: Final = (120, 240)
KEPT: Final = 26000

_LONG: Final = 3

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Sample:
    text: str
    content_class: ContentClass | None
    language: str


def all_phrases() -> list[Phrases]:
    return [
        read_phrases(path.stem, path.read_text("utf-8"))
        for path in sorted((FOLDER / "phrases").glob("*.txt"))
    ]


def draw(phrases: Phrases, rng: random.Random) -> list[Sample]:
    """What one language's phrases can become, some of it wrapped in courtesies.

    A reply such as "nope" has one form only: it comes several times, or its words would count as rare.
    """
    drawn = []
    most = PER_PHRASE.get(phrases.language, PER_PHRASE_ELSEWHERE)
    for content_class, template in phrases.templates:
        texts = list(sample(phrases, template, most, rng))
        for text in texts:
            drawn.append(Sample(text, content_class, phrases.language))
            if content_class is ContentClass.CONTEXTUAL:
                again = ONLY_FORM if len(texts) == 1 else 1
                drawn.extend([Sample(text, content_class, phrases.language)] * again)
            words = text.split()
            if len(words) > _LONG and rng.random() < STRANGE:
                words[rng.randrange(2, len(words))] = "…"
                drawn.append(Sample(" ".join(words), content_class, phrases.language))
            if rng.random() < WRAPPED:
                drawn.append(Sample(_wrap(phrases, text, rng), content_class, phrases.language))
    return drawn


def repeat(
    prompts: list[Prompt], times: int, slots: dict[str, Phrases], rng: random.Random
) -> list[Sample]:
    """Prompts as samples, so often each, and a third as often wrapped in courtesies."""
    drawn = []
    for prompt in prompts:
        drawn += [Sample(prompt.text, prompt.expected, prompt.language)] * times
        for _ in range(max(1, times // 3)):
            text = _wrap(slots[prompt.language], prompt.text, rng)
            drawn.append(Sample(text, prompt.expected, prompt.language))
    return drawn


def _wrap(phrases: Phrases, text: str, rng: random.Random) -> str:
    before = phrases.slots.get("open", ("",))
    after = phrases.slots.get("close", ("",))
    if rng.random() < 0.6:
        text = f"{rng.choice(before)} {text}"
    return f"{text} {rng.choice(after)}" if rng.random() < 0.6 else text


class Batch:
    """Samples as sparse rows of one value each: 1 / sqrt(features of the sample)."""

    def __init__(self, rows: list[list[int]], sizes: list[int], targets: Ints, weights: Floats):
        self.columns = np.fromiter((c for row in rows for c in row), np.int64)
        lengths = np.array([len(row) for row in rows])
        self.samples = np.repeat(np.arange(len(rows)), lengths)
        self.starts = np.concatenate(([0], np.cumsum(lengths)[:-1]))
        self.value = (1 / np.sqrt(np.array(sizes))).astype(np.float32)
        self.by_column = np.argsort(self.columns, kind="stable")
        ordered = self.columns[self.by_column]
        self.present, self.column_starts = np.unique(ordered, return_index=True)
        self.column_samples = self.samples[self.by_column]
        self.targets, self.weights = targets, weights


def fit(batch: Batch, features: int, classes: int, steps: int) -> tuple[Floats, Floats]:
    """Weights and bias that explain the batch."""
    weights = np.zeros((features, classes), np.float32)
    bias = np.zeros(classes, np.float32)
    moments = [
        np.zeros_like(weights),
        np.zeros_like(weights),
        np.zeros_like(bias),
        np.zeros_like(bias),
    ]
    right = np.zeros((len(batch.targets), classes), np.float32)
    right[np.arange(len(batch.targets)), batch.targets] = 1
    for step in range(1, steps + 1):
        sums = np.add.reduceat(weights[batch.columns], batch.starts, axis=0)
        scores = sums * batch.value[:, None] + bias
        scores -= scores.max(axis=1, keepdims=True)
        chances = np.exp(scores)
        chances /= chances.sum(axis=1, keepdims=True)
        errors = (chances - right) * batch.weights[:, None]
        scaled = errors * batch.value[:, None]
        gradient = L2 * weights
        gradient[batch.present] += np.add.reduceat(
            scaled[batch.column_samples], batch.column_starts, axis=0
        )
        rate = 0.25 * min(1.0, 2 * (1 - step / (steps + 1)))
        _adam(weights, gradient, moments[0], moments[1], step, rate)
        _adam(bias, errors.sum(axis=0), moments[2], moments[3], step, rate)
    return weights, bias


def _adam(
    values: Floats, gradient: Floats, mean: Floats, square: Floats, step: int, rate: float
) -> None:
    mean += 0.1 * (gradient - mean)
    square += 0.01 * (gradient * gradient - square)
    values -= (
        rate * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.99**step)) + 1e-8)
    ).astype(np.float32)


def train(samples: list[Sample]) -> str:
    """The text of the model's file.

    A word that is a whole phrase ("yes") is kept whatever it weighs: the model says nothing of texts
    that it does not know.
    """
    cues = read_cues((FOLDER / "cues.txt").read_text("utf-8"))
    groups = Counter((sample.content_class, sample.language) for sample in samples)
    times = Counter(samples)
    samples = list(times)
    found = [word_model.see(sample.text, cues)[0] for sample in samples]
    classes = [*ContentClass, None]
    targets = np.array([classes.index(sample.content_class) for sample in samples])
    weights = np.array(
        [
            times[one]
            * (CACHEABLE_WEIGHT if one.content_class is None else 1.0)
            / groups[one.content_class, one.language] ** 0.5
            for one in samples
        ],
        np.float32,
    )
    weights /= weights.sum()
    counts: Counter[str] = Counter()
    for one, features in zip(samples, found, strict=True):
        counts.update(dict.fromkeys(features, times[one]))
    names = sorted(feature for feature, count in counts.items() if count > 1)
    whole = {sample.text.lower() for sample in samples if " " not in sample.text}
    fitted: tuple[Floats, Floats] | None = None
    for steps in STEPS:
        if fitted is not None:
            common = np.clip(np.array([counts[name] for name in names]), 6, 30)
            reach = np.abs(fitted[0]).max(axis=1) * np.sqrt(common)
            best = {names[at] for at in np.argsort(-reach, kind="stable")[:KEPT]}
            names = [name for name in names if name in best or name in whole]
        index = {name: at for at, name in enumerate(names)}
        rows = [sorted(index[one] for one in features if one in index) for features in found]
        full = [at for at, row in enumerate(rows) if row]
        batch = Batch(
            [rows[at] for at in full], [len(found[at]) for at in full], targets[full], weights[full]
        )
        fitted = fit(batch, len(names), len(classes), steps)
    assert fitted is not None
    return word_model.write_word_model(names, *fitted)


def main() -> None:
    rng = random.Random(SEED)
    phrases = all_phrases()
    samples = [sample for one in phrases for sample in draw(one, rng)]
    slots = {one.language: one for one in phrases}
    for part, times in TAUGHT.items():
        samples += repeat(own(part), times, slots, rng)
    text = train(samples)
    path = FOLDER / "words.tsv"
    path.write_text(text, "utf-8")
    print(f"{path.name}: {len(samples)} samples, {len(text.splitlines())} lines, {len(text)} bytes")


if __name__ == "__main__":
    main()
