"""Models by their name on the hub, and folders: what the configuration can ask for.

fastembed knows where on the hub the ONNX files of some fifty models lie, fetches them, and knows how
each pools; the running is `onnx_encoder`'s.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from ...ports.embedder import EmbeddingLoadError
from .model_folder import read_folder
from .onnx_encoder import OnnxEncoder
from .pooling import Pooling

_POOLING: Final = {
    # By fastembed's classes: its table of models does not say.
    "OnnxTextEmbedding": Pooling.CLS,
    "PooledEmbedding": Pooling.MEAN,
    "PooledNormalizedEmbedding": Pooling.MEAN,
    "LastTokenNormalizedEmbedding": Pooling.LAST,
    "BuiltinSentenceEmbedding": Pooling.DONE,
}

_WINDOWS: Final = {
    # The hub's ONNX copies come without sentence_bert_config.json, where the authors say for how
    # many tokens the model was made. The position table would allow more.
    "sentence-transformers/paraphrase-multilingual-mpnet-base-v2": 128,
    "sentence-transformers/paraphrase-multilingual-minilm-l12-v2": 128,
    "sentence-transformers/all-minilm-l6-v2": 256,
}


def load_folder(
    path: Path,
    *,
    name: str | None = None,
    threads: int = 1,
    window: int | None = None,
    prefix: str | None = None,
) -> OnnxEncoder:
    """Load a folder in the hub's layout. Never touches the network.

    Args:
        name: of the model, for people; None = the folder's name.
        threads: that work on one text.
        window: tokens that may be used; never more than the folder says.
        prefix: put before every text; None = what the folder says.

    Raises:
        EmbeddingLoadError: it names the folder, the file and what is expected.
    """
    return OnnxEncoder(read_folder(path, name=name, window=window, prefix=prefix), threads)


def load_from_hub(
    model_id: str,
    *,
    cache_dir: Path | None = None,
    download: bool = True,
    threads: int = 1,
    window: int | None = None,
    prefix: str | None = None,
) -> OnnxEncoder:
    """Load a model that fastembed knows by its name on the hub.

    Args:
        cache_dir: where downloads are kept; None = fastembed's own (FASTEMBED_CACHE_PATH, or a
            folder in the system's temporary one).
        download: False = only what `cache_dir` already holds; the network is not touched.

    Raises:
        EmbeddingLoadError: unknown name, or no files; `transient` when a download failed.
    """
    known = _described(model_id)
    if known is None:
        raise EmbeddingLoadError(
            f"{model_id}: fastembed does not know this model; llmcache export-model {model_id} "
            "--out DIR makes a folder of it, to be used as source Folder"
        )
    kind, description = known
    pooling = _POOLING.get(kind.__name__)
    if pooling is None:
        raise EmbeddingLoadError(
            f"{model_id}: fastembed runs this model in a way of its own ({kind.__name__}); "
            "llmcache export-model makes a folder of it, to be used as source Folder"
        )
    path = _fetch(kind, description, cache_dir, download)
    limit = _WINDOWS.get(model_id.lower())
    limits = [value for value in (limit, window) if value is not None]
    folder = read_folder(
        path,
        name=description.model,
        weights=description.model_file,
        pooling=pooling,
        window=min(limits, default=None),
        prefix=prefix,
    )
    return OnnxEncoder(folder, threads)


def _described(model_id: str) -> tuple[Any, Any] | None:
    """fastembed's class for a model, and its description of it."""
    from fastembed import TextEmbedding

    for kind in TextEmbedding.EMBEDDINGS_REGISTRY:
        for description in kind._list_supported_models():
            if description.model.lower() == model_id.lower():
                return kind, description
    return None


def _fetch(kind: Any, description: Any, cache_dir: Path | None, download: bool) -> Path:
    from fastembed.common.utils import define_cache_dir

    try:
        cache = define_cache_dir(None if cache_dir is None else str(cache_dir))
        # One try: whoever hosts this encoder knows when to try again.
        return Path(
            kind.download_model(description, str(cache), retries=1, local_files_only=not download)
        )
    except Exception as error:  # the network's, the hub client's, the file system's
        detail = " ".join(str(error).split())[:200] or type(error).__name__
        if not download:
            raise EmbeddingLoadError(
                f"{description.model}: not in {cache_dir or 'the cache'}, and downloading is off "
                f"({detail})"
            ) from None
        raise EmbeddingLoadError(
            f"{description.model}: can't be fetched from the hub ({detail}); without a way to it, "
            "use source Folder or Bundled",
            transient=True,
        ) from None
