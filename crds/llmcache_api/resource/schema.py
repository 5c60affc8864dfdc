"""The CustomResourceDefinition, made from the models.

`python -m llmcache_api.resource.schema crds/llmcache.dev_llmcaches.yaml` writes it, `--chart` writes
the chart's template of it, `--check` compares instead of writing.

The API server takes structural schemas only: no references, no `null` beside another type, no
numeric exclusive bounds, no constraints on keys. What is lost by that is said in CEL.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any, Final

import yaml

from ..base import show_default, with_default
from ..rules import Rule, validations
from . import GROUP, KIND, PLURAL, SHORT_NAME, SINGULAR, VERSION
from .spec import MAX_NAME, LLMCacheSpec
from .status import LLMCacheStatus

_KEPT: Final = frozenset(
    {
        "type", "description", "enum", "pattern", "minimum", "maximum", "minLength", "maxLength",
        "minItems", "maxItems", "maxProperties", "minProperties", "anyOf",
        "x-kubernetes-int-or-string", "x-kubernetes-preserve-unknown-fields",
        "x-kubernetes-map-type", "x-kubernetes-list-type", "x-kubernetes-list-map-keys",
        "x-kubernetes-validations",
    }
)  # fmt: skip

_DROPPED: Final = frozenset({"title", "default", "$defs", "multipleOf", "format"})
"""title: names of Python classes. default: see the package's docstring."""


class SchemaError(Exception):
    """A model says something that a structural schema can't."""


def structural(model: dict[str, Any]) -> dict[str, Any]:
    """A structural schema out of pydantic's JSON schema; a SchemaError names what can't be said."""
    return _node(model, model.get("$defs", {}), "")


def _node(node: dict[str, Any], definitions: dict[str, Any], path: str) -> dict[str, Any]:
    node = _resolved(node, definitions)
    found: dict[str, Any] = {}
    rules: list[dict[str, str]] = []
    for key, value in node.items():
        match key:
            case "properties":
                required = node.get("required", ())
                found["properties"] = {
                    name: _saying_its_default(
                        _blank_is_unset(
                            _node(part, definitions, f"{path}.{name}"), name in required
                        ),
                        part.get("default"),
                    )
                    for name, part in value.items()
                }
            case "required":
                found["required"] = list(value)
            case "items":
                found["items"] = _node(value, definitions, f"{path}[]")
            case "const":
                found["enum"] = [value]
            case "exclusiveMinimum":
                found.setdefault("minimum", value)
                rules.append(_rule(f"self > {float(value)}", f"takes more than {value}"))
            case "additionalProperties":
                if isinstance(value, dict):
                    found["additionalProperties"] = _node(value, definitions, f"{path}{{}}")
            case "patternProperties":
                ((pattern, part),) = value.items()
                found["additionalProperties"] = _node(part, definitions, f"{path}{{}}")
                rules.append(_keys_match(pattern))
            case "pattern":
                found["pattern"] = _the_same_for_both(value, path)
            case "propertyNames":
                rules += _keys_are(value)
            case _ if key in _KEPT:
                found[key] = value
            case _ if key not in _DROPPED:
                raise SchemaError(f"{path}: a structural schema has no {key}")
    if rules:
        found["x-kubernetes-validations"] = [*found.get("x-kubernetes-validations", []), *rules]
    if "description" in found:
        found["description"] = " ".join(found["description"].split())
    return found


def _resolved(node: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    """The node without references and without `null` as an alternative; what stands beside a
    reference wins over what it refers to."""
    while True:
        if "$ref" in node:
            beside = {key: value for key, value in node.items() if key != "$ref"}
            node = {**definitions[node["$ref"].rpartition("/")[2]], **beside}
        elif len(options := [o for o in node.get("anyOf", ()) if o.get("type") != "null"]) == 1:
            beside = {key: value for key, value in node.items() if key != "anyOf"}
            inner = options[0]
            extra = [*inner.get("x-kubernetes-validations", []),
                     *beside.get("x-kubernetes-validations", [])]  # fmt: skip
            node = {**inner, **beside}
            if extra:
                node["x-kubernetes-validations"] = extra
        else:
            return node


def _blank_is_unset(section: dict[str, Any], required: bool) -> dict[str, Any]:
    """A section that says nothing may be `null`: that is what YAML makes of a heading whose lines are
    all commented out, and server-side apply of a section whose last field goes."""
    says_nothing = "properties" in section and not required and "required" not in section
    if says_nothing and section.get("x-kubernetes-map-type") != "atomic":
        section["nullable"] = True
    return section


def _saying_its_default(field: dict[str, Any], default: Any) -> dict[str, Any]:
    """An unset field has no value in the schema (see the package), and its text names today's."""
    if isinstance(default, str | int | float) and "description" in field:
        kind = "size" if "x-kubernetes-int-or-string" in field else ""
        if isinstance(default, float) and field["type"] == "string":
            kind = "duration"
        field["description"] = with_default(field["description"], show_default(default, kind))
    return field


def _the_same_for_both(pattern: str, path: str) -> str:
    if re.search(r"\\[sSwWdDbB]", pattern):
        raise SchemaError(
            f"{path}: {pattern} has a class that is ASCII for the API server and Unicode for the "
            "models; write its characters"
        )
    return pattern


def _rule(cel: str, message: str) -> dict[str, str]:
    return Rule(cel, message).as_validation()


def _keys_are(names: dict[str, Any]) -> list[dict[str, str]]:
    rules = []
    if "pattern" in names:
        rules.append(_keys_match(names["pattern"]))
    if "maxLength" in names:
        most = names["maxLength"]
        rules.append(
            _rule(f"self.all(key, size(key) <= {most})", f"takes keys of at most {most} characters")
        )
    return rules


def _keys_match(pattern: str) -> dict[str, str]:
    escaped = pattern.replace("\\", "\\\\").replace("'", "\\'")
    return _rule(f"self.all(key, key.matches('{escaped}'))", f"takes keys that match {pattern}")


_COLUMNS: Final = (
    ("Ready", "string", '.status.conditions[?(@.type=="Ready")].status', 0,
     "Every model has at least one ready endpoint"),
    ("Models", "string", ".status.modelsReady", 0, "Models with a ready endpoint / models"),
    ("Hit rate", "string", ".status.cache.hitRate", 0,
     "Responses served from the cache / responses on cached routes"),
    ("Prefix hit rate", "string", ".status.cache.prefixHitRate", 0,
     "Prompt tokens found in the engines' prefix caches / prompt tokens asked of them"),
    ("Saved", "integer", ".status.cache.requestsSaved", 0, "Inferences that were not needed"),
    ("Age", "date", ".metadata.creationTimestamp", 0, "Since when it exists"),
    ("Reason", "string", '.status.conditions[?(@.type=="Ready")].reason', 1, "Why it is not ready"),
    ("Cache", "string", '.status.conditions[?(@.type=="CacheReady")].status', 1,
     "The stores answer, and questions can be looked up by meaning"),
    ("Exact", "string", ".status.cache.exactHitRate", 1, "Exact hits / responses"),
    ("Semantic", "string", ".status.cache.semanticHitRate", 1, "Semantic hits / responses"),
    ("False hits", "string", ".status.cache.falseHits.percent", 1,
     "Hits that answered another question, of those judged"),
    ("Tokens saved", "integer", ".status.cache.tokensSaved", 1, "Tokens not computed"),
    ("Applied", "string", '.status.conditions[?(@.type=="ConfigApplied")].status', 1,
     "Every sidecar runs the configuration of this generation"),
)  # fmt: skip

_NAME_RULES: Final = (
    Rule(
        f"size(self.metadata.name) <= {MAX_NAME}",
        f"takes a metadata.name of at most {MAX_NAME} characters: names of pods and Services "
        "are made from it",
    ),
    Rule(
        "self.metadata.name.matches('^[a-z]([-a-z0-9]*[a-z0-9])?$')",
        "takes a metadata.name of lower case letters, digits and -, with a letter first: "
        "Services are named after it",
    ),
)


def definition() -> dict[str, Any]:
    """The whole CustomResourceDefinition."""
    root = {
        "type": "object",
        "description": "Models served by vLLM, with one response cache in front of all of them and "
        "a prefix cache in each. See docs/first-cache.md.",
        "required": ["spec"],
        "properties": {
            "apiVersion": {"type": "string"},
            "kind": {"type": "string"},
            "metadata": {"type": "object"},
            "spec": structural(LLMCacheSpec.model_json_schema(by_alias=True)),
            "status": structural(LLMCacheStatus.model_json_schema(by_alias=True)),
        },
        **validations(*_NAME_RULES),
    }
    columns = [
        {
            "name": name,
            "type": kind,
            "jsonPath": path,
            "description": text,
            **({"priority": priority} if priority else {}),
        }
        for name, kind, path, priority, text in _COLUMNS
    ]
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{PLURAL}.{GROUP}"},
        "spec": {
            "group": GROUP,
            "scope": "Namespaced",
            "names": {
                "kind": KIND,
                "listKind": f"{KIND}List",
                "plural": PLURAL,
                "singular": SINGULAR,
                "shortNames": [SHORT_NAME],
                "categories": ["all"],
            },
            "versions": [
                {
                    "name": VERSION,
                    "served": True,
                    "storage": True,
                    "subresources": {"status": {}},
                    "additionalPrinterColumns": columns,
                    "schema": {"openAPIV3Schema": root},
                }
            ],
        },
    }


_HEAD = (
    "# Written by python -m llmcache_api.resource.schema from the models; make verify compares.\n"
)
_CHART_HEAD = """{{- if .Values.crds.enabled }}
"""
_CHART_METADATA = """metadata:
  name: llmcaches.llmcache.dev
  labels:
    {{- include "llmcache.labels" . | nindent 4 }}
  {{- if .Values.crds.keep }}
  annotations:
    helm.sh/resource-policy: keep
  {{- end }}
"""


def manifest() -> str:
    """The file for kubectl apply."""
    return _HEAD + _dump(definition())


def chart_template() -> str:
    """The same as a template of the chart, behind its switches."""
    document = definition()
    del document["metadata"]
    head, spec = _dump({k: v for k, v in document.items() if k != "spec"}), document["spec"]
    # Braces in texts would be read as a template's.
    body = _dump({"spec": spec}).replace("{{", "{{ `{{` }}")
    return _HEAD + _CHART_HEAD + head + _CHART_METADATA + body + "{{- end }}\n"


def _dump(document: dict[str, Any]) -> str:
    return str(yaml.safe_dump(document, sort_keys=False, width=100, allow_unicode=True))


def main(arguments: list[str]) -> int:
    """Write or compare; the exit code."""
    paths = [Path(argument) for argument in arguments if not argument.startswith("--")]
    if len(paths) != 1:
        sys.stderr.write("usage: python -m llmcache_api.resource.schema [--chart] [--check] FILE\n")
        return 2
    text = chart_template() if "--chart" in arguments else manifest()
    if "--check" not in arguments:
        paths[0].write_text(text, "utf-8")
    elif not paths[0].exists() or paths[0].read_text("utf-8") != text:
        sys.stderr.write(
            f"{paths[0]} is not what the models say; run python -m llmcache_api.resource.schema "
            f"{'--chart ' if '--chart' in arguments else ''}{paths[0]}\n"
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
