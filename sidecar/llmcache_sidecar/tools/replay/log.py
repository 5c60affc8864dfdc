"""The log: JSON lines, one request each."""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import orjson
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from ..errors import ToolError

MODEL: Final = "replayed"
"""What a line without a model asks for."""
_EARLIEST: Final = 1_700_000_000.0
_LATEST: Final = 1e11
"""Seconds: the year 5138. Milliseconds reach it in 1973."""


class Line(BaseModel):
    """One request, as a gateway or an engine logged it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    prompt: str | None = Field(default=None, min_length=1)
    """What the user asked; or `messages`."""
    messages: tuple[dict[str, Any], ...] | None = None
    """A whole chat, as the API takes it."""
    model: str = MODEL
    temperature: float = 0.0
    answer: str | None = None
    """What the engine said."""
    intent: str | None = None
    """What was meant: requests of one intent may share an answer."""
    time: float | None = None
    """When it was asked, in Unix seconds; a text is read as ISO 8601."""

    @field_validator("model", "temperature", mode="before")
    @classmethod
    def _fill_in(cls, value: object, info: ValidationInfo) -> object:
        """Gateways write null for what a request did not say."""
        if value is None and info.field_name is not None:
            return cls.model_fields[info.field_name].default
        return value

    @field_validator("time", mode="before")
    @classmethod
    def _read_time(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:  # its words would show what stands there
            raise ValueError("takes Unix seconds or a time in ISO 8601") from None
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()

    @field_validator("time")
    @classmethod
    def _is_in_seconds(cls, value: float | None) -> float | None:
        if value is not None and not abs(value) < _LATEST:
            raise ValueError("takes Unix seconds; these look like milliseconds, or finer")
        return value

    @model_validator(mode="after")
    def _asks_something(self) -> Line:
        if self.prompt is None and not self.messages:
            raise ValueError("`prompt` or `messages` is required")
        return self

    @property
    def shown(self) -> str:
        """The question, for a person."""
        if self.prompt is not None:
            return self.prompt
        assert self.messages is not None
        content = self.messages[-1].get("content", "")
        return content if isinstance(content, str) else orjson.dumps(content).decode()

    def body(self) -> bytes:
        """The request as a client sends it."""
        messages = self.messages or ({"role": "user", "content": self.prompt},)
        return orjson.dumps(
            {"model": self.model, "temperature": self.temperature, "messages": messages}
        )


def read_log(path: Path) -> list[Line]:
    """All lines, in order of time where all of them say it.

    Raises:
        ToolError: it can't be read, or a line is not what it should be; the message names the line
            and never shows what stands in it.
    """
    try:
        lines = list(_lines(path))
    except OSError as error:
        raise ToolError(f"{path} can't be read: {error.strerror}") from None
    if not lines:
        raise ToolError(f"{path} holds no requests: one JSON object a line, with `prompt`")
    if all(line.time is not None for line in lines):
        lines.sort(key=lambda line: line.time or 0.0)
    return lines


def _lines(path: Path) -> Iterator[Line]:
    with path.open("rb") as file:
        for number, raw in enumerate(file, 1):
            if number == 1:
                raw = raw.removeprefix(BOM_UTF8)
            if not raw.strip():
                continue
            try:
                yield Line.model_validate(orjson.loads(raw))
            except orjson.JSONDecodeError:
                raise ToolError(f"{path}, line {number}: takes one JSON object a line") from None
            except ValidationError as error:
                first = error.errors(include_input=False, include_url=False)[0]
                field = ".".join(str(part) for part in first["loc"])
                where = f"`{field}`: " if field else ""
                raise ToolError(f"{path}, line {number}: {where}{first['msg']}") from None


def starts_at(lines: list[Line]) -> float:
    """The time of the first request, in Unix seconds."""
    first = lines[0].time
    return _EARLIEST if first is None else first
