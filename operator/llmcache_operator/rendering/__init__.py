"""Pure: an LLMCache becomes the Kubernetes objects that it asks for.

    render      the door: which renderer makes which workload; problems become words
    renderers   the versions of a rendering, each with its defaults; old ones never change
    resources   one builder for each kind of object: build_x(context) -> Manifest | None
    pods        what pods consist of: containers, volumes, probes, scheduling, the overlay
    engine      vLLM's command line, and which version of it knows which flag
    sidecar     the sidecar's configuration, and the files that it names

What may enter: functions from frozen values to manifests. No clock, no random number, no network: the
values of generated Secrets are therefore only asked for here (`GeneratedSecret`), and made by whoever
applies. The same resource, pins and facts give the same objects, byte for byte.
"""

from .facts import Facts, ImageOverrides
from .names import ADMIN_TOKEN_KEY, admin_secret_name
from .render import render
from .renderers import NEWEST, RENDERERS, RendererId
from .result import GeneratedSecret, RenderedModel, Rendering, Workload

__all__ = [
    "ADMIN_TOKEN_KEY",
    "NEWEST",
    "RENDERERS",
    "Facts",
    "GeneratedSecret",
    "ImageOverrides",
    "RenderedModel",
    "RendererId",
    "Rendering",
    "Workload",
    "admin_secret_name",
    "render",
]
