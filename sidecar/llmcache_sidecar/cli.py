"""The command line: `llmcache-sidecar`, and its `drain` and `check`."""

from __future__ import annotations

import argparse
import http.client
import os
import sys
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from llmcache_api import ConfigError, SidecarConfig
from llmcache_api.sidecar import read_document

EXIT_USAGE: Final = 2


@dataclass(frozen=True, slots=True)
class Flag:
    """One flag and the field that it sets.

    Attributes:
        field: path in the configuration, with dots.
        choices: what the flag takes, in lower case, and what the field takes.
    """

    name: str
    field: str
    text: str
    metavar: str = "X"
    choices: tuple[tuple[str, str], ...] = ()


def _modes(*names: str) -> tuple[tuple[str, str], ...]:
    return tuple((name.lower(), name) for name in names)


FLAGS: Final = (
    Flag("--upstream", "upstream.url", "the engine, such as http://127.0.0.1:8000", "URL"),
    Flag("--listen", "listen", "where clients connect (default 127.0.0.1:8080)", "HOST:PORT"),
    Flag("--admin", "admin.listen", "the admin plane (default 127.0.0.1:8081)", "HOST:PORT"),
    Flag("--admin-token-file", "admin.tokenFile", "bearer token of the admin plane", "FILE"),
    Flag("--redis", "stores.redis.url", "keep entries there instead of in memory", "URL"),
    Flag("--redis-password-file", "stores.redis.passwordFile", "password of --redis", "FILE"),
    Flag("--redis-ca-file", "stores.redis.caFile", "certificate authority of --redis", "FILE"),
    Flag(
        "--memory-store-bytes", "stores.memory.maxSize", "bound of the memory store (32Mi)", "SIZE"
    ),
    Flag(
        "--first-level-bytes", "stores.firstLevel.maxSize", "bound of the first level (16Mi)", "SIZE"
    ),
    Flag("--qdrant", "stores.vectors.qdrant.url", "keep vectors there", "URL"),
    Flag("--pgvector", "stores.vectors.pgvector.dsn", "keep vectors there", "DSN"),
    Flag("--tenant-key-file", "tenantKeyFile", "key of the tenants' hash", "FILE"),
    Flag(
        "--auth", "auth.mode", "who judges keys (default upstream)",
        choices=_modes("Keys", "Upstream", "None"),
    ),
    Flag("--api-keys-file", "auth.keysFile", "accepted keys, one a line; means --auth keys", "FILE"),
    Flag("--upstream-api-key-file", "upstream.apiKeyFile", "our own key for the engine", "FILE"),
    Flag("--engine-revision", "upstream.revision", "names what the engine runs", "TEXT"),
    Flag(
        "--default-temperature", "upstream.defaultTemperature",
        "what the engine does without a temperature; asked when not given", "T",
    ),
    Flag(
        "--exact", "responseCache.exact.mode", "mode of the exact level (default serve)",
        choices=_modes("Serve", "Observe", "Off"),
    ),
    Flag(
        "--semantic", "responseCache.semantic.mode", "mode of the semantic level (default serve)",
        choices=_modes("Serve", "Observe", "Off"),
    ),
    Flag(
        "--embedding", "responseCache.semantic.embedding",
        "bundled, a folder, or a hub's name of a model (default bundled)", "MODEL",
    ),
    Flag(
        "--threshold", "responseCache.semantic.threshold",
        "least similarity of a semantic hit (calibrated for the model)", "COSINE",
    ),
    Flag("--ttl", "responseCache.exact.ttl", "how long answers are served (1h)", "DURATION"),
    Flag("--max-temperature", "responseCache.policy.maxTemperature", "bypass above it (0.8)", "T"),
    Flag(
        "--sampled", "responseCache.policy.sampled",
        "for temperatures up to that without a seed (default cache)",
        choices=(("cache", "Cache"), ("exact-only", "ExactOnly"), ("bypass", "Bypass")),
    ),
    Flag(
        "--tenancy", "responseCache.tenancy.scope", "who shares answers (default api-key)",
        choices=(
            ("api-key", "APIKey"), ("end-user", "EndUser"), ("header", "Header"),
            ("shared", "Shared"),
        ),
    ),
    Flag("--tenant-header", "responseCache.tenancy.header", "for --tenancy header", "NAME"),
    Flag("--namespace", "responseCache.namespace", "caches apart (default)", "NAME"),
    Flag("--holdout-percent", "quality.holdoutPercent", "requests that skip the look-up (0)", "P"),
    Flag("--shadow-percent", "quality.shadowSamplePercent", "hits judged afterwards (0)", "P"),
    Flag(
        "--readiness", "readiness", "what /readyz speaks of (default engine)",
        choices=_modes("Engine", "Self"),
    ),
    Flag("--drain-propagation", "drain.propagation", "serve on after SIGTERM (0s)", "DURATION"),
    Flag("--drain-timeout", "drain.timeout", "then let requests finish (30s)", "DURATION"),
    Flag("--log-level", "log.level", "debug, info, warning or error", "LEVEL"),
    Flag("--log-format", "log.format", "text or json", "FORMAT"),
)  # fmt: skip

_NUMBERS: Final = frozenset(
    {
        "upstream.defaultTemperature",
        "responseCache.policy.maxTemperature",
        "quality.holdoutPercent",
        "quality.shadowSamplePercent",
        "responseCache.semantic.threshold",
    }
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; the exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given[:1] == ["drain"]:
        return _drain(given[1:])
    check = given[:1] == ["check"]
    options = _parser().parse_args(given[1:] if check else given)
    path = None if options.config is None else Path(options.config)

    def load() -> SidecarConfig:
        return load_config(options, path)

    try:
        config = load()
        if check:
            sys.stdout.write(f"{path or 'the command line'} is valid: {config.version()}\n")
            return 0
        _calculate_in_one_thread()
        from .app.run import run

        return run(config, load, path)
    except ConfigError as error:
        sys.stderr.write(f"llmcache-sidecar: {error}\n")
        return EXIT_USAGE


def _calculate_in_one_thread() -> None:
    """numpy's library of products starts a thread for each core of the node, whatever part of it the pod
    has. Ours take some microseconds; with threads, each waits until every one of them had a core. Heard
    only before numpy is imported."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def load_config(options: argparse.Namespace, path: Path | None) -> SidecarConfig:
    """The file's fields with the flags' on top of them."""
    document = {} if path is None else read_document(path)
    for flag in FLAGS:
        value = getattr(options, _destination(flag))
        if value is not None:
            _set(document, flag.field, _value(flag, value))
    if options.api_keys_file is not None and options.auth is None:
        _set(document, "auth.mode", "Keys")
    if "upstream" not in document:
        raise ConfigError(["upstream.url: is required: say --upstream http://HOST:PORT"])
    return SidecarConfig.parse(document, "configuration" if path is None else str(path))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="llmcache-sidecar",
        description="A caching proxy in front of an OpenAI-compatible engine such as vLLM.",
        epilog="llmcache-sidecar check ... validates and exits; llmcache-sidecar drain [--admin "
        "HOST:PORT] asks a running one to become a lame duck.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {version('llmcache')}")
    parser.add_argument("--config", metavar="FILE", help="YAML with every field; read on change")
    for flag in FLAGS:
        choices = [short for short, _ in flag.choices] or None
        parser.add_argument(
            flag.name,
            metavar=None if choices else flag.metavar,
            choices=choices,
            help=flag.text.replace("%", "%%"),
        )
    return parser


def _destination(flag: Flag) -> str:
    return flag.name[2:].replace("-", "_")


def _value(flag: Flag, text: str) -> Any:
    if flag.choices:
        return dict(flag.choices)[text]
    if flag.name == "--embedding":
        return _embedding(text)
    if flag.field in _NUMBERS:
        try:
            return float(text)
        except ValueError:
            return text  # the model says what it takes
    return text


def _embedding(text: str) -> dict[str, str]:
    if text == "bundled":
        return {"source": "Bundled"}
    if text.startswith((".", "/", "~")) or Path(text).is_dir():
        # Not Path.expanduser, which raises for a user that is none.
        return {"source": "Folder", "path": os.path.expanduser(text)}
    return {"source": "Hub", "model": text}


def _set(document: dict[str, Any], field: str, value: Any) -> None:
    *sections, name = field.split(".")
    for section in sections:
        inner = document.setdefault(section, {})
        if not isinstance(inner, dict):
            return  # the model says what it takes there
        document = inner
    document[name] = value


def _drain(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="llmcache-sidecar drain", allow_abbrev=False)
    parser.add_argument("--admin", default="127.0.0.1:8081", metavar="HOST:PORT")
    parser.add_argument("--admin-token-file", metavar="FILE")
    options = parser.parse_args(arguments)
    host = options.admin if not options.admin.startswith(":") else f"127.0.0.1{options.admin}"
    request = urllib.request.Request(f"http://{host}/admin/v1/drain", method="POST")
    try:
        if options.admin_token_file is not None:
            token = Path(options.admin_token_file).read_text("utf-8").strip()
            request.add_header("Authorization", f"Bearer {token}")
        # Never through a proxy that the environment names: it is this pod that is to drain.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=5):
            return 0
    except (OSError, ValueError, http.client.HTTPException) as error:
        sys.stderr.write(f"llmcache-sidecar drain: {error}\n")
        return 1
