"""A folder with an ONNX model, in the layout of the hub: what is in it, and what is missing."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ...domain.vectors import Calibration
from ...ports.embedder import EmbeddingLoadError
from .pooling import Pooling

WEIGHTS: Final = ("model.onnx", "onnx/model.onnx")
"""Where the graph may lie, in this order."""

CALIBRATION: Final = "calibration.json"
"""Beside a model: its thresholds."""

_TABLE_OFFSET: Final = {
    "roberta": 2,
    "xlm-roberta": 2,
    "camembert": 2,
    "mpnet": 2,
    "xlm-roberta-xl": 2,
}
"""Rows of the position table that these kinds of model never use (their padding's own)."""

_IN_THE_GRAPH: Final = ("Transformer", "Pooling", "Normalize")
"""Modules of a sentence-transformers model that need nothing but the graph and `pooling`."""

_MODES: Final = {
    "pooling_mode_mean_tokens": Pooling.MEAN,
    # The mean times the root of the count: the same direction, and only that is kept.
    "pooling_mode_mean_sqrt_len_tokens": Pooling.MEAN,
    "pooling_mode_cls_token": Pooling.CLS,
    "pooling_mode_lasttoken": Pooling.LAST,
    "pooling_mode_max_tokens": Pooling.MAX,
    "mean": Pooling.MEAN,
    "mean_sqrt_len_tokens": Pooling.MEAN,
    "cls": Pooling.CLS,
    "lasttoken": Pooling.LAST,
    "max": Pooling.MAX,
}


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """What an encoder has to know about a folder.

    Attributes:
        name: of the model, for people.
        weights, tokenizer: the files.
        pooling: None where the folder says nothing: then the graph must do it.
        window: tokens that fit, special ones included.
        unknown: the token that stands for what the vocabulary does not hold.
        prefix: put before every text.
        dimensions, vocabulary: what the folder's files promise, or None.
        beyond: modules that this package can't run, unless they are in the graph.
        calibration: what `llmcache calibrate` has written, if it has.
    """

    path: Path
    name: str
    weights: Path
    tokenizer: Path
    pooling: Pooling | None
    window: int
    unknown: str | None = None
    prefix: str = ""
    dimensions: int | None = None
    vocabulary: int | None = None
    beyond: tuple[str, ...] = ()
    calibration: Calibration | None = None


def read_folder(
    path: Path,
    *,
    name: str | None = None,
    weights: str | None = None,
    pooling: Pooling | None = None,
    window: int | None = None,
    prefix: str | None = None,
) -> ModelFolder:
    """Read everything but the weights.

    Args:
        name: of the model; None = the folder's name.
        weights: the graph's file inside the folder; None = wherever one of `WEIGHTS` is.
        pooling, prefix: None = what the folder says.
        window: tokens that may be used; never more than the folder says.

    Raises:
        EmbeddingLoadError: it names the folder, the file and what is expected.
    """
    if not path.is_dir():
        raise EmbeddingLoadError(f"{path}: there is no such folder")
    config = _json(path, "config.json", required=True)
    tokenizer_config = _json(path, "tokenizer_config.json")
    stated_pooling, dimensions = _pooling(path)
    return ModelFolder(
        path=path,
        name=name or path.name,
        weights=_weights(path, weights),
        tokenizer=_file(
            path, "tokenizer.json", "the tokenizer, as the `tokenizers` package writes it"
        ),
        pooling=pooling or stated_pooling,
        window=_window(path, config, tokenizer_config, window),
        unknown=_unknown(path, tokenizer_config),
        prefix=_prefix(path) if prefix is None else prefix,
        dimensions=dimensions or _positive(config.get("hidden_size")),
        vocabulary=_positive(config.get("vocab_size")),
        beyond=_beyond(path),
        calibration=_calibration(path),
    )


def _calibration(path: Path) -> Calibration | None:
    stated = _json(path, CALIBRATION)
    if not stated:
        return None
    values = [stated.get(name) for name in ("similarity", "score")]
    similarity, score = (
        float(value) if isinstance(value, int | float) and 0 < value < 1 else None
        for value in values
    )
    if similarity is None or score is None:
        raise EmbeddingLoadError(
            f"{path}: {CALIBRATION} needs similarity and score, each between 0 and 1: "
            "llmcache calibrate writes it"
        )
    return Calibration(similarity, score)


def _weights(path: Path, stated: str | None) -> Path:
    for candidate in WEIGHTS if stated is None else (stated,):
        if (path / candidate).is_file():
            return path / candidate
    expected = " or ".join(WEIGHTS) if stated is None else stated
    hint = ""
    if any((path / torch).is_file() for torch in ("model.safetensors", "pytorch_model.bin")):
        hint = (
            f"; it holds weights for torch: llmcache export-model {path} --out DIR makes ONNX of it"
        )
    raise EmbeddingLoadError(f"{path}: {expected} is missing, the model's graph and weights{hint}")


def _file(path: Path, name: str, what: str) -> Path:
    if not (path / name).is_file():
        raise EmbeddingLoadError(f"{path}: {name} is missing, {what}")
    return path / name


def _json(path: Path, name: str, *, required: bool = False) -> dict[str, Any]:
    value = _document(path, name, required=required)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise EmbeddingLoadError(f"{path}: {name} is no JSON object")
    return value


def _document(path: Path, name: str, *, required: bool = False) -> Any:
    try:
        return json.loads((path / name).read_bytes())
    except FileNotFoundError:
        if required:
            raise EmbeddingLoadError(f"{path}: {name} is missing, the model's settings") from None
        return None
    except OSError as error:
        raise EmbeddingLoadError(f"{path}: can't read {name}: {error.strerror}") from None
    except ValueError:  # also bytes that are no UTF-8
        raise EmbeddingLoadError(f"{path}: {name} is no JSON") from None


def _modules(path: Path) -> list[tuple[str, str]]:
    """Kind and folder of each module, in order; none where the folder does not say."""
    modules = _document(path, "modules.json")
    if modules is None:
        return []
    try:
        return [(str(m["type"]).rpartition(".")[2], str(m.get("path", ""))) for m in modules]
    except (TypeError, KeyError, AttributeError):
        raise EmbeddingLoadError(
            f"{path}: modules.json is no list of modules, each with type and path"
        ) from None


def _beyond(path: Path) -> tuple[str, ...]:
    return tuple(kind for kind, _ in _modules(path) if kind not in _IN_THE_GRAPH)


def _pooling(path: Path) -> tuple[Pooling | None, int | None]:
    """Pooling and dimensions as the folder states them."""
    folder = next((folder for kind, folder in _modules(path) if kind == "Pooling"), "1_Pooling")
    name = f"{folder}/config.json"
    settings = _json(path, name)
    if not settings:
        return None, None
    mode = settings.get("pooling_mode")
    if mode is not None:
        chosen = mode if isinstance(mode, list) else [mode]
    else:
        chosen = [key for key, on in settings.items() if on is True and key in _KEYS]
    poolings = [_MODES.get(str(key)) for key in chosen]
    if len(poolings) != 1 or poolings[0] is None:
        raise EmbeddingLoadError(
            f"{path}: {name} asks for pooling by {', '.join(map(str, chosen)) or 'nothing'}; one of "
            "mean, cls, lasttoken, max is expected"
        )
    if settings.get("include_prompt") is False and _prefix(path):
        raise EmbeddingLoadError(f"{path}: {name} leaves the prompt out of the pooling; that can't "
                                 "be done here")  # fmt: skip
    size = settings.get("word_embedding_dimension", settings.get("embedding_dimension"))
    return poolings[0], _positive(size)


_KEYS: Final = frozenset(
    [*_MODES, "pooling_mode_weightedmean_tokens"],
)


def _window(
    path: Path, config: dict[str, Any], tokenizer_config: dict[str, Any], asked: int | None
) -> int:
    """The least of what the files say: none of them alone is always there and right."""
    table = _positive(config.get("max_position_embeddings"))
    if table is not None:
        table -= _TABLE_OFFSET.get(str(config.get("model_type")), 0)
    limits = [
        _positive(_json(path, "sentence_bert_config.json").get("max_seq_length")),
        _positive(tokenizer_config.get("model_max_length")),
        _positive(tokenizer_config.get("max_length")),
        table,
    ]
    known = [limit for limit in limits if limit is not None]
    if not known:
        raise EmbeddingLoadError(
            f"{path}: no file says how many tokens fit; max_seq_length in "
            "sentence_bert_config.json is expected"
        )
    return min([*known, asked] if asked is not None else known)


def _unknown(path: Path, tokenizer_config: dict[str, Any]) -> str | None:
    for source in (tokenizer_config, _json(path, "special_tokens_map.json")):
        token = source.get("unk_token")
        if isinstance(token, dict):
            token = token.get("content")
        if isinstance(token, str):
            return token
    return None


def _prefix(path: Path) -> str:
    """The prompt that a sentence-transformers model puts before every text unless told otherwise."""
    settings = _json(path, "config_sentence_transformers.json")
    prompts, name = settings.get("prompts"), settings.get("default_prompt_name")
    if isinstance(prompts, dict) and isinstance(name, str):
        return str(prompts.get(name, ""))
    return ""


def _positive(value: Any) -> int | None:
    """`value` where it is a usable count; unknown lengths are written as 1e30 or null."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 1_000_000:
        return None
    return value
