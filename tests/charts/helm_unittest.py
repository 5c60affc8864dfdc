"""helm-unittest over the chart: `python -m tests.charts.helm_unittest`.

Built once by Go (two minutes), then kept in ``${LLMCACHE_CACHE:-~/.cache/llmcache}/tools``.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

from tests.charts.helm import CHART
from tests.cluster.building import go_build
from tests.engine.install import cache_folder

MODULE = Path(__file__).resolve().parent / "unittest"
PACKAGE = "github.com/helm-unittest/helm-unittest/cmd/helm-unittest"


def program() -> Path:
    """Where it is, or will be."""
    recipe = hashlib.sha256((MODULE / "go.sum").read_bytes()).hexdigest()[:8]
    return cache_folder() / "tools" / f"helm-unittest-{recipe}" / "helm-unittest"


def make() -> Path:
    """Build it unless it is there. Two at a time: the second one waits."""
    return go_build(MODULE, program(), "building helm-unittest", package=PACKAGE)


def main() -> int:
    """Run the chart's unit tests; the exit code."""
    return subprocess.run([str(make()), "--strict", str(CHART)], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
