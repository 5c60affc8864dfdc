"""Time and memory of loading and embedding, printed as rows of the table in docs/embeddings.md.

    python -m tests.sidecar.embeddings.measure [FOLDER ...]        # the bundled model, and FOLDERs

Each model is measured in a process of its own. Time is given as it passed and as CPU time of the
thread, which a busy machine disturbs less.
"""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path

TOKENS = (10, 30, 100)
ROUNDS = 200
WORDS = "how can i get the money back that was sent to the wrong place by my bank last week"


def resident_mb(field: str = "VmRSS") -> float:
    """Memory of this process; VmHWM is its peak."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1]) / 1024
    return 0.0


def percentile(values: list[float], share: float) -> float:
    """Of a sorted list."""
    return values[min(len(values) - 1, int(share * len(values)))]


def measure(folder: str) -> None:
    """Load and embed; print a row."""
    from llmcache_sidecar.adapters.embedding.bundled import FOLDER
    from llmcache_sidecar.adapters.embedding.fastembed_encoder import load_folder

    before = resident_mb()
    loaded = []
    stall, began = 0.0, time.perf_counter()
    thread = threading.Thread(target=lambda: loaded.append(load_folder(Path(folder or FOLDER))))
    thread.start()
    last = time.perf_counter()
    while thread.is_alive():
        time.sleep(0.001)
        now = time.perf_counter()
        stall, last = max(stall, now - last - 0.001), now
    seconds = time.perf_counter() - began
    encoder = loaded[0]
    print(
        f"{folder or 'bundled'}: load {seconds:.2f} s, longest stall of another thread "
        f"{stall * 1000:.0f} ms, memory +{resident_mb() - before:.0f} MB "
        f"(peak +{resident_mb('VmHWM') - before:.0f})"
    )
    for tokens in TOKENS:
        text = fitting(encoder, tokens)
        for _ in range(5):
            encoder.encode(text)
        wall, cpu = [], []
        for _ in range(ROUNDS):
            wall_began, cpu_began = time.perf_counter(), time.thread_time()
            encoder.encode(text)
            wall.append((time.perf_counter() - wall_began) * 1000)
            cpu.append((time.thread_time() - cpu_began) * 1000)
        wall.sort()
        cpu.sort()
        print(
            f"  {tokens} tokens: p50 {percentile(wall, 0.5):.1f} ms, p99 {percentile(wall, 0.99):.1f} "
            f"ms; CPU p50 {percentile(cpu, 0.5):.1f} ms"
        )
    print(f"  memory in the end +{resident_mb() - before:.0f} MB")


def fitting(encoder: object, tokens: int) -> str:
    """A text of that many tokens, the special ones included."""
    words = WORDS.split()
    ids = encoder._tokens.ids  # type: ignore[attr-defined]
    text = ""
    for word in words * tokens:
        longer = f"{text} {word}".strip()
        if len(ids(longer)) > tokens:
            break
        text = longer
    return text


if __name__ == "__main__":
    if len(sys.argv) > 2 and sys.argv[1] == "--one":
        measure(sys.argv[2] if sys.argv[2] != "bundled" else "")
    else:
        for target in ["bundled", *sys.argv[1:]]:
            subprocess.run([sys.executable, "-m", __spec__.name, "--one", target], check=True)
