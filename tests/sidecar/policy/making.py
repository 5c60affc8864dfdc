"""Requests for the rules."""

from __future__ import annotations

from typing import Any, Final

from llmcache_sidecar.apis.reading import read_facts
from llmcache_sidecar.domain.api import Api
from llmcache_sidecar.domain.request import RequestFacts

GENERATING: Final = (Api.CHAT, Api.COMPLETIONS, Api.RESPONSES, Api.MESSAGES)


def asked(api: Api = Api.CHAT, **body: Any) -> RequestFacts:
    """The facts of a request with this body."""
    return read_facts(api, body)
