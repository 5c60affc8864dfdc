"""What holds for whatever is asked for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from hypothesis import given, settings

from llmcache_operator.domain import Manifest, key_of
from llmcache_operator.rendering import NEWEST, RENDERERS, Rendering, render

from .caches import FACTS, cache
from .specs import SPECS, Spec

_ALLOWED_VOLUMES = {
    "configMap", "secret", "projected", "emptyDir", "persistentVolumeClaim", "image",
}  # fmt: skip
"""What `restricted` Pod Security accepts (and we use)."""


def rendering_of(spec: Spec) -> Rendering:
    return render(cache(spec), {}, FACTS)


def pods(rendering: Rendering) -> Iterator[dict[str, Any]]:
    for item in rendering.objects:
        if item["kind"] in ("Deployment", "StatefulSet"):
            yield item["spec"]["template"]["spec"]


def everything(rendering: Rendering) -> Iterator[Manifest]:
    yield from rendering.objects
    yield from (secret.manifest for secret in rendering.secrets)


@given(SPECS)
@settings(deadline=None, max_examples=60)
def test_the_same_spec_gives_the_same_bytes(spec: Spec) -> None:
    first, second = (json.dumps(rendering_of(spec).objects) for _ in range(2))
    assert first == second
    assert rendering_of(spec) == rendering_of(spec)


@given(SPECS)
@settings(deadline=None, max_examples=60)
def test_every_object_is_ours_and_has_a_name_of_its_own(spec: Spec) -> None:
    rendering = rendering_of(spec)
    assert not [problem for problem in rendering.problems if problem.reason != "PodMonitorMissing"]
    keys = [key_of(item) for item in everything(rendering)]
    assert len(set(keys)) == len(keys)
    for item in everything(rendering):
        metadata = item["metadata"]
        assert metadata["namespace"] == "ai"
        assert metadata["labels"]["llmcache.dev/cache"] == "support"
        retained = item["kind"] == "PersistentVolumeClaim" and "ownerReferences" not in metadata
        if not retained:
            (owner,) = metadata["ownerReferences"]
            assert (owner["uid"], owner["controller"]) == ("uid-1", True)
        assert all(len(value) <= 63 for value in metadata["labels"].values())
        assert len(metadata["name"]) <= 63


@given(SPECS)
@settings(deadline=None, max_examples=60)
def test_every_pod_passes_the_restricted_level(spec: Spec) -> None:
    for pod in pods(rendering_of(spec)):
        security = pod["securityContext"]
        assert security["runAsNonRoot"] is True
        assert security["runAsUser"] > 0
        assert security["seccompProfile"] == {"type": "RuntimeDefault"}
        assert pod["automountServiceAccountToken"] is False
        assert pod["enableServiceLinks"] is False
        for volume in pod["volumes"]:
            (kind,) = volume.keys() - {"name"}
            assert kind in _ALLOWED_VOLUMES
        for container in (*pod.get("initContainers", ()), *pod["containers"]):
            own = container["securityContext"]
            assert own["allowPrivilegeEscalation"] is False
            assert own["capabilities"] == {"drop": ["ALL"]}
            assert own["readOnlyRootFilesystem"] is True
            assert own.get("runAsUser", 1) > 0
            assert container["terminationMessagePolicy"] == "FallbackToLogsOnError"
            assert "hostPort" not in json.dumps(container.get("ports", []))


@given(SPECS)
@settings(deadline=None, max_examples=60)
def test_what_is_mounted_is_there(spec: Spec) -> None:
    for pod in pods(rendering_of(spec)):
        volumes = [volume["name"] for volume in pod["volumes"]]
        assert len(set(volumes)) == len(volumes)
        used = set()
        for container in (*pod.get("initContainers", ()), *pod["containers"]):
            paths = [mount["mountPath"] for mount in container["volumeMounts"]]
            assert len(set(paths)) == len(paths)
            used |= {mount["name"] for mount in container["volumeMounts"]}
        assert used - set(volumes) <= {"data"}  # of a StatefulSet's claim
        assert set(volumes) <= used


@given(SPECS)
@settings(deadline=None, max_examples=60)
def test_only_the_sidecar_can_be_reached(spec: Spec) -> None:
    rendering = rendering_of(spec)
    for item in rendering.objects:
        if item["kind"] == "Service" and "llmcache.dev/model" in item["metadata"]["labels"]:
            assert [port["targetPort"] for port in item["spec"]["ports"]] == ["http"]
    for pod in pods(rendering):
        for container in pod["containers"]:
            if container["name"] == "engine":
                assert "ports" not in container
                place = container["args"].index("--host")
                assert container["args"][place + 1] == "127.0.0.1"
                assert "httpGet" not in json.dumps(container)


@given(SPECS)
@settings(deadline=None, max_examples=60)
def test_no_secret_is_read_and_only_the_downloading_container_has_the_hubs_token(
    spec: Spec,
) -> None:
    rendering = rendering_of(spec)
    assert not any(item["kind"] == "Secret" for item in rendering.objects)
    for secret in rendering.secrets:
        assert "data" not in secret.manifest
        assert "stringData" not in secret.manifest
        assert all(length >= 16 for length in secret.values.values())
    for pod in pods(rendering):
        for container in (*pod.get("initContainers", ()), *pod["containers"]):
            if container["name"] != "weights":
                mounted = [mount["name"] for mount in container["volumeMounts"]]
                assert "hub-token" not in mounted


@given(SPECS)
@settings(deadline=None, max_examples=40)
def test_every_renderer_can_render_it(spec: Spec) -> None:
    names = [model["name"] for model in spec["models"]]
    for renderer in RENDERERS:
        pins = dict.fromkeys([*names, "redis", "qdrant"], renderer)
        rendering = render(cache(spec), pins, FACTS)
        assert not rendering.untouched
        assert bool(rendering.outdated) == (renderer != NEWEST)
        for model in rendering.models:
            assert model.renderer == renderer
