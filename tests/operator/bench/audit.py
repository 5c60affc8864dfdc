"""What one user wrote, by the API server's audit log."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import yaml


def policy(folder: Path, user: str) -> Path:
    """An audit policy that logs what this user writes, and nothing else."""
    path = folder / "audit-policy.yaml"
    rules = [
        {
            "level": "Metadata",
            "users": [user],
            "verbs": ["create", "update", "patch", "delete"],
            "omitStages": ["RequestReceived"],
        },
        {"level": "None"},
    ]
    document = {"apiVersion": "audit.k8s.io/v1", "kind": "Policy", "rules": rules}
    path.write_text(yaml.safe_dump(document))
    return path


@dataclass(frozen=True)
class AuditLog:
    """The log of one user's writes."""

    path: Path
    user: str

    def mark(self) -> int:
        """Where it ends now."""
        return self.path.stat().st_size if self.path.exists() else 0

    def writes_since(self, mark: int) -> list[dict[str, str]]:
        """Resource, name and verb of each write since then."""
        if not self.path.exists():
            return []
        with self.path.open("rb") as log:
            log.seek(mark)
            events = [json.loads(line) for line in log]
        return [
            {
                "resource": event["objectRef"]["resource"],
                "subresource": event["objectRef"].get("subresource", ""),
                "name": event["objectRef"].get("name", ""),
                "verb": event["verb"],
            }
            for event in events
            if event["user"]["username"] == self.user
            and event["objectRef"]["resource"] not in ("leases", "selfsubjectaccessreviews")
        ]

    def names_since(self, mark: int) -> set[str]:
        """Objects written since then, as resource/name."""
        return {
            "/".join(part for part in (w["resource"], w["name"], w["subresource"]) if part)
            for w in self.writes_since(mark)
        }
