"""One picture of a run: an exact hit beside its floors."""

from pathlib import Path
from typing import Any, Final

import matplotlib as mpl

mpl.use("svg")

import matplotlib.pyplot as plt

from tests.bench import cases
from tests.bench.figures import Results, p50, rate

_LANES: Final = {
    cases.APP: "aiohttp\nApplication",
    cases.SERVER: "aiohttp\nServer",
    cases.MEMORY: "LLMCache\nmemory",
    cases.FIRST_LEVEL: "LLMCache\nfirst level",
    cases.GET: "aiohttp +\nRedis GET",
    cases.REDIS: "LLMCache\nRedis",
}
_OURS: Final = "#1b7f5c"
_FLOOR: Final = "#b5bcc6"


def draw(results: Results, path: Path) -> None:
    """Two panels of bars: latency of one client, requests a second of 32."""
    style: dict[Any, Any] = {"svg.hashsalt": "llmcache", "font.size": 8, "svg.fonttype": "none"}
    with mpl.rc_context(style):
        figure, (left, right) = plt.subplots(1, 2, figsize=(9, 2.9), layout="constrained")
        _bars(left, results, 1, "exact hit, one client: p50 in ms (less is better)")
        _bars(right, results, 32, "32 clients: requests/s on one core (more is better)")
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, metadata={"Date": None})
        plt.close(figure)


def _bars(axes: Any, results: Results, connections: int, title: str) -> None:
    read = p50 if connections == 1 else rate
    form = "{:.2f}" if connections == 1 else "{:,.0f}"
    found = {
        label: value
        for lane, label in _LANES.items()
        if (value := results.median("exact", lane, connections, read)) is not None
    }
    colours = [_OURS if label.startswith("LLMCache") else _FLOOR for label in found]
    drawn = axes.bar(list(found), list(found.values()), color=colours)
    axes.bar_label(drawn, fmt=form, padding=2)
    axes.set_title(title)
    axes.margins(y=0.15)
    axes.spines[["top", "right"]].set_visible(False)
