"""Make a model with random weights in the shape of the resource's default, to measure time and memory.

    python -m tests.sidecar.embeddings.torch_venv -m tests.sidecar.embeddings.random_model DIR

XLM-RoBERTa base: 278 million parameters, 768 dimensions, a vocabulary of 250,002, a window of 128
tokens. DIR/torch is the model as sentence-transformers saves it, DIR/fp32 and DIR/int8 what
`llmcache export-model` makes of it.
"""

from __future__ import annotations

import itertools
import json
import sys
from pathlib import Path
from typing import Any

VOCABULARY = 250_002
SEED = 7
CONSONANTS, VOWELS = "bdfghklmnprstvwz", "aeiouy"
SYLLABLES = tuple(c + v for c in CONSONANTS for v in VOWELS)


def pieces() -> list[tuple[str, float]]:
    """A vocabulary for a unigram tokenizer: specials, letters, then made-up words."""
    specials = ["<s>", "<pad>", "</s>", "<unk>"]
    letters = [chr(code) for code in range(33, 127)] + ["▁"]
    words = (
        mark + "".join(parts)
        for length in (1, 2, 3)
        for parts in itertools.product(SYLLABLES, repeat=length)
        for mark in ("▁", "")
    )
    names = list(dict.fromkeys(itertools.chain(letters, words)))[: VOCABULARY - len(specials) - 1]
    table = [(name, 0.0) for name in specials]
    table += [(name, -5.0 - 8.0 * rank / len(names)) for rank, name in enumerate(names)]
    return [*table, ("<mask>", 0.0)]


def tokenizer() -> Any:
    """A tokenizer as large as the default model's."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

    made = Tokenizer(models.Unigram(pieces(), unk_id=3, byte_fallback=False))
    made.normalizer = normalizers.NFKC()
    made.pre_tokenizer = pre_tokenizers.Metaspace()
    made.add_special_tokens(["<s>", "<pad>", "</s>", "<unk>", "<mask>"])
    made.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>",
        pair="<s> $A </s> </s> $B </s>",
        special_tokens=[("<s>", 0), ("</s>", 2)],
    )
    return made


def write_torch(folder: Path) -> None:
    """The model, as sentence-transformers would save it."""
    import torch
    from transformers import PreTrainedTokenizerFast, XLMRobertaConfig, XLMRobertaModel

    torch.manual_seed(SEED)
    folder.mkdir(parents=True, exist_ok=True)
    config = XLMRobertaConfig(
        vocab_size=VOCABULARY, max_position_embeddings=514, type_vocab_size=1, layer_norm_eps=1e-5
    )
    XLMRobertaModel(config).eval().save_pretrained(folder)
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer(), unk_token="<unk>", pad_token="<pad>", cls_token="<s>",
        sep_token="</s>", mask_token="<mask>", model_max_length=512,
    ).save_pretrained(folder)  # fmt: skip
    documents: dict[str, Any] = {
        "modules.json": [
            {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
            {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
        ],
        "1_Pooling/config.json": {
            "word_embedding_dimension": 768, "pooling_mode_mean_tokens": True,
        },
        "sentence_bert_config.json": {"max_seq_length": 128, "do_lower_case": False},
    }  # fmt: skip
    for name, document in documents.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(json.dumps(document))


def main(out: Path) -> int:
    """Write all three folders; the exit code."""
    from llmcache_sidecar.tools import cli

    if not (out / "torch" / "sentence_bert_config.json").exists():
        write_torch(out / "torch")
    for precision in ("fp32", "int8"):
        target = out / precision
        if not target.exists():
            code = cli.main(
                ["export-model", str(out / "torch"), "--out", str(target), "--precision", precision]
            )
            if code:
                return code
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
