"""The suite on whatever cluster there is: `python -m tests.e2e [OPTION] [PYTEST ARGUMENT ...]`.

With KUBECONFIG and the images' names (`settings`) it runs there. Without them it builds the images,
starts a node on this machine (`tests.cluster`, needs root), and takes it away at the end, also when it
is told to end (Ctrl-C, SIGTERM). --quick makes each load as short as it still proves something: 400
requests and 4 s of calm around each fault and two changes of policy, where the full size is 10,000, 30 s
and twenty. --real-vllm runs one test alone, with a real vLLM on this CPU.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests import foreground
from tests.cluster import host, images
from tests.cluster.building import BuildError
from tests.cluster.installing import Images
from tests.cluster.node import Cluster
from tests.cluster.processes import ClusterError
from tests.e2e import settings
from tests.engine.install import InstallError

QUICK = {
    "LLMCACHE_E2E_REQUESTS": "400",
    "LLMCACHE_E2E_CHANGES": "2",
    "LLMCACHE_E2E_CALM_SECONDS": "4",
}
GPUS = 4
GRACE_S = 60.0
"""For the tests to give back what they have, when the suite is told to end."""


def missing() -> str | None:
    """Why neither way is open here, or None."""
    if settings.missing() is None:
        return None
    return host.missing()


def our_own(cluster: Cluster) -> dict[str, str]:
    """What the suite is told of a node of ours."""
    return {
        "KUBECONFIG": str(cluster.kubeconfig),
        "LLMCACHE_E2E_PULL_POLICY": "Never",
        "LLMCACHE_E2E_NODE_SHELL": "env",
        "LLMCACHE_E2E_NETWORK_POLICIES": "enforced",
        **Images().environment(),
    }


def run(arguments: Sequence[str], told: Mapping[str, str]) -> int:
    """The tests; pytest's exit code."""
    here = Path(__file__).resolve().parent
    command = [sys.executable, "-m", "pytest", "-q", "-rs", "-m", "e2e", *arguments]
    if not any(Path(argument.partition("::")[0]).exists() for argument in arguments):
        command.append(str(here))
    return foreground.run(command, grace_s=GRACE_S, environment={**os.environ, **told})


def main(arguments: Sequence[str]) -> int:
    """The exit code."""
    foreground.end_on_sigterm()
    rest = [argument for argument in arguments if argument not in ("--quick", "--real-vllm")]
    real = "--real-vllm" in arguments
    test = Path(__file__).with_name("test_a_real_vllm.py")
    rest.append(str(test) if real else f"--ignore={test}")
    told = {}
    if "--quick" in arguments:
        told = {name: os.environ.get(name, value) for name, value in QUICK.items()}
    if settings.missing() is None:
        return run(rest, told)
    try:
        if real:
            archives = [*images.archives((images.SIDECAR, images.OPERATOR)), images.vllm_archive()]
            told["LLMCACHE_E2E_VLLM_IMAGE"] = images.VLLM
        else:
            archives = images.archives()
        with Cluster(archives, gpus=GPUS) as cluster:
            return run(rest, {**our_own(cluster), **told})
    except (BuildError, ClusterError, InstallError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
