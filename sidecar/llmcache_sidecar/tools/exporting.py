"""From torch to ONNX. Importing this module needs sentence-transformers, torch and onnx.

The graph ends with the token vectors, and 1_Pooling/config.json says how they become one, as on the
hub. Only a model with more modules than Transformer, Pooling and Normalize goes into the graph whole;
its output is then called sentence_embedding.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from sentence_transformers import SentenceTransformer

from ..adapters.embedding.fastembed_encoder import load_folder
from ..ports.embedder import EmbeddingError, TextTooLong, TextUnreadable
from . import quantizing
from .errors import ToolError
from .sample_texts import SAMPLE_TEXTS

OPSET: Final = 17
WORTH_USING: Final = 0.98
"""Least cosine to the original below which the user is warned."""

_STANDARD: Final = {"Transformer", "Pooling", "Normalize"}


@dataclass(frozen=True, slots=True)
class Comparison:
    """Cosines between an exported model and its original.

    Attributes:
        texts: how many could be compared.
    """

    texts: int
    lowest: float
    mean: float


def load_reference(model: str) -> SentenceTransformer:
    """The original, on the CPU; a `ToolError` when it can't be had."""
    try:
        reference = SentenceTransformer(
            model, device="cpu", model_kwargs={"attn_implementation": "eager"}
        )
    except Exception as error:  # the network's, the hub client's, the file system's
        raise ToolError(f"can't load {model}: {' '.join(str(error).split())[:300]}") from None
    reference.eval()
    return reference


def export(model: SentenceTransformer, out: Path, precision: str) -> None:
    """Write the folder.

    Args:
        out: made if it is not there.
        precision: int8 or fp32.
    """
    kinds = [type(module).__name__ for module in model]
    if kinds[0] != "Transformer" or "Pooling" not in kinds:
        raise ToolError(f"this model consists of {', '.join(kinds)}; it must begin with Transformer "
                        "and hold Pooling")  # fmt: skip
    whole = not set(kinds) <= _STANDARD
    out.mkdir(parents=True, exist_ok=True)
    graph = out / "model.onnx"
    _write_graph(model, graph, whole)
    if precision == "int8":
        quantizing.quantize(graph)
    _write_settings(model, out, kinds, whole)


def compare(
    model: SentenceTransformer, out: Path, texts: Sequence[str] = SAMPLE_TEXTS
) -> Comparison:
    """Embed `texts` with both; those that don't fit, or that it has no tokens for, are left out."""
    encoder = load_folder(out)
    cosines = []
    try:
        for text in texts:
            try:
                vector = encoder.encode(text)
            except (TextUnreadable, TextTooLong):
                continue
            except EmbeddingError as error:
                raise ToolError(f"the exported model fails: {error}") from None
            original = model.encode(text, normalize_embeddings=True, show_progress_bar=False)
            cosines.append(float(np.dot(vector, np.asarray(original))))
    finally:
        encoder.close()
    if not cosines:
        raise ToolError("the model can embed none of the texts that it is compared with")
    return Comparison(len(cosines), min(cosines), sum(cosines) / len(cosines))


class _TokenVectors(torch.nn.Module):  # type: ignore[misc]
    """Named inputs in, token vectors out."""

    def __init__(self, model: SentenceTransformer, names: Sequence[str]) -> None:
        super().__init__()
        first = model[0]
        self.transformer = getattr(first, "auto_model", None) or first.model
        self._names = names

    def forward(self, *inputs: torch.Tensor) -> torch.Tensor:
        named = dict(zip(self._names, inputs, strict=True))
        return self.transformer(**named).last_hidden_state


class _Whole(torch.nn.Module):  # type: ignore[misc]
    """Named inputs in, one vector out."""

    def __init__(self, model: SentenceTransformer, names: Sequence[str]) -> None:
        super().__init__()
        self.steps = torch.nn.ModuleList(list(model))
        self._names = names

    def forward(self, *inputs: torch.Tensor) -> torch.Tensor:
        features: dict[str, Any] = dict(zip(self._names, inputs, strict=True))
        for step in self.steps:
            features = step(features)
        return features["sentence_embedding"]


def _write_graph(model: SentenceTransformer, graph: Path, whole: bool) -> None:
    # Two texts of different lengths, so that nothing of the example's shape is taken for granted.
    example = model.tokenizer(
        ["a short one", "and another one that is longer"], padding=True, return_tensors="pt"
    )
    names = [name for name in ("input_ids", "attention_mask", "token_type_ids") if name in example]
    output = "sentence_embedding" if whole else "last_hidden_state"
    axes = {name: {0: "batch", 1: "sequence"} for name in names}
    axes[output] = {0: "batch"} if whole else {0: "batch", 1: "sequence"}
    wrapped = _Whole(model, names) if whole else _TokenVectors(model, names)
    with torch.no_grad(), warnings.catch_warnings():
        # The tracing exporter is the one that needs no further packages; it warns that it is the
        # older one, and of branches that `compare` shows to be harmless.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            wrapped.eval(),
            tuple(example[name] for name in names),
            str(graph),
            input_names=names,
            output_names=[output],
            dynamic_axes=axes,
            opset_version=OPSET,
            dynamo=False,
        )
    if len(list(graph.parent.iterdir())) > 1:
        raise ToolError("the model has more than 2 GB of weights; such models are not exported")


def _write_settings(
    model: SentenceTransformer, out: Path, kinds: Sequence[str], whole: bool
) -> None:
    tokenizer = model.tokenizer
    backend = getattr(tokenizer, "backend_tokenizer", None)
    if backend is None:
        raise ToolError("the model's tokenizer has no form that the `tokenizers` package can read")
    backend.no_truncation()
    backend.no_padding()
    backend.save(str(out / "tokenizer.json"))
    window = model.get_max_seq_length() or tokenizer.model_max_length
    tokens = {
        name: getattr(tokenizer, name)
        for name in ("unk_token", "pad_token", "cls_token", "sep_token", "mask_token")
        if getattr(tokenizer, name, None) is not None
    }
    first = model[0]
    config = (getattr(first, "auto_model", None) or first.model).config
    settings = {
        key: value
        for key, value in config.to_dict().items()
        if key
        in ("model_type", "hidden_size", "vocab_size", "max_position_embeddings", "pad_token_id")
    }
    _write(out / "config.json", {**settings, "architectures": config.architectures})
    _write(out / "tokenizer_config.json", {"model_max_length": window, **tokens})
    _write(out / "special_tokens_map.json", tokens)
    _write(out / "sentence_bert_config.json", {"max_seq_length": window, "do_lower_case": False})
    prompts = {"prompts": model.prompts, "default_prompt_name": model.default_prompt_name}
    _write(out / "config_sentence_transformers.json", prompts)
    modules = []
    for index, kind in enumerate(kinds):
        path = "" if index == 0 else f"{index}_{kind}"
        modules.append(
            {"idx": index, "name": str(index), "path": path,
             "type": f"sentence_transformers.models.{kind}"}
        )  # fmt: skip
        if kind == "Pooling" and not whole:
            _write(out / path / "config.json", _pooling(model[index]))
    _write(out / "modules.json", modules)


def _pooling(module: Any) -> dict[str, Any]:
    mode = module.get_pooling_mode_str() if hasattr(module, "get_pooling_mode_str") else None
    mode = mode or module.pooling_mode
    names = {
        "cls": "pooling_mode_cls_token",
        "mean": "pooling_mode_mean_tokens",
        "max": "pooling_mode_max_tokens",
        "mean_sqrt_len_tokens": "pooling_mode_mean_sqrt_len_tokens",
        "lasttoken": "pooling_mode_lasttoken",
    }
    if mode not in names:
        raise ToolError(f"pooling by {mode} is not supported; {', '.join(names)} are")
    size = getattr(module, "word_embedding_dimension", None) or module.embedding_dimension
    return {
        "word_embedding_dimension": size,
        **{key: name == mode for name, key in names.items()},
    }


def _write(file: Path, document: Any) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
