"""Write a complete, tiny, random language model for the real vLLM: no download, always the same.

Run it with the Python of the vLLM venv (it needs torch, transformers and tokenizers):

    python tests/engine/tiny_model.py            # prints the folder

The model is a two-layer Qwen2 of some 100,000 parameters over a byte-level tokenizer. Purely random
weights would emit broken UTF-8 and never end a message, so that no finish_reason but "length" could
be tested. Therefore the embedding and the output layer hold a table of letter pairs, taken from a
few sentences (what usually follows "q"), and the random layers between them only disturb that
choice: the answers are pronounceable nonsense, differ from prompt to prompt, and many end by
themselves after a sentence or two. After JSON punctuation comes JSON punctuation, so that guided
output ends; after <think> comes a short thought that ends.
"""

from __future__ import annotations

import importlib
import itertools
import json
import math
import os
import shutil
import sys
from pathlib import Path
from typing import Any

FORMAT = 2
"""Part of the folder's name: count it up when anything below changes."""

SEED = 20260
HIDDEN = 64
HEAD = 32
LAYERS = 2
MAX_POSITIONS = 8192
SPECIAL = (
    "<|endoftext|>",
    "<|im_start|>",
    "<|im_end|>",
    "<tool_call>",
    "</tool_call>",
    "<tool_response>",
    "</tool_response>",
    "<think>",
    "</think>",
)
END = "<|im_end|>"
BYTES = 256
CORPUS = (
    "\nthe cache holds what the engine said before.\nmany people ask the same question, and one "
    "answer is enough for all of them.\nit is quick and it costs little.\nwe keep an answer for an "
    "hour, then we make a fresh one.\nplease read the manual or ask a human being who knows more.\n"
)
SYMBOLS = "abcdefghijklmnopqrstuvwxyz ,.\n"
"""The characters that the model writes; character i owns dimension i of the embedding."""

OTHER = len(SYMBOLS)
"""The dimension that stands for every other token; what follows it is what begins a sentence."""

JSON = OTHER + 1
"""The dimension of all JSON punctuation."""

THOUGHT = ("<think>", "H", "M", "!", "</think>")
"""Each of these is followed by the next one; all but the last own a dimension, from JSON + 1."""

NOISE = range(36, HIDDEN)
"""The dimensions in which every token differs at random: they carry the context."""

NEVER = -40.0
RARELY = -9.0
AFTER_JSON = {"}": -0.5, '"': -1.0, ":": -1.0, "]": -1.5, ",": -2.0, "{": -3.0, "[": -3.0}

CHAT_TEMPLATE = """\
{%- if tools %}<|im_start|>system
{%- if messages[0].role == 'system' %}
{{ messages[0].content }}
{%- endif %}
Tools, one a line. Call one with <tool_call>{"name": ..., "arguments": {...}}</tool_call>.
{%- for tool in tools %}
{{ tool | tojson }}
{%- endfor %}<|im_end|>
{% endif %}
{%- for message in messages %}
{%- if message.role == 'tool' %}<|im_start|>user
<tool_response>{{ message.content }}</tool_response><|im_end|>
{% elif not (tools and loop.first and message.role == 'system') %}<|im_start|>{{ message.role }}
{{ message.content or '' }}
{%- for call in message.tool_calls or [] %}
{%- set f = call.function or call %}
<tool_call>{"name": "{{ f.name }}", "arguments": {{ f.arguments | tojson }}}</tool_call>
{%- endfor %}<|im_end|>
{% endif %}
{%- endfor %}
{%- if add_generation_prompt %}<|im_start|>assistant
{% if thinking or enable_thinking %}<think>{% endif %}
{%- endif %}"""


def folder() -> Path:
    cache = Path(os.environ.get("LLMCACHE_CACHE") or "~/.cache/llmcache").expanduser()
    return cache / f"tiny-model-{FORMAT}"


def followers() -> dict[str, dict[str, float]]:
    """For each character: the log probability of each next character or end, from the corpus."""
    counts: dict[str, dict[str, float]] = {a: dict.fromkeys(SYMBOLS, 0.02) for a in SYMBOLS}
    for a, b in itertools.pairwise(CORPUS):
        counts[a][b] += 1.0
    counts["."] = {END: 6.0, " ": 2.0}
    counts[" "] = {b: math.sqrt(n) for b, n in counts[" "].items()}
    result = {}
    for a, row in counts.items():
        total = sum(row.values())
        result[a] = {b: math.log(n / total) for b, n in row.items()}
        if a in " ,\n":  # inside JSON, anything is better than more white space
            result[a] |= {" ": RARELY, "\n": RARELY} if a != "," else {}
            result[a] |= {'"': -6.0, "}": -6.0, **dict.fromkeys("0123456789", -8.0)}
    result["."] |= {'"': RARELY}
    return result


def byte_level_alphabet() -> dict[str, int]:
    """The usual printable character for each of the 256 byte values (order: by byte)."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    rest = iter(range(256, 512))
    return {chr(b if b in printable else next(rest)): b for b in range(BYTES)}


def write_tokenizer(path: Path) -> None:
    tokenizers: Any = importlib.import_module("tokenizers")
    transformers: Any = importlib.import_module("transformers")
    alphabet = byte_level_alphabet()
    tokenizer = tokenizers.Tokenizer(tokenizers.models.BPE(vocab=alphabet, merges=[]))
    split = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.pre_tokenizer = split
    tokenizer.decoder = tokenizers.decoders.ByteLevel()
    fast = transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        eos_token=END,
        pad_token="<|endoftext|>",
        model_max_length=MAX_POSITIONS,
    )
    control = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    fast.add_special_tokens({"additional_special_tokens": control})
    # Not "special": the tool and reasoning parsers must see them in the text.
    fast.add_tokens([token for token in SPECIAL if token not in control])
    fast.chat_template = CHAT_TEMPLATE
    fast.save_pretrained(path)
    vocabulary = fast.get_vocab()
    assert vocabulary["a"] == ord("a"), "a byte's token is its value"
    assert len(vocabulary) == BYTES + len(SPECIAL)


def write_weights(path: Path) -> None:
    torch: Any = importlib.import_module("torch")
    transformers: Any = importlib.import_module("transformers")
    tokenizer = transformers.AutoTokenizer.from_pretrained(path)
    vocabulary: dict[str, int] = tokenizer.get_vocab()
    size = BYTES + 32
    config = transformers.Qwen2Config(
        vocab_size=size,
        hidden_size=HIDDEN,
        intermediate_size=2 * HIDDEN,
        num_hidden_layers=LAYERS,
        num_attention_heads=HIDDEN // HEAD,
        num_key_value_heads=1,
        max_position_embeddings=MAX_POSITIONS,
        tie_word_embeddings=False,
        bos_token_id=None,
        eos_token_id=vocabulary[END],
        pad_token_id=vocabulary["<|endoftext|>"],
        dtype="bfloat16",
    )
    torch.manual_seed(SEED)
    model: Any = transformers.Qwen2ForCausalLM(config)
    random = torch.Generator().manual_seed(SEED)

    def noise(*shape: int) -> Any:
        return torch.randn(*shape, generator=random)

    def identity(token: str) -> int:
        return ord(token) if len(token) == 1 else vocabulary[token]

    # Row of the table (a dimension): what may follow, with its log probability.
    letters = followers()
    table: dict[int, dict[str, float]] = {i: letters[symbol] for i, symbol in enumerate(SYMBOLS)}
    table[OTHER] = letters["\n"]
    table[JSON] = AFTER_JSON | {END: -1.0} | dict.fromkeys("0123456789", -4.0)
    table |= {JSON + i: {THOUGHT[i]: 0.0} for i in range(1, len(THOUGHT))}
    owner = {symbol: i for i, symbol in enumerate(SYMBOLS)}
    owner |= dict.fromkeys('{}[]:"', JSON)
    owner |= {token: JSON + 1 + i for i, token in enumerate(THOUGHT[:-1])}

    embedding = torch.zeros(size, HIDDEN)
    embedding[:, OTHER] = 1.0
    for token, dimension in owner.items():
        embedding[identity(token), OTHER] = 0.0
        embedding[identity(token), dimension] = 1.0
    embedding[:, NOISE.start :] = 0.1 * noise(size, len(NOISE))

    # After the last normalisation the coordinate of the token's own dimension is about this large.
    scale = 0.85 * math.sqrt(HIDDEN)
    output = torch.zeros(size, HIDDEN)
    output[:, : NOISE.start] = NEVER / scale
    for dimension, row in table.items():
        for token, logarithm in row.items():
            output[identity(token), dimension] = logarithm / scale
    for token in (*SYMBOLS, END):
        output[identity(token), NOISE.start :] = 0.09 * noise(len(NOISE))

    with torch.no_grad():
        model.model.embed_tokens.weight.copy_(embedding)
        model.lm_head.weight.copy_(output)
        for layer in model.model.layers:
            for weight in (layer.self_attn.q_proj.weight, layer.self_attn.k_proj.weight):
                weight.copy_(0.3 * noise(*weight.shape))
            layer.self_attn.v_proj.weight.copy_(0.12 * noise(HEAD, HIDDEN))
            for out in (layer.self_attn.o_proj.weight, layer.mlp.down_proj.weight):
                out.zero_()
                out[NOISE.start :].copy_(0.1 * noise(len(NOISE), out.shape[1]))
    model.to(torch.bfloat16).save_pretrained(path)
    # Without this file vLLM would take sampling defaults from the library; 1.0 is vLLM's own.
    (path / "generation_config.json").write_text(
        json.dumps({"eos_token_id": vocabulary[END], "pad_token_id": vocabulary["<|endoftext|>"]})
    )


def write(path: Path) -> None:
    """Write the model into a new folder, complete or not at all."""
    unfinished = path.with_name(f"{path.name}.{os.getpid()}")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    write_tokenizer(unfinished)
    write_weights(unfinished)
    try:
        unfinished.rename(path)
    except OSError:  # another process was quicker
        shutil.rmtree(unfinished)


def main() -> int:
    path = folder()
    if not path.exists():
        write(path)
    print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
