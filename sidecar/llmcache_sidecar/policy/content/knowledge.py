"""What the judge knows before it sees a request: read once, from text that is passed in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from .classes import ContentClass
from .cues import Cues, read_cues
from .phrases import Phrases, first, read_phrases
from .word_model import WordModel, read_word_model

LANGUAGES: Final = ("de", "en", "es", "fr", "it", "ja", "nl", "pl", "pt", "ru", "tr", "zh")
CUES: Final = "cues.txt"
WORDS: Final = "words.tsv"
FILES: Final = (CUES, WORDS, *(f"phrases/{language}.txt" for language in LANGUAGES))
"""All that this package knows, named relative to it."""

Example = tuple[ContentClass | None, str]
"""A class (None: cacheable) and a phrase of it."""


@dataclass(frozen=True, slots=True)
class Knowledge:
    """Cues, weights and phrases.

    Attributes:
        read: gives the text of one of `FILES`.
    """

    cues: Cues
    words: WordModel
    read: Callable[[str], str]

    def phrases(self) -> tuple[Phrases, ...]:
        """Of each language. Read at each call: they are for teaching, and not to be held for good.

        Raises `PhraseError` on a broken file.
        """
        return tuple(
            read_phrases(language, self.read(f"phrases/{language}.txt")) for language in LANGUAGES
        )

    def examples(self) -> tuple[Example, ...]:
        """The phrases to embed, in a fixed order: the plainest form of each, none twice."""
        found: dict[str, ContentClass | None] = {}
        for phrases in self.phrases():
            for content_class, template in phrases.templates:
                found.setdefault(first(phrases, template), content_class)
        return tuple((content_class, text) for text, content_class in found.items())


def read_knowledge(read: Callable[[str], str]) -> Knowledge:
    """From the package's files; `read` gives the text of one of `FILES`.

    Raises `CueError` or `WordModelError` on a broken file.
    """
    return Knowledge(read_cues(read(CUES)), read_word_model(read(WORDS)), read)
