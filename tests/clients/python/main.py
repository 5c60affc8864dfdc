"""The clients for Python. Reads {"call", "url", "topic"} a line, answers {"value"} or {"error"} a line.

Run by a Python of its own (`tests.clients.install`), so nothing here is of ours.
"""

from __future__ import annotations

import json
import sys
import uuid
from functools import cache
from typing import Any, Literal

import instructor
import litellm
from langchain_core.tools import tool as langchain_tool
from langchain_openai import ChatOpenAI, OpenAIEmbeddings
from llama_index.core.llms import ChatMessage
from llama_index.llms.openai_like import OpenAILike
from openai import OpenAI
from pydantic import BaseModel
from pydantic_ai import Agent
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider

KEY = "sk-clients"
MODEL = "tiny"


class Person(BaseModel):
    """Somebody."""

    name: Literal["Ada"]


@langchain_tool
def weather(city: str) -> str:
    """The weather at a place."""
    return f"rain in {city}"


def question(topic: str) -> str:
    return f"How is {topic} sent?"


def messages(topic: str) -> list[dict[str, str]]:
    return [{"role": "user", "content": question(topic)}]


class Litellm:
    def _ask(self, url: str, topic: str, **more: Any) -> Any:
        given = {"model": f"openai/{MODEL}", "temperature": 0, "max_tokens": 200, **more}
        given = {"api_base": f"{url}/v1", "api_key": KEY, **given}
        return litellm.completion(messages=messages(topic), **given)

    def chat(self, url: str, topic: str) -> Any:
        return self._ask(url, topic, metadata={"trace_id": str(uuid.uuid4())}).model_dump()

    def stream(self, url: str, topic: str) -> Any:
        chunks = self._ask(url, topic, stream=True, stream_options={"include_usage": True})
        return [chunk.model_dump() for chunk in chunks]

    def vllm(self, url: str, topic: str) -> Any:
        return self._ask(url, topic, model=f"hosted_vllm/{MODEL}").model_dump()

    def messages(self, url: str, topic: str) -> Any:
        return self._ask(url, topic, model=f"anthropic/{MODEL}", api_base=url).model_dump()

    def tool(self, url: str, topic: str) -> Any:
        schema = weather.args_schema.model_json_schema()
        function = {"name": "weather", "description": "?", "parameters": schema}
        tools = [{"type": "function", "function": function}]
        return self._ask(url, topic, tools=tools, tool_choice="required").model_dump()

    def unknown_model(self, url: str, topic: str) -> Any:
        return self._ask(url, topic, model="openai/nobody", num_retries=0)


@cache
def chat_openai(url: str, **more: Any) -> ChatOpenAI:
    """One for a URL: its connections are used again."""
    given = {"model": MODEL, "temperature": 0, "max_tokens": 200, **more}
    return ChatOpenAI(**given, base_url=f"{url}/v1", api_key=KEY)


class Langchain:
    def _run(self) -> Any:
        """LangChain's own names of the run change each time."""
        return {"metadata": {"thread_id": str(uuid.uuid4())}, "run_id": uuid.uuid4()}

    def invoke(self, url: str, topic: str) -> Any:
        return chat_openai(url).invoke(question(topic), self._run()).model_dump()

    def stream(self, url: str, topic: str) -> Any:
        chunks = chat_openai(url, stream_usage=True).stream(question(topic), self._run())
        return [
            {
                "content": chunk.content,
                "usage": chunk.usage_metadata,
                "end": chunk.response_metadata,
            }
            for chunk in chunks
        ]

    def tool(self, url: str, topic: str) -> Any:
        model = chat_openai(url).bind_tools([weather], tool_choice="required")
        return model.invoke(question(topic), self._run()).model_dump()

    def structured(self, url: str, topic: str) -> Any:
        model = chat_openai(url).with_structured_output(Person, method="json_schema")
        return model.invoke(question(topic), self._run()).model_dump()

    def function_calling(self, url: str, topic: str) -> Any:
        model = chat_openai(url).with_structured_output(Person, method="function_calling")
        return model.invoke(question(topic), self._run()).model_dump()

    def responses(self, url: str, topic: str) -> Any:
        model = chat_openai(url, use_responses_api=True)
        return model.invoke(question(topic), self._run()).model_dump()

    def embedding(self, url: str, topic: str) -> Any:
        model = OpenAIEmbeddings(
            model=MODEL, base_url=f"{url}/v1", api_key=KEY, check_embedding_ctx_length=False
        )
        return model.embed_query(question(topic))

    def unknown_model(self, url: str, topic: str) -> Any:
        return chat_openai(url, model="nobody").invoke(question(topic))


class Llamaindex:
    def _model(self, url: str) -> OpenAILike:
        return OpenAILike(
            model=MODEL, api_base=f"{url}/v1", api_key=KEY, is_chat_model=True,
            temperature=0, max_tokens=200,
        )  # fmt: skip

    def _ask(self, topic: str) -> list[ChatMessage]:
        return [ChatMessage(role="user", content=question(topic))]

    def chat(self, url: str, topic: str) -> Any:
        return self._model(url).chat(self._ask(topic)).raw.model_dump()

    def stream(self, url: str, topic: str) -> Any:
        return [part.delta for part in self._model(url).stream_chat(self._ask(topic))]


class Instructor:
    def _ask(self, url: str, topic: str, mode: instructor.Mode) -> Any:
        client = instructor.from_openai(OpenAI(base_url=f"{url}/v1", api_key=KEY), mode=mode)
        return client.chat.completions.create(
            model=MODEL, temperature=0, messages=messages(topic), response_model=Person
        ).model_dump()

    def tool(self, url: str, topic: str) -> Any:
        return self._ask(url, topic, instructor.Mode.TOOLS)

    def schema(self, url: str, topic: str) -> Any:
        return self._ask(url, topic, instructor.Mode.JSON_SCHEMA)


class Pydanticai:
    def _model(self, url: str) -> OpenAIChatModel:
        provider = OpenAIProvider(base_url=f"{url}/v1", api_key=KEY)
        return OpenAIChatModel(MODEL, provider=provider, settings={"temperature": 0})

    def text(self, url: str, topic: str) -> Any:
        ran = Agent(self._model(url)).run_sync(question(topic))
        return {"output": ran.output, "usage": ran.response.usage}

    def output(self, url: str, topic: str) -> Any:
        """An output type is a tool to it."""
        return (
            Agent(self._model(url), output_type=Person)
            .run_sync(question(topic))
            .output.model_dump()
        )


CLIENTS: dict[str, Any] = {
    kind.__name__.lower(): kind()
    for kind in (Litellm, Langchain, Llamaindex, Instructor, Pydanticai)
}


def answer(order: dict[str, str]) -> dict[str, Any]:
    client, name = order["call"].split(".")
    try:
        return {"value": getattr(CLIENTS[client], name)(order["url"], order["topic"])}
    except Exception as error:
        status = getattr(error, "status_code", None)
        return {"error": {"kind": type(error).__name__, "status": status, "text": str(error)[:500]}}


if __name__ == "__main__":
    out, sys.stdout = sys.stdout, sys.stderr  # whatever a client prints is no answer
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line)), default=str), file=out, flush=True)
