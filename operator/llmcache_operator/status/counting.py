"""The ledger: sums over all processes that ever were, however often pods come and go.

A sidecar reports sums since its start. The ledger keeps the highest sums of every process of a living
pod, and adds those of the ones that are gone to a base. So the total never goes back, a restart of a
process (told by its start time), of a pod or of the operator loses nothing that was read once, and
reading the same twice, or in another order, changes nothing. What a process counts between its last
reading and its end is lost: at most one round of asking.

It is stored in status, in one text, together with the figures made from it: both change in one
write. Its size is bounded by `MOST_PROCESSES`: processes beyond are not counted until others go.
"""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from ..domain import Counts, Role, SidecarReport

MOST_PROCESSES: Final = 1500
MOST_STORED: Final = 131_072
"""Bytes of the stored text."""
_MOST_UNPACKED: Final = 4 * 1024**2
_EDITION: Final = 1


@dataclass(frozen=True, order=True)
class ProcessKey:
    """A pod's sidecar, or its engine; which run of it is told by its start."""

    pod_uid: str
    role: Role


@dataclass(frozen=True)
class Counted:
    """The highest sums seen of one run of a process."""

    model: str
    started: int
    counts: Counts


@dataclass(frozen=True)
class Ledger:
    """All sums.

    Attributes:
        since: Unix time in seconds: the earliest start of anything counted; 0 = nothing yet.
        base: by model, what is gone.
        running: processes of pods that live.
    """

    since: int = 0
    base: Mapping[str, Counts] = field(default_factory=dict)
    running: Mapping[ProcessKey, Counted] = field(default_factory=dict)

    @property
    def models(self) -> dict[str, Counts]:
        """The totals of each model."""
        totals = dict(self.base)
        for one in self.running.values():
            totals[one.model] = totals.get(one.model, Counts()) + one.counts
        return totals

    @property
    def total(self) -> Counts:
        """The totals of all models."""
        return sum(self.models.values(), Counts())

    def read(self, reports: Iterable[SidecarReport]) -> Ledger:
        """The ledger after these reports."""
        base, running, since = dict(self.base), dict(self.running), self.since
        for report in reports:
            for reading in report.readings:
                key = ProcessKey(report.pod_uid, reading.role)
                known = running.get(key)
                if known is None and len(running) >= MOST_PROCESSES:
                    continue
                if known is not None and reading.started < known.started:
                    continue  # late news of a run that is in the base
                counts = reading.counts
                if known is not None and reading.started == known.started:
                    counts = counts.at_least(known.counts)
                elif known is not None:
                    base[known.model] = base.get(known.model, Counts()) + known.counts
                running[key] = Counted(report.model, reading.started, counts)
                since = min(since or reading.started, reading.started)
        return Ledger(since, base, running)

    def without(self, living: frozenset[str], models: frozenset[str]) -> Ledger:
        """Pods that are gone for good are added to the base, models that are gone to one sum.

        Args:
            living: uids of the pods that exist. A uid never comes back.
            models: names in the spec.
        """
        base: dict[str, Counts] = {}
        for model, counts in self.base.items():
            name = model if model in models else ""
            base[name] = base.get(name, Counts()) + counts
        running = {}
        for key, one in self.running.items():
            model = one.model if one.model in models else ""
            if key.pod_uid in living:
                running[key] = replace(one, model=model)
            else:
                base[model] = base.get(model, Counts()) + one.counts
        return Ledger(self.since, base, running)


def packed(ledger: Ledger) -> str:
    """The ledger as one text, the same for the same ledger."""
    document = {
        "v": _EDITION,
        "since": ledger.since,
        "base": {model: _short(counts) for model, counts in sorted(ledger.base.items())},
        "run": [
            [key.pod_uid, key.role.value, one.model, one.started, _short(one.counts)]
            for key, one in sorted(ledger.running.items())
        ],
    }
    text = json.dumps(document, separators=(",", ":")).encode()
    return base64.b64encode(zlib.compress(text, 9)).decode()


def unpacked(text: str | None) -> Ledger:
    """The ledger in a status; a new one where there is none, or where somebody mangled it."""
    if not text or len(text) > MOST_STORED:
        return Ledger()
    try:
        inflate = zlib.decompressobj()
        document = json.loads(inflate.decompress(base64.b64decode(text), _MOST_UNPACKED))
        return _read(document)
    except (binascii.Error, zlib.error, ValueError, TypeError, KeyError, AttributeError):
        return Ledger()


def _read(document: Mapping[str, Any]) -> Ledger:
    if document["v"] != _EDITION:
        return Ledger()
    running = {
        ProcessKey(str(uid), Role(role)): Counted(str(model), int(started), _counts(counts))
        for uid, role, model, started, counts in document["run"]
    }
    base = {str(model): _counts(counts) for model, counts in document["base"].items()}
    return Ledger(int(document["since"]), base, running)


def _short(counts: Counts) -> list[int]:
    values = list(counts.values)
    while values and not values[-1]:
        values.pop()
    return values


def _counts(values: list[int]) -> Counts:
    """Fields that were added later are at the end, and missing in an older text."""
    return Counts(*(max(0, int(value)) for value in values))
