"""Pure: what there is of an LLMCache becomes its status, and the Events that tell of changes.

    seeing      pods, workloads and claims, read from the API's JSON into frozen values
    whys        why is it not Ready: ordered chains of small functions, one module for each subject
    redacting   texts of other programs, before people read them
    counting    sums of all processes, over restarts: the ledger
    figures     the KPIs, from the ledger and from what the sidecars measured
    verdict     the conditions' truth table (docs/conditions.md)
    telling     the Events
    summary     the door: `summarize`

What may enter: functions of frozen values. No clock, no I/O: the moment is passed in. What is shown is
rounded, so that a resource at rest keeps its status as it is.
"""

from .counting import Ledger, packed, unpacked
from .lacking import lacking
from .seeing import referred
from .summary import Summary, previous_of, summarize

__all__ = [
    "Ledger",
    "Summary",
    "lacking",
    "packed",
    "previous_of",
    "referred",
    "summarize",
    "unpacked",
]
