"""docs/performance.md: prose by hand, the run's tables between two markers."""

from pathlib import Path
from typing import Any, Final

from tests.bench.figures import Results
from tests.bench.picture import draw
from tests.bench.report import as_markdown, tables

BEGIN: Final = "<!-- bench: begin (written by `python -m tests.bench --write-docs`) -->"
END: Final = "<!-- bench: end -->"


class MarkersError(Exception):
    """The page has lost the markers between which the tables stand."""


def write_docs(results: Results, root: Path) -> None:
    page = root / "docs" / "performance.md"
    draw(results, root / "docs" / "images" / "performance.svg")
    page.write_text(_between(page.read_text(), _body(results)))


def _between(text: str, body: str) -> str:
    if BEGIN not in text or END not in text:
        raise MarkersError(f"put these two lines where the tables belong: {BEGIN} and {END}")
    before, rest = text.split(BEGIN, 1)
    after = rest.split(END, 1)[1]
    return f"{before}{BEGIN}\n{body}\n{END}{after}"


def _body(results: Results) -> str:
    picture = "![An exact hit beside its floors](images/performance.svg)"
    return "\n".join(
        [_machine(results.machine), "", picture, "", *map(as_markdown, tables(results))]
    )


def _machine(machine: dict[str, Any]) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
    return (
        f"Measured on {machine['date']}: {machine['cpu']}, {machine['cores']} cores, "
        f"Linux {machine['kernel']}, {versions}; {machine['rounds']} rounds. Load of the machine "
        f"{machine['load']:.1f} before the run, {machine['load_after']:.1f} after it with its own."
    )
