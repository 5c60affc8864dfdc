"""POST /v1/completions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson

from tests.simulator import asking, chat, fields, logprobs, tokens
from tests.simulator.asking import Asked, Context
from tests.simulator.chunks import Frame, Piece, interleaved
from tests.simulator.errors import Refused
from tests.simulator.fields import Body
from tests.simulator.job import Choice, Event, Finish, Generation, Job

DEFAULT_MAX_TOKENS = 16
QUESTION_CHARACTERS = 300


def parse(context: Context, body: Body) -> Asked:
    prompts = prompts_of(body)
    model = asking.model_of(context, body)
    stream, usage, continuous = asking.stream_of(body)
    if body.get("suffix"):
        error = Refused("suffix is only supported for models with FIM completion rendering")
        error.param = "suffix"
        raise error
    sampling = asking.sampling_of(
        context, body, max_tokens="max_tokens", default=DEFAULT_MAX_TOKENS
    )
    guided = chat.response_format(body) or asking.guided(body)
    salt = asking.salt_of(body)
    jobs = tuple(
        Job(model, prompt, prompt[-QUESTION_CHARACTERS:], sampling, cache_salt=salt, **guided)
        for prompt in prompts
    )
    return Asked(
        context=context,
        body=body,
        id=context.new_id("cmpl-", fields.string(body, "request_id")),
        created=asking.now(),
        model=model,
        jobs=jobs,
        stream=stream,
        include_usage=usage,
        continuous_usage=continuous,
        extra={
            "echo": fields.boolean(body, "echo"),
            "token_ids": fields.boolean(body, "return_token_ids"),
        },
    )


def prompts_of(body: Body) -> list[str]:
    """A text, token ids, or a list of either."""
    given = body.get("prompt")
    if given is None or given in ("", []):
        text = "Either prompt or prompt_embeds must be provided and non-empty."
        raise Refused(text, "prompt")
    if isinstance(given, str):
        return [given]
    if not isinstance(given, list):
        raise fields.wrong(body, "prompt", "list_type", "Input should be a valid list")
    if all(isinstance(item, int) for item in given):
        return [tokens.join(given)]
    prompts = []
    for item in given:
        if isinstance(item, list) and all(isinstance(number, int) for number in item):
            prompts.append(tokens.join(item))
        elif isinstance(item, str):
            prompts.append(item)
        else:
            raise fields.wrong(body, "prompt", "string_type", "Input should be a valid string")
    return prompts


def prompt_at(asked: Asked, index: int) -> str:
    """The prompt of a choice: choices are numbered through all prompts."""
    return asked.jobs[index // asked.jobs[0].sampling.n].prompt


def usage_of(asked: Asked, generation: Generation, *, whole: bool) -> dict[str, Any]:
    prompt, completion = generation.prompt_tokens, generation.completion_tokens
    usage: dict[str, Any] = {
        "prompt_tokens": prompt,
        "total_tokens": prompt + completion,
        "completion_tokens": completion,
    }
    cached = {"cached_tokens": generation.cached_tokens}
    details = asked.context.config.prompt_tokens_details
    if whole:
        empty = {"created_cache_tokens": None, "multimodal_tokens": None}
        usage["prompt_tokens_details"] = cached | empty if details else None
        usage["completion_tokens_details"] = None
    elif details:
        usage["prompt_tokens_details"] = cached
    return usage


def whole(asked: Asked, generation: Generation) -> bytes:
    choices = []
    for index, choice in enumerate(generation.choices):
        prompt = prompt_at(asked, index)
        echo = prompt if asked.extra["echo"] else ""
        probabilities = logprobs.completion(
            asked.jobs[0].sampling.logprobs, (*tokens.split(echo), *choice.text), 0
        )
        choices.append(
            {
                "index": index,
                "text": echo + choice.content,
                "logprobs": probabilities,
                "finish_reason": choice.finish.value,
                "stop_reason": choice.stop_string,
                "token_ids": chat.token_ids(asked, choice.text),
                "prompt_logprobs": None,
                "prompt_token_ids": chat.text_ids(asked, prompt),
                "routed_experts": None,
            }
        )
    return orjson.dumps(
        {
            "id": asked.id,
            "object": "text_completion",
            "created": asked.created,
            "model": asked.model,
            "choices": choices,
            "service_tier": None,
            "system_fingerprint": asked.context.fingerprint,
            "usage": usage_of(asked, generation, whole=True),
            "kv_transfer_params": None,
            "ec_transfer_params": None,
            "metrics": None,
        }
    )


def events(asked: Asked, generation: Generation) -> Iterator[Event]:
    head = b'data: {"id":%b,"object":"text_completion","created":%d,"model":%b,"choices":[' % (
        orjson.dumps(asked.id),
        asked.created,
        orjson.dumps(asked.model),
    )
    frame = Frame(
        asked,
        head,
        lambda made: running_usage(asked, generation, made),
        lambda: usage_of(asked, generation, whole=False),
    )
    yield from interleaved(
        frame, (choice_events(asked, n, choice) for n, choice in enumerate(generation.choices))
    )


def running_usage(asked: Asked, generation: Generation, made: int) -> bytes:
    if not asked.continuous_usage:
        return b""
    prompt = generation.prompt_tokens
    return b',"usage":{"prompt_tokens":%d,"total_tokens":%d,"completion_tokens":%d}' % (
        prompt,
        prompt + made,
        made,
    )


def choice_events(asked: Asked, index: int, choice: Choice) -> Iterator[Piece]:
    """Of one choice, for each chunk."""
    prompt = prompt_at(asked, index)
    pieces = list(choice.text)
    if choice.finish is Finish.STOP:
        pieces.append("")  # the end-of-text token
    if asked.extra["echo"]:
        pieces[0] = prompt + pieces[0]
    count = asked.jobs[0].sampling.logprobs
    offset = 0
    for number, piece in enumerate(pieces):
        last = number == len(pieces) - 1
        ids = chat.text_ids(asked, prompt) if number == 0 else None
        probabilities = logprobs.completion(count, (piece,) if piece else (), offset)
        offset += len(piece)
        yield (
            b'{"index":%d,"text":%b,"logprobs":%b,"finish_reason":%b,"stop_reason":%b,'
            b'"prompt_token_ids":%b,"token_ids":%b}'
            % (
                index,
                orjson.dumps(piece),
                orjson.dumps(probabilities),
                orjson.dumps(choice.finish.value if last else None),
                orjson.dumps(choice.stop_string if last else None),
                orjson.dumps(ids),
                orjson.dumps(chat.token_ids(asked, (piece,) if piece else ())),
            ),
            1,
            last,
        )
