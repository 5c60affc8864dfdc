"""The command: embed the pairs, try the thresholds, say which to take, and write them down."""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from ... import verify
from ...verify import Verifier, read
from ..errors import ToolError
from .choosing import Example, Point, choose, points

if TYPE_CHECKING:
    from argparse import _SubParsersAction

    from ...ports.embedder import Encoder

SIMILARITIES: Final = tuple(round(0.70 + 0.01 * step, 2) for step in range(28))
SCORES: Final = (0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.84, 0.88, 0.92)
MOST_WRONG: Final = 0.0108
"""Share of the different pairs in the package that may be served: what the bundled model serves of
them at its own thresholds, at which 0.8 % of the hits of an FAQ stream with near misses are wrong."""
_TELL_S: Final = 2.0


@dataclass(frozen=True, slots=True)
class _Pair:
    asked: str
    stored: str
    same: bool


def add_to(commands: _SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand."""
    parser = commands.add_parser(
        "calibrate",
        help="find the thresholds that suit an embedding model of your own",
        description="Embeds pairs of questions with a model, tries thresholds of the cosine and of the "
        "verifier on them, and says which serve most at as few wrong ones as the bundled model has. "
        "With --write they are put into the model's folder, where the sidecar finds them at its start. "
        "A model of the hub becomes a folder by `llmcache export-model`.",
    )
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="an ONNX model's")
    parser.add_argument(
        "--pairs",
        type=Path,
        metavar="FILE",
        help="pairs of your own instead of ours: a line each, `same` or `different`, and two questions, "
        "between tabs",
    )
    parser.add_argument(
        "--most-wrong",
        type=_share,
        default=MOST_WRONG,
        metavar="SHARE",
        help=f"share of the different pairs that may be served, 0 to 1 (default {MOST_WRONG})",
    )
    parser.add_argument("--write", action="store_true", help="write FOLDER/calibration.json")
    parser.set_defaults(run=run)


def _share(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"{text} is no share; a number from 0 to 1 is")
    return value


def run(arguments: argparse.Namespace) -> int:
    """Calibrate; the exit code is 1 where no threshold is strict enough."""
    from ...adapters.embedding.fastembed_encoder import load_folder
    from ...adapters.embedding.model_folder import CALIBRATION
    from ...ports.embedder import EmbeddingLoadError

    pairs = _pairs(arguments.pairs)
    try:
        encoder = load_folder(arguments.folder)
    except EmbeddingLoadError as error:
        raise ToolError(str(error)) from None
    try:
        examples, unread = _examples(pairs, encoder)
    finally:
        encoder.close()
    if not any(one.same for one in examples) or all(one.same for one in examples):
        raise ToolError("the model reads too few pairs: same ones and different ones are needed")
    weights = files(verify).joinpath("weights.json").read_text(encoding="utf-8")
    found = list(points(examples, Verifier.from_json(weights), SIMILARITIES, SCORES, _trying))
    _say("")
    print(f"{encoder.model.name}: {len(examples)} pairs, {unread} more that it can't read")
    print("\n  cosine  probability  same ones served  different ones served")
    chosen = choose(found, arguments.most_wrong)
    for similarity in SIMILARITIES[::3]:
        best = choose((one for one in found if one.similarity == similarity), arguments.most_wrong)
        if best is not None:
            print(_row(best))
    if chosen is None:
        print(f"\nnone serves {arguments.most_wrong:.2%} of the different ones or fewer")
        return 1
    print(f"\nbest:\n{_row(chosen)}")
    if arguments.write:
        path = arguments.folder / CALIBRATION
        document = {"similarity": chosen.similarity, "score": chosen.score}
        path.write_text(json.dumps(document) + "\n", encoding="utf-8")
        print(f"written to {path}; a sidecar with this folder takes them at its start")
    else:
        print("--write puts them into the folder, for the sidecar")
    return 0


def _row(point: Point) -> str:
    return (
        f"  {point.similarity:6.2f}  {point.score:11.2f}  {point.served:16.1%}  {point.wrong:21.2%}"
    )


def _pairs(path: Path | None) -> list[_Pair]:
    if path is None:
        text = files(__package__).joinpath("pairs.tsv").read_text(encoding="utf-8")
    else:
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            raise ToolError(f"{path} is not UTF-8") from None
    pairs = []
    for number, line in enumerate(text.splitlines(), 1):
        parts = line.split("\t")
        if len(parts) != 3 or parts[0] not in ("same", "different"):
            raise ToolError(
                f"{path}, line {number}: `same` or `different` and two questions are expected, "
                "between tabs"
            )
        pairs.append(_Pair(parts[1], parts[2], parts[0] == "same"))
    return pairs


def _examples(pairs: list[_Pair], encoder: Encoder) -> tuple[list[Example], int]:
    """The pairs that the model reads, and how many it doesn't."""
    from ...ports.embedder import TextTooLong, TextUnreadable

    texts = sorted({text for pair in pairs for text in (pair.asked, pair.stored)})
    vectors = {}
    told = time.monotonic()
    for number, text in enumerate(texts, 1):
        try:
            vectors[text] = encoder.encode(text)
        except (TextTooLong, TextUnreadable):
            continue
        if time.monotonic() - told > _TELL_S or number == len(texts):
            told = time.monotonic()
            _say(f"embedding: {number} of {len(texts)} questions")
    once = cache(read)
    examples = [
        Example(
            once(pair.asked),
            once(pair.stored),
            pair.same,
            float(np.dot(vectors[pair.asked], vectors[pair.stored])),
        )
        for pair in pairs
        if pair.asked in vectors and pair.stored in vectors
    ]
    return examples, len(pairs) - len(examples)


def _trying(similarity: float) -> None:
    _say(f"trying a cosine of {similarity:.2f}")


def _say(text: str) -> None:
    """A line that the next one takes the place of, on a terminal; else a line each."""
    end = "\r" if sys.stderr.isatty() else "\n"
    if text or end == "\r":
        print(f"\033[K{text}" if end == "\r" else text, end=end, file=sys.stderr, flush=True)
