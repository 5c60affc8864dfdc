"""Which fields of its file a sidecar reads at its start only."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

Document = dict[str, Any]


@dataclass(frozen=True)
class ReadAtStart:
    """What a running sidecar does not take over: a change of it waits for a restart.

    Attributes:
        sections: paths of fields and of whole sections.
        but: paths within them that are taken over all the same.
    """

    sections: tuple[str, ...]
    but: tuple[str, ...]

    def of(self, document: Mapping[str, Any]) -> Document:
        """What a document says of them: path -> value, without empty sections.

        Two documents with the same answer run in one process, one after the other.
        """
        rest = copy.deepcopy(dict(document))
        for path in self.but:
            for place, name in _place(rest, path):
                place.pop(name, None)
        found = {path: _without_nothing(_at(rest, path)) for path in self.sections}
        return {path: value for path, value in found.items() if value not in (None, {})}

    def kept(self, running: Mapping[str, Any], new: Mapping[str, Any]) -> Document:
        """`new` as far as a process that runs `running` can take it over."""
        found = copy.deepcopy(dict(new))
        for path in self.sections:
            _carry_over(running, found, path)
        for path in self.but:
            _carry_over(new, found, path)
        return found


def _carry_over(source: Mapping[str, Any], target: Document, path: str) -> None:
    """Make one field what it is in `source`, where both have the section that it is in."""
    for wanted, name in _place(source, path):
        for place, _ in _place(target, path):
            if name in wanted:
                place[name] = copy.deepcopy(wanted[name])
            else:
                place.pop(name, None)


def _place(document: Mapping[str, Any], path: str) -> Iterator[tuple[Document, str]]:
    """The section that holds a field, and the field's name; nothing where the section is not there."""
    *sections, name = path.split(".")
    place = _at(document, ".".join(sections)) if sections else document
    if isinstance(place, dict):
        yield place, name


def _at(document: Mapping[str, Any], path: str) -> Any:
    value: Any = document
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _without_nothing(value: Any) -> Any:
    """Without fields that are None, and without sections that are left with nothing."""
    if not isinstance(value, dict):
        return value
    inner = {name: _without_nothing(one) for name, one in value.items()}
    return {name: one for name, one in inner.items() if one not in (None, {})}


READ_AT_START: Final = ReadAtStart(
    sections=(
        "listen", "upstream", "admin", "stores", "tenantKeyFile", "readiness",
        "responseCache.namespace", "responseCache.semantic.embedding",
    ),
    but=(
        "stores.memory.maxSize",
        "stores.firstLevel.maxSize",
        "stores.firstLevel.maxAge",
        "stores.redis.deadline",
        "stores.redis.leaseWait",
        "stores.vectors.qdrant.deadline",
        "stores.vectors.pgvector.deadline",
        "stores.writeQueue",
    ),
)  # fmt: skip
"""Of this version. A sidecar of another image may take over less, or more."""
