"""What a prompt is about, where that decides whether its answer may be kept.

What may enter: pure functions from a text and its vector to the classes of `classes.py`, and the
data that they go by: phrases (phrases/*.txt, one file a language), cues (cues.txt) and the trained
weights of words (words.tsv). Files are read by whoever wires the judge; the text is passed in. What
a class means for the request (bypass, exact only, a shorter ttl) is not decided here.
"""

from .classes import CACHEABLE, ClassName, ContentClass, ContentFinding
from .cues import CueError
from .custom import CustomClass
from .judge import ContentJudge, ContentSettings, judge_content
from .knowledge import FILES, Knowledge, read_knowledge
from .phrases import PhraseError
from .word_model import WordModelError

__all__ = [
    "CACHEABLE",
    "FILES",
    "ClassName",
    "ContentClass",
    "ContentFinding",
    "ContentJudge",
    "ContentSettings",
    "CueError",
    "CustomClass",
    "Knowledge",
    "PhraseError",
    "WordModelError",
    "judge_content",
    "read_knowledge",
]
