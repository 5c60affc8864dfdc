"""Every package of a lock file has one version and hashes, and comes from no address of its own."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CLIENTS = ROOT / "tests" / "clients"
LOCKS = [
    *sorted((ROOT / "requirements").glob("*.lock")),
    CLIENTS / "python" / "requirements.lock",
]
_PACKAGE = re.compile(r"^[a-z0-9][a-z0-9._-]*(\[[a-z0-9,-]+\])?==\S+( ; .+)?$")
_HASH = re.compile(r"^--hash=sha256:[0-9a-f]{64}$")


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: f"{lock.parent.name}/{lock.name}")
def test_every_package_is_pinned_with_hashes(lock: Path) -> None:
    packages = lock.read_text().replace("\\\n", "\n").split("\n")
    current, hashes = "", 0
    seen = 0
    for line in [*(each.strip() for each in packages), "end==0"]:
        if not line or line.startswith("#"):
            continue
        if line.startswith("--hash"):
            assert _HASH.match(line), f"{lock.name}: {line}"
            hashes += 1
            continue
        assert _PACKAGE.match(line), f"{lock.name}: {line}"
        assert hashes or not current, f"{lock.name}: {current} has no hash"
        current, hashes = line, 0
        seen += 1
    assert seen > 5


def test_every_package_for_node_is_pinned_with_a_hash() -> None:
    locked = json.loads((CLIENTS / "node" / "package-lock.json").read_text())["packages"]
    own = locked.pop("")
    assert len(locked) > 5
    for name, package in locked.items():
        assert package["integrity"].startswith("sha512-"), name
        assert "resolved" not in package, name
    for name, version in own["dependencies"].items():
        assert locked[f"node_modules/{name}"]["version"] == version


def test_every_part_has_its_lock() -> None:
    assert {lock.stem for lock in LOCKS} >= {"dev", "operator", "sidecar"}
