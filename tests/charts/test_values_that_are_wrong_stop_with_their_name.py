"""A values file is checked before anything is rendered."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from tests.charts.helm import CHART, Helm, HelmError, of_kind


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"imag": {"tag": "1"}}, "imag"),
        ({"image": {"tga": "1"}}, "tga"),
        ({"image": {"tag": 1.2}}, "/image/tag"),
        ({"image": {"digest": "1234"}}, "/image/digest"),
        ({"image": {"pullPolicy": "Sometimes"}}, "/image/pullPolicy"),
        ({"images": {"vllm": "x"}}, "vllm"),
        ({"watchNamespaces": "ai"}, "/watchNamespaces"),
        ({"watchNamespaces": ["Not_A_Name"]}, "/watchNamespaces/0"),
        ({"crds": {"enabled": "yes"}}, "/crds/enabled"),
        ({"replicas": "two"}, "/replicas"),
        ({"logLevel": "loud"}, "/logLevel"),
        ({"resources": {"request": {"cpu": 1}}}, "request"),
        ({"monitoring": {"podMonitor": {"intervall": "1m"}}}, "intervall"),
        ({"monitoring": {"serviceMonitor": {"interval": "often"}}}, "/interval"),
        ({"fullnameOverride": "Not A Name"}, "/fullnameOverride"),
        # null takes the default away, and with it what the templates look at.
        ({"global": None}, "global"),
        ({"crds": None}, "crds"),
        ({"crds": {"enabled": None}}, "enabled"),
        ({"rbac": {"create": None}}, "create"),
        ({"logLevel": None}, "logLevel"),
        ({"metrics": {"service": None}}, "service"),
        ({"monitoring": {"podMonitor": None}}, "podMonitor"),
        # Selectors and NetworkPolicies find the operator by these.
        ({"commonLabels": {"app.kubernetes.io/name": "mine"}}, "/commonLabels/app.kub"),
        ({"podLabels": {"app.kubernetes.io/instance": "mine"}}, "/podLabels/app.kub"),
    ],
)
def test_a_wrong_value_is_named(helm: Helm, values: dict[str, Any], named: str) -> None:
    with pytest.raises(HelmError) as refused:
        helm.template(values)
    assert named in str(refused.value)
    assert "schema" in str(refused.value)


@pytest.mark.parametrize(
    "name",
    ["commonLabels", "images", "watchNamespaces", "resources", "podLabels", "tolerations"],
)
def test_a_value_that_may_be_empty_may_be_null(helm: Helm, name: str) -> None:
    assert of_kind(helm.template({name: None}), "Deployment")


def _sections(schema: dict[str, Any], path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    if schema.get("type") == "object" and "properties" in schema:
        yield path, schema
        for name, inner in schema["properties"].items():
            yield from _sections(inner, f"{path}.{name}")


def test_every_section_refuses_names_that_it_does_not_know() -> None:
    schema = json.loads((CHART / "values.schema.json").read_text())
    open_sections = [
        path
        for path, section in _sections(schema)
        if section.get("additionalProperties") is not False
    ]
    # A parent chart's globals are not ours to refuse.
    assert open_sections == [".global"]


def test_the_schema_and_the_values_name_the_same_things() -> None:
    schema = json.loads((CHART / "values.schema.json").read_text())
    values = yaml.safe_load((CHART / "values.yaml").read_text())
    for path, section in _sections(schema):
        there: Any = values
        for name in path.split(".")[1:]:
            there = there[name]
        if path == ".resources":  # what a container may say; not all of it is said
            assert set(there) <= set(section["properties"])
        else:
            assert set(there) == set(section["properties"]), path


def test_an_old_cluster_is_refused_with_both_versions(helm: Helm) -> None:
    with pytest.raises(HelmError, match=r">=1\.29\.0.*v1\.28\.3"):
        helm.template({}, "--kube-version", "1.28.3")


def test_the_oldest_supported_cluster_is_accepted(helm: Helm) -> None:
    assert helm.template({}, "--kube-version", "1.29.0")


def test_lint_has_nothing_to_say(helm: Helm) -> None:
    text = helm.lint()
    assert "0 chart(s) failed" in text
    assert "[WARNING]" not in text
