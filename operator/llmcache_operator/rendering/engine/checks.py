"""Whether an engine would start at all: what is known to fail becomes words instead of a crash loop."""

from __future__ import annotations

from collections.abc import Iterator

from llmcache_api.resource import OWNED_FLAGS
from llmcache_api.resource.engine import OWNED_SHORT_FLAGS

from ...domain import Problem, Severity
from ..context import ModelContext
from .arguments import arguments
from .known import CommandLine, command_line
from .versions import OLDEST, show, version_of

OWNED_ENVIRONMENT = ("VLLM_HOST_IP", "VLLM_PORT", "HF_HUB_CACHE", "HF_HUB_OFFLINE", "HF_TOKEN")
"""Variables that are set here, or would open another way in or out. The hub's token has its field:
the container that downloads sees it, and the engine does not."""

_IMAGE_VOLUMES_MINOR = 35
"""Before it the feature is off by default, and an API server drops such a volume without a word."""


def check_engine(context: ModelContext) -> tuple[Problem, ...]:
    """Everything that is wrong with it; each stops this model's rendering."""
    found = [*_extra_arguments(context), *_environment(context), *_volumes(context)]
    version = version_of(context.engine_image)
    if version is not None and version < OLDEST:
        text = (
            f"{context.engine_image} is vLLM {show(version)}; its command line differs from what is "
            f"rendered here. Name an image of vLLM {show(OLDEST)} or newer"
        )
        found.append(_problem(context, "EngineVersionUnsupported", text))
    elif version is not None:
        known = command_line(version[0])
        if known is not None:
            found += _against(context, known)
    return tuple(found)


def _against(context: ModelContext, known: CommandLine) -> Iterator[Problem]:
    """The command line, held against what that version takes."""
    engine = context.engine
    for flag, value in _flags(arguments(context)):
        if not known.knows(flag):
            text = f"vLLM {known.version} has no flag {flag}; remove it, or name another image"
            yield _problem(context, "EngineFlagUnknown", text)
        elif value is not None and value not in known.choices.get(flag, {value}):
            yield _problem(context, "EngineValueUnknown", _takes(known, flag, known.choices[flag]))
    plugins = [flag for flag, _ in _flags(list(engine.extra_args or ()))]
    if (
        engine.tool_call_parser is not None
        and "--tool-parser-plugin" not in plugins
        and engine.tool_call_parser not in known.tool_call_parsers
    ):
        text = _takes(known, "toolCallParser", known.tool_call_parsers)
        yield _problem(context, "EngineValueUnknown", text)
    if (
        engine.reasoning_parser is not None
        and "--reasoning-parser-plugin" not in plugins
        and engine.reasoning_parser not in known.reasoning_parsers
    ):
        text = _takes(known, "reasoningParser", known.reasoning_parsers)
        yield _problem(context, "EngineValueUnknown", text)
    if engine.quantization is not None and engine.quantization not in known.quantization:
        text = _takes(known, "quantization", known.quantization)
        yield _problem(context, "EngineValueUnknown", text)


def _extra_arguments(context: ModelContext) -> Iterator[Problem]:
    """The schema says the same; this holds for resources that an older schema let in."""
    for argument in context.engine.extra_args or ():
        if owned(argument):
            flag = argument.partition("=")[0]
            text = f"extraArgs can't set {flag}: a field of the resource does, or it must stay"
            yield _problem(context, "EngineFlagOwned", text)


def owned(argument: str) -> bool:
    """Whether it reaches vLLM's parser as a flag that this resource keeps to itself: whole,
    abbreviated, with underscores, or with a dot into its JSON."""
    flag = argument.partition("=")[0].partition(".")[0].replace("_", "-")
    if flag.startswith("--"):
        return len(flag) > 2 and any(kept.startswith(flag) for kept in OWNED_FLAGS)
    return flag in OWNED_SHORT_FLAGS


def _environment(context: ModelContext) -> Iterator[Problem]:
    for variable in context.engine.env or ():
        if variable.name in OWNED_ENVIRONMENT:
            instead = " (use huggingFaceToken)" if variable.name == "HF_TOKEN" else ""
            text = f"env can't set {variable.name}: the operator does{instead}"
            yield _problem(context, "EngineVariableOwned", text)


def _volumes(context: ModelContext) -> Iterator[Problem]:
    weights = context.engine.weights
    if weights is None or weights.image is None:
        return
    minor = context.facts.kubernetes_minor
    if minor < _IMAGE_VOLUMES_MINOR:
        text = (
            f"weights.image needs Kubernetes 1.{_IMAGE_VOLUMES_MINOR} or newer, and this cluster is "
            f"1.{minor} (it would drop the volume silently); use claim, existingClaim or ephemeral"
        )
        yield _problem(context, "WeightsImageUnsupported", text)


def _flags(given: list[str]) -> Iterator[tuple[str, str | None]]:
    """Flags with their values, where one follows; a dot leads into a flag's JSON."""
    for index, argument in enumerate(given):
        if not argument.startswith("--") or len(argument) == 2:
            continue
        flag, equals, value = argument.partition("=")
        name = flag.partition(".")[0].replace("_", "-")
        if equals:
            yield name, value
        elif index + 1 < len(given) and not given[index + 1].startswith("-"):
            yield name, given[index + 1]
        else:
            yield name, None


def _takes(known: CommandLine, what: str, values: frozenset[str]) -> str:
    return f"{what} of vLLM {known.version} takes one of {', '.join(sorted(values))}"


def _problem(context: ModelContext, reason: str, text: str) -> Problem:
    return Problem(
        reason, f"model {context.model.name}: {text}", Severity.STALLED, context.model.name
    )
