"""The served model and its LoRA adapters."""

from __future__ import annotations

import hashlib
import time
import uuid
from typing import Any

from tests.simulator.config import SimConfig
from tests.simulator.errors import ApiError


class ModelRegistry:
    def __init__(self, config: SimConfig) -> None:
        self.base = config.model
        self.max_model_len = config.max_model_len
        self._adapters: dict[str, str] = {}

    def names(self) -> list[str]:
        return [self.base, *self._adapters]

    def hash(self, revision: str) -> str:
        """What stands for the engine's configuration in system_fingerprint."""
        return hashlib.sha256(f"{self.base}\x00{revision}".encode()).hexdigest()[:8]

    def load(self, name: str, path: str, *, in_place: bool) -> str:
        if not name or not path:
            raise invalid_input("Both 'lora_name' and 'lora_path' must be provided.")
        if name == self.base:
            raise invalid_input(f"The lora adapter '{name}' conflicts with a served base model.")
        if name in self._adapters and not in_place:
            raise invalid_input(
                f"The lora adapter '{name}' has already been loaded. If you want to load the "
                "adapter in place, set 'load_inplace' to True."
            )
        self._adapters[name] = path
        return f"Success: LoRA adapter '{name}' added successfully."

    def unload(self, name: str) -> str:
        if not name:
            raise invalid_input("'lora_name' needs to be provided to unload a LoRA adapter.")
        if name not in self._adapters:
            message = f"The lora adapter '{name}' cannot be found."
            raise ApiError(message, status=404, kind="NotFoundError")
        del self._adapters[name]
        return f"Success: LoRA adapter '{name}' removed successfully."

    def page(self) -> dict[str, Any]:
        """The body of /v1/models; times and permission ids are new on every call, as vLLM's."""
        base = self.card(self.base, f"/models/{self.base}", None, self.max_model_len)
        adapters = [self.card(n, path, self.base, None) for n, path in self._adapters.items()]
        return {"object": "list", "data": [base, *adapters]}

    def card(self, name: str, root: str, parent: str | None, window: int | None) -> dict[str, Any]:
        created = int(time.time())
        return {
            "id": name,
            "object": "model",
            "created": created,
            "owned_by": "vllm",
            "root": root,
            "parent": parent,
            "max_model_len": window,
            "permission": [
                {
                    "id": f"modelperm-{uuid.uuid4().hex[:16]}",
                    "object": "model_permission",
                    "created": created,
                    "allow_create_engine": False,
                    "allow_sampling": True,
                    "allow_logprobs": True,
                    "allow_search_indices": False,
                    "allow_view": True,
                    "allow_fine_tuning": False,
                    "organization": "*",
                    "group": None,
                    "is_blocking": False,
                }
            ],
        }


def invalid_input(message: str) -> ApiError:
    return ApiError(message, kind="InvalidUserInput")
