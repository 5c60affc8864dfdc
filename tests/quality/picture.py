"""The picture of docs/trust.md: what is served against what is wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from .measuring import Outcome

_COLOURS = {
    "cosine alone": "#b0413e",
    "gates": "#c9a227",
    "gates and verifier": "#1f6f8b",
    "and cross-encoder": "#3b7a57",
}

Panel = tuple[Mapping[str, Sequence[Outcome]], Outcome]


def draw(panels: Mapping[str, Panel], path: Path) -> None:
    """One panel a set: share of wrong hits to the right, hits upwards, the default as a dot."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(
        1, len(panels), figsize=(4.2 * len(panels), 3.8), layout="constrained", squeeze=False
    )
    for axis, (name, (curves, default)) in zip(axes[0], panels.items(), strict=True):
        for who, outcomes in curves.items():
            axis.plot(
                [100 * outcome.wrong_share for outcome in outcomes],
                [100 * outcome.recall for outcome in outcomes],
                marker=".",
                color=_COLOURS[who],
                label=who,
            )
        axis.plot(
            100 * default.wrong_share, 100 * default.recall, "o", color="#3b7a57", markersize=9
        )
        axis.axvline(1, color="#999999", linewidth=0.8, linestyle=":")
        axis.set_title(name)
        axis.set_xlabel("wrong of all hits, %")
        axis.set_ylim(0, 100)
        axis.set_xlim(left=-0.2)
    axes[0][0].set_ylabel("hits of the possible, %")
    axes[0][-1].legend(loc="lower right", frameon=False)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110)
    plt.close(figure)
