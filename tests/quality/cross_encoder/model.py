"""The network: the bundled embedding model's own, with one more layer. Needs torch."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import torch
from transformers import AutoModel, AutoTokenizer

WINDOW: Final = 128
"""Tokens of both texts."""


class PairModel(torch.nn.Module):  # type: ignore[misc]
    """A logit for two texts that are read as one: from the first token's state and the mean of all.

    The table of words stays as it was: a few thousand questions would spoil it for all the words that
    are not in them.
    """

    def __init__(self, source: Path) -> None:
        super().__init__()
        # Eager: the graph that it is exported as is the plain one.
        self.enc = AutoModel.from_pretrained(source, attn_implementation="eager")
        self.drop = torch.nn.Dropout(0.1)
        self.out = torch.nn.Linear(2 * self.enc.config.hidden_size, 1)
        self.enc.embeddings.word_embeddings.weight.requires_grad = False

    def forward(
        self, input_ids: torch.Tensor, attention_mask: torch.Tensor, token_type_ids: torch.Tensor
    ) -> torch.Tensor:
        """Logits, (batch,), from (batch, tokens) each."""
        states = self.enc(
            input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids
        ).last_hidden_state
        mask = attention_mask.unsqueeze(-1).to(states.dtype)
        mean = (states * mask).sum(1) / mask.sum(1)
        return self.out(self.drop(torch.cat([states[:, 0], mean], -1))).squeeze(-1)


class Encoding:
    """Texts to the model's inputs."""

    def __init__(self, source: Path) -> None:
        self._tokenizer = AutoTokenizer.from_pretrained(source)

    def __call__(self, pairs: Sequence[tuple[str, str]]) -> dict[str, Any]:
        """`input_ids`, `attention_mask`, `token_type_ids`: (pairs, tokens) each."""
        encoded: dict[str, Any] = dict(
            self._tokenizer(
                [a for a, _ in pairs],
                [b for _, b in pairs],
                padding=True,
                truncation=True,
                max_length=WINDOW,
                return_tensors="pt",
            )
        )
        return encoded
