"""Every API's dialect."""

from __future__ import annotations

from typing import Final

from ..domain.api import Api
from .chat import CHAT
from .completions import COMPLETIONS
from .dialect import Dialect
from .embeddings import EMBEDDINGS
from .messages import MESSAGES
from .responses import RESPONSES

DIALECTS: Final[dict[Api, Dialect]] = {
    dialect.api: dialect for dialect in (CHAT, COMPLETIONS, RESPONSES, MESSAGES, EMBEDDINGS)
}
