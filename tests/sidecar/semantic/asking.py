"""What the tests ask, and how they wait."""

from __future__ import annotations

from tests.sidecar.data_plane.running import Running, eventually

FIRST = "How do I reset my router to factory settings?"
SAME = "How can I reset my router to its factory settings?"
FARTHER = "How might I reset my router back to factory settings?"
"""Means the same too, and is less near to SAME than FIRST is."""
OTHER = "How do I change the name of my wireless network?"


def figure(running: Running, name: str) -> int:
    """One number of the semantic level's figures."""
    return int(running.sidecar.semantic.figures().get(name, -1))


async def settled(running: Running) -> None:
    """What was to be written or removed is."""
    await eventually(
        lambda: (
            figure(running, "vectors.writeQueuePoints") == 0
            and figure(running, "vectors.removals") == 0
        ),
        10.0,
    )
