"""From a text to token ids: all of them or none."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from tokenizers import Tokenizer

from ...ports.embedder import EmbeddingLoadError, TextTooLong, TextUnreadable

LONGEST_TOKEN: Final = 32
"""Characters per token of the window beyond which a text is too long without being counted: counting
takes 10 microseconds a token, and nobody's prose has words of 32 characters throughout."""

# One text at a time needs no threads; the package would start one for each core.
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")


class Tokens:
    """A tokenizer that cuts nothing and pads nothing."""

    def __init__(
        self, tokenizer: Tokenizer, window: int, unknown: str | None, prefix: str = ""
    ) -> None:
        """Take `tokenizer` over, whatever truncation and padding its file asks for.

        Args:
            window: tokens that fit, those that the tokenizer adds (and the prefix) included.
            unknown: the token that stands for what the vocabulary does not hold.
            prefix: put before every text.
        """
        tokenizer.no_truncation()
        tokenizer.no_padding()
        self._tokenizer = tokenizer
        self._window = window
        self._prefix = prefix
        unknown_id = None if unknown is None else tokenizer.token_to_id(unknown)
        self._unknown = -1 if unknown_id is None else unknown_id
        self._least = len(tokenizer.encode(prefix).ids)

    @property
    def vocabulary(self) -> int:
        """How many token ids there are."""
        return int(self._tokenizer.get_vocab_size())

    def sample(self) -> list[int]:
        """Ids to try a model with, whatever language its vocabulary is of."""
        ids: list[int] = self._tokenizer.encode("a 1").ids
        return ids[: self._window]

    def ids(self, text: str) -> list[int]:
        """The ids of prefix and text, with the special ones around them.

        Raises:
            TextTooLong: they don't fit the window.
            TextUnreadable: nothing to embed, or characters without a token.
        """
        if len(text) > self._window * LONGEST_TOKEN:
            raise TextTooLong(f"the text has {len(text)} characters, {self._window} tokens fit")
        if not text or text.isspace():
            raise TextUnreadable("there is nothing to embed: the text is empty")
        try:
            # A batch of one: only batches leave the interpreter lock to others meanwhile.
            ids: list[int] = self._tokenizer.encode_batch_fast([self._prefix + text])[0].ids
        except (TypeError, UnicodeError):
            raise TextUnreadable(
                "the text is not valid Unicode: it holds half a character"
            ) from None
        if len(ids) > self._window:
            raise TextTooLong(f"the text has {len(ids)} tokens, {self._window} fit")
        if len(ids) <= self._least:
            raise TextUnreadable("there is nothing to embed: the model ignores all of the text")
        if self._unknown in ids:
            raise TextUnreadable("the text holds characters that the model has no token for")
        return ids


def load_tokenizer(file: Path) -> Tokenizer:
    """The tokenizer in a tokenizer.json; an `EmbeddingLoadError` says what is wrong with it."""
    try:
        return Tokenizer.from_file(str(file))
    except Exception as error:  # the package raises bare Exceptions
        raise EmbeddingLoadError(
            f"{file.parent}: can't read {file.name} ({error}); expected a tokenizer that the "
            "`tokenizers` package has written"
        ) from None
