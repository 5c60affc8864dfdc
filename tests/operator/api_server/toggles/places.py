"""What differs between two states of one cache's objects, in lines that people can read."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import yaml

from ..kube import Json

_OF_THE_SERVER: Final = (
    "uid", "resourceVersion", "generation", "creationTimestamp", "managedFields", "selfLink",
)  # fmt: skip
_BOOKKEEPING: Final = (
    "llmcache.dev/rendered-hash",
    "deployment.kubernetes.io/revision",
    "pv.kubernetes.io/bind-completed",
)
_HASHES: Final = ("llmcache.dev/config-at-start",)
"""They say that something else differs: their values are of no interest."""

_REVISION: Final = re.compile(r"^[0-9a-f]{24}$")

State = Mapping[tuple[str, str], Json]
"""Objects by kind and name."""


def essence(live: Json, cache: str) -> Json:
    """What is compared of an object: without what the API server adds, and with the cache's name
    replaced by `CACHE`, so that all rows read alike."""
    text = json.dumps(live).replace(f"{cache}-", "CACHE-").replace(f'"{cache}"', '"CACHE"')
    found: Json = json.loads(text.replace(f".{cache}", ".CACHE"))
    found.pop("status", None)
    metadata = found["metadata"]
    for name in _OF_THE_SERVER:
        metadata.pop(name, None)
    for reference in metadata.get("ownerReferences") or ():
        reference["uid"] = "UID"
    for name in _BOOKKEEPING:
        (metadata.get("annotations") or {}).pop(name, None)
    if not metadata.get("annotations"):
        metadata.pop("annotations", None)
    if found["kind"] == "ConfigMap":
        found["data"] = {key: _parsed(key, value) for key, value in found["data"].items()}
    if found["kind"] == "Deployment":
        found["spec"].setdefault("replicas", 1)
    if found["kind"] == "StatefulSet":
        _plain_claims(found["spec"])
    if found["kind"] in ("Deployment", "StatefulSet"):
        pod = found["spec"]["template"]["spec"]
        for container in (*pod.get("initContainers", ()), *pod["containers"]):
            _plain_resources(container.get("resources", {}))
    if found["kind"] == "Service":
        for name in ("clusterIP", "clusterIPs"):
            if found["spec"].get(name) != "None":
                found["spec"].pop(name, None)
    return found


def _plain_claims(spec: Json) -> None:
    keep = {"whenDeleted": "Retain", "whenScaled": "Retain"}
    spec.setdefault("persistentVolumeClaimRetentionPolicy", keep)
    spec["volumeClaimTemplates"] = {
        claim["metadata"]["name"]: {
            "storage": claim["spec"]["resources"]["requests"]["storage"],
            "storageClassName": claim["spec"].get("storageClassName"),
        }
        for claim in spec.get("volumeClaimTemplates", ())
    }


def _plain_resources(resources: Json) -> None:
    """As the API server has them: limits are requests too, and 1024Mi is 1Gi."""
    for name, value in resources.get("limits", {}).items():
        resources.setdefault("requests", {}).setdefault(name, value)
    for amounts in resources.values():
        for name, value in amounts.items():
            if (found := re.fullmatch(r"(\d+)Mi", value)) and int(found[1]) % 1024 == 0:
                amounts[name] = f"{int(found[1]) // 1024}Gi"


def _parsed(key: str, text: str) -> Any:
    document = yaml.safe_load(text)
    if isinstance(document, dict):
        document.pop("configVersion", None)
        document.get("responseCache", {}).pop("namespace", None)
    return document


def differences(before: State, after: State) -> list[str]:
    """Lines: `+ Kind name` and `- Kind name` for whole objects, `Kind name path = value` inside."""
    lines = [f"+ {kind} {name}" for kind, name in sorted(after.keys() - before.keys())]
    lines += [f"- {kind} {name}" for kind, name in sorted(before.keys() - after.keys())]
    for key in sorted(before.keys() & after.keys()):
        lines += [f"{' '.join(key)} {line}" for line in _inside(before[key], after[key], "")]
    return lines


def _inside(before: Any, after: Any, path: str) -> Iterator[str]:
    if before == after:
        return
    if isinstance(before, dict) and isinstance(after, dict):
        for key in sorted(before.keys() | after.keys()):
            inner = f"{path}.{key}" if path else key
            if any(key == known for known in _HASHES):
                if before.get(key) != after.get(key):
                    yield f"{path}[{key}] is another"
            elif key not in after:
                yield f"- {inner}"
            elif key not in before:
                yield _added(inner, after[key])
            else:
                yield from _inside(before[key], after[key], inner)
        return
    if isinstance(before, list) and isinstance(after, list):
        name = _identity(before + after)
        if name is not None:
            old, new = ({item[name]: item for item in items} for items in (before, after))
            for key in [*old, *(key for key in new if key not in old)]:
                inner = f"{path}[{key}]"
                if key not in new:
                    yield f"- {inner}"
                elif key not in old:
                    yield f"+ {inner}"
                else:
                    yield from _inside(old[key], new[key], inner)
            return
        if all(isinstance(item, str) for item in before + after):
            yield f"{path} {_moved(before, after)}"
            return
    yield f"{path} = {json.dumps(after, sort_keys=True)}"


def _moved(before: list[str], after: list[str]) -> str:
    """Items that came and went. The engine's revision is a hash: that it is another is enough."""
    parts = [f"-{item}" for item in before if item not in after and not _REVISION.match(item)]
    parts += [f"+{item}" for item in after if item not in before and not _REVISION.match(item)]
    revisions = [[item for item in items if _REVISION.match(item)] for items in (before, after)]
    if revisions[0] != revisions[1]:
        parts.append("another --engine-revision")
    return " ".join(parts) or "in another order"


def _added(path: str, value: Any) -> str:
    text = json.dumps(value, sort_keys=True)
    return f"+ {path} = {text}" if len(text) <= 60 else f"+ {path}"


def _identity(items: list[Any]) -> str | None:
    for name in ("mountPath", "name"):
        if items and all(isinstance(item, dict) and name in item for item in items):
            values = [item[name] for item in items]
            if len(values) <= 2 * len(set(values)):
                return name
    return None
