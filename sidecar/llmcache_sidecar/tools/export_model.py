"""`llmcache export-model MODEL --out DIR`: a sentence-transformers model as an ONNX folder."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import ToolError

if TYPE_CHECKING:
    from argparse import _SubParsersAction

PACKAGES = "pip install 'llmcache[sidecar,export]'"


def add_to(commands: _SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand."""
    parser = commands.add_parser(
        "export-model",
        help="make an ONNX folder of a sentence-transformers model",
        description="Make an ONNX folder of a sentence-transformers model, for an embedding of "
        f"source Folder, and compare it with the original. Needs torch: {PACKAGES}.",
    )
    parser.add_argument("model", metavar="MODEL", help="its name on the hub, or its folder")
    parser.add_argument("--out", required=True, type=Path, metavar="DIR", help="the folder to make")
    parser.add_argument(
        "--precision",
        choices=("int8", "fp32"),
        default="int8",
        help="int8: a quarter of the size, faster, a little less exact (default). "
        "fp32: the original's numbers",
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Export, compare, tell."""
    out: Path = arguments.out
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise ToolError(f"{out} is no empty folder; name a new one")
    try:
        from . import exporting
    except ImportError as error:
        raise ToolError(
            f"export-model needs the package {error.name}, which is not installed: {PACKAGES}"
        ) from None
    model = exporting.load_reference(arguments.model)
    exporting.export(model, out, arguments.precision)
    comparison = exporting.compare(model, out)
    size = (out / "model.onnx").stat().st_size
    print(f"{out}: {size / 1e6:.1f} MB, {arguments.precision}")
    print(
        f"cosine to the original over {comparison.texts} texts: "
        f"min {comparison.lowest:.4f}, mean {comparison.mean:.4f}"
    )
    if comparison.lowest < exporting.WORTH_USING:
        print("warning: that is far from the original; --precision fp32 keeps its numbers")
    return 0
