"""Whether the answer to one question may be served to another.

What may enter: pure functions from two texts (and what was read of them) to a verdict with its
reason, ordered from the cheapest up, and the chain that asks them. A gate that fails means a miss.

    asked = read(text)                      # once a request
    for stored, similarity in nearest:      # the best three to five
        judgement = chain.judge(asked, read(stored), similarity)
        if judgement.accepted: ...

From the inside out: `lexicon` (words, a module a language), `facts` (numbers, dates, identifiers),
`phrases` (phrases that are one word), `courtesies` (what stands around a question), `reading` (what was
read of one text), `asked_for` (what a noun asks for), `pair` (how two differ), `gates`, `features` and
`learned` (the last gate), `frames` and `aligned` (texts of which nothing is left over),
`thresholds` (a line for every embedding model that was measured), `grey_zone` (what a cross-encoder may
still tell), `chain`.
"""

from .chain import Chain, Judgement, Step
from .gates import GATES, Refusal
from .grey_zone import GreyZone
from .learned import Verifier, WeightsError
from .pair import Pair
from .reading import Reading, read
from .thresholds import THRESHOLDS, UNKNOWN, Threshold, threshold_of

__all__ = [
    "GATES",
    "THRESHOLDS",
    "UNKNOWN",
    "Chain",
    "GreyZone",
    "Judgement",
    "Pair",
    "Reading",
    "Refusal",
    "Step",
    "Threshold",
    "Verifier",
    "WeightsError",
    "read",
    "threshold_of",
]
