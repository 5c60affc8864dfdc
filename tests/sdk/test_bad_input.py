"""What the engine makes of bad input is what a client gets, with the sidecar as without it; and
nothing of it is stored."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
import pytest

from tests.sdk.asking import Clients
from tests.sdk.normal import assert_equal, normal
from tests.sdk.running import Sidecar

pytestmark = pytest.mark.vllm

CHAT: Final = "/v1/chat/completions"
GOOD: Final[dict[str, Any]] = {
    "model": "tiny",
    "messages": [{"role": "user", "content": "bad input"}],
    "temperature": 0,
    "max_tokens": 4,
}
_ADDRESS = re.compile(r"0x[0-9a-f]{6,}")


@dataclass(frozen=True, slots=True)
class Sent:
    """A request, as bytes where bytes matter."""

    body: bytes = b""
    path: str = CHAT
    method: str = "POST"
    headers: Mapping[str, str] = field(default_factory=dict)


def chat(**changes: Any) -> Sent:
    return Sent(json.dumps({**GOOD, **changes}).encode())


def at(path: str, body: Any, **headers: str) -> Sent:
    return Sent(json.dumps(body).encode(), path, headers=headers)


def user(content: Any) -> Sent:
    return chat(messages=[{"role": "user", "content": content}])


GOOD_TEXT: Final = json.dumps(GOOD).encode()
BAD: Final[dict[str, Sent]] = {
    # JSON
    "empty body": Sent(),
    "broken JSON": Sent(b'{"model": "tiny", "messages": ['),
    "no JSON at all": Sent(b"hello"),
    "an array": Sent(b"[1, 2]"),
    "a string": Sent(b'"x"'),
    "null": Sent(b"null"),
    "two documents": Sent(GOOD_TEXT + GOOD_TEXT),
    "trailing comma": Sent(GOOD_TEXT[:-1] + b",}"),
    "byte order mark": Sent(b"\xef\xbb\xbf" + GOOD_TEXT),
    "UTF-16": Sent(json.dumps(GOOD).encode("utf-16")),
    "invalid UTF-8": Sent(GOOD_TEXT.replace(b"bad input", b"bad \xff\xfe")),
    "overlong UTF-8": Sent(GOOD_TEXT.replace(b"bad input", b"bad \xc0\xaf")),
    "lone surrogate": Sent(GOOD_TEXT.replace(b"bad input", rb"bad \ud800")),
    "a null character": Sent(GOOD_TEXT.replace(b"bad input", rb"bad \u0000")),
    "a raw control character": Sent(GOOD_TEXT.replace(b"bad input", b"bad \x01")),
    "duplicate members": Sent(GOOD_TEXT[:-1] + b', "max_tokens": 2}'),
    "duplicate members, nested": Sent(
        GOOD_TEXT.replace(b'"content":', b'"content": "other", "content":')
    ),
    "NaN": Sent(GOOD_TEXT.replace(b'"temperature": 0', b'"temperature": NaN')),
    "Infinity": Sent(GOOD_TEXT.replace(b'"temperature": 0', b'"temperature": Infinity')),
    "1e400": Sent(GOOD_TEXT.replace(b'"temperature": 0', b'"temperature": 1e400')),
    "an integer over 64 bits": chat(seed=2**80),
    "an integer of 5000 digits": Sent(GOOD_TEXT[:-1] + b', "seed": ' + b"1" * 5000 + b"}"),
    "nested 10,000 deep": Sent(GOOD_TEXT[:-1] + b', "x": ' + b"[" * 10_000 + b"]" * 10_000 + b"}"),
    "nested 500 deep": Sent(GOOD_TEXT[:-1] + b', "x": ' + b"[" * 500 + b"]" * 500 + b"}"),
    "5 MB": user("x" * 5_000_000),
    "5 MB of members": Sent(
        GOOD_TEXT[:-1] + b", " + b", ".join(b'"m%d": 1' % i for i in range(300_000)) + b"}"
    ),
    # Types and values
    "no messages": Sent(b'{"model": "tiny"}'),
    "empty messages": chat(messages=[]),
    "messages are text": chat(messages="x"),
    "a message is text": chat(messages=["x"]),
    "messages are null": chat(messages=None),
    "unknown role": chat(messages=[{"role": "wizard", "content": "x"}]),
    "no role": chat(messages=[{"content": "x"}]),
    "content is a number": user(5),
    "content is an object": user({"a": 1}),
    "an unknown part": user([{"type": "hologram", "x": 1}]),
    "an image part": user(
        [{"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}}]
    ),
    "an audio part": user(
        [{"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}}]
    ),
    "model is a number": chat(model=5),
    "model is unknown": chat(model="nobody"),
    "model is an object": chat(model={"a": 1}),
    "temperature is text": chat(temperature="hot"),
    "temperature is a number in text": chat(temperature="0"),
    "temperature is negative": chat(temperature=-1),
    "temperature is true": chat(temperature=True, seed=1),
    "temperature is huge": chat(temperature=1e9),
    "max_tokens is negative": chat(max_tokens=-1),
    "max_tokens is zero": chat(max_tokens=0),
    "max_tokens is fractional": chat(max_tokens=4.5),
    "max_tokens is over the context": chat(max_tokens=100_000),
    "top_p is 2": chat(top_p=2),
    "n is zero": chat(n=0),
    "n is text": chat(n="two"),
    "n is huge": chat(n=100_000, temperature=0.5),
    "stream is text": chat(stream="maybe"),
    "stream is yes in text": chat(stream="true", temperature=1.2),
    "stream is 1": chat(stream=1, temperature=1.2),
    "stream_options without a stream": chat(stream_options={"include_usage": True}),
    "stream_options is text": chat(stream=True, stream_options="x"),
    "stop is a number": chat(stop=5),
    "stop is too long a list": chat(stop=[str(i) for i in range(2000)]),
    "logit_bias of nobody's token": chat(logit_bias={"99999": 1}),
    "top_logprobs without logprobs": chat(top_logprobs=2),
    "response_format is unknown": chat(response_format={"type": "yaml"}),
    "tools are empty": chat(tools=[]),
    "a tool without a name": chat(tools=[{"type": "function", "function": {}}]),
    "tool_choice without tools": chat(tool_choice="required"),
    "tool_choice of an unknown tool": chat(
        tools=[{"type": "function", "function": {"name": "a", "parameters": {}}}],
        tool_choice={"type": "function", "function": {"name": "b"}},
    ),
    "structured output twice": chat(structured_outputs={"regex": "a", "choice": ["b"]}),
    "a broken regex": chat(structured_outputs={"regex": "(["}),
    "user is a number": chat(user=5),
    "metadata is text": chat(metadata="x"),
    "request_id is a number": chat(request_id=5),
    "priority is text": chat(priority="high"),
    "cache_salt is empty": chat(cache_salt=""),
    "cache_salt is a number": chat(cache_salt=5),
    # The other APIs
    "completions: no prompt": at("/v1/completions", {"model": "tiny"}),
    "completions: an empty prompt": at("/v1/completions", {"model": "tiny", "prompt": ""}),
    "completions: an empty list": at("/v1/completions", {"model": "tiny", "prompt": []}),
    "completions: mixed prompts": at("/v1/completions", {"model": "tiny", "prompt": ["a", 5]}),
    "completions: a token too high": at("/v1/completions", {"model": "tiny", "prompt": [99999]}),
    "completions: a suffix": at(
        "/v1/completions", {"model": "tiny", "prompt": "a", "suffix": "b", "temperature": 0}
    ),
    "responses: no input": at("/v1/responses", {"model": "tiny"}),
    "responses: input is a number": at("/v1/responses", {"model": "tiny", "input": 5}),
    "responses: unknown item": at("/v1/responses", {"model": "tiny", "input": [{"type": "x"}]}),
    "responses: unknown predecessor": at(
        "/v1/responses", {"model": "tiny", "input": "x", "previous_response_id": "resp_0"}
    ),
    "messages: no max_tokens": at(
        "/v1/messages", {"model": "tiny", "messages": [{"role": "user", "content": "x"}]}
    ),
    "messages: no messages": at("/v1/messages", {"model": "tiny", "max_tokens": 5}),
    "messages: unknown model": at(
        "/v1/messages",
        {"model": "nobody", "max_tokens": 5, "messages": [{"role": "user", "content": "x"}]},
    ),
    "messages: system role in messages": at(
        "/v1/messages",
        {"model": "tiny", "max_tokens": 5, "temperature": 2.5,
         "messages": [{"role": "wizard", "content": "x"}]},
    ),
    "embeddings of a model that writes": at("/v1/embeddings", {"model": "tiny", "input": "x"}),
    # HTTP
    "no content type": Sent(GOOD_TEXT, headers={"Content-Type": ""}),
    "text/plain": Sent(GOOD_TEXT, headers={"Content-Type": "text/plain"}),
    "a form": Sent(b"model=tiny", headers={"Content-Type": "application/x-www-form-urlencoded"}),
    "multipart": Sent(
        b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n--x--\r\n',
        headers={"Content-Type": "multipart/form-data; boundary=x"},
    ),
    "gzip that is none": Sent(GOOD_TEXT, headers={"Content-Encoding": "gzip"}),
    "another charset": Sent(
        GOOD_TEXT + b" ", headers={"Content-Type": "application/json; charset=latin-1"}
    ),
    "GET on a POST route": Sent(method="GET"),
    "PUT on a POST route": Sent(GOOD_TEXT, method="PUT"),
    "DELETE on a POST route": Sent(method="DELETE"),
    "HEAD on a POST route": Sent(method="HEAD"),
    "OPTIONS on a POST route": Sent(method="OPTIONS"),
    "an unknown method": Sent(method="BREW"),
    "unknown route": at("/v1/nothing", {}),
    "unknown root": Sent(path="/", method="GET"),
    "a slash too many": Sent(b"{}", path="/v1/chat/completions/"),
    "a doubled slash": Sent(b"{}", path="/v1//chat/completions"),
    "another case": Sent(b"{}", path="/V1/chat/completions"),
    "an encoded slash": Sent(b"{}", path="/v1/chat%2Fcompletions"),
    "an unknown response": Sent(path="/v1/responses/resp_0", method="GET"),
}  # fmt: skip


def send(clients: Clients, sent: Sent) -> httpx.Response:
    headers = {
        "Authorization": f"Bearer {clients.key}",
        "Content-Type": "application/json",
        **sent.headers,
    }
    with httpx.Client(timeout=60.0) as client:
        return client.send(
            httpx.Request(
                sent.method,
                httpx.URL(clients.url, raw_path=sent.path.encode()),
                headers={name: value for name, value in headers.items() if value},
                content=sent.body,
            )
        )


def comparable(answer: httpx.Response) -> dict[str, Any]:
    kind = answer.headers.get("content-type", "")
    body: Any = _ADDRESS.sub("0x", answer.text)
    if kind.startswith("application/json") and body:
        document = normal([json.loads(body)]).form[0]
        if isinstance(document, dict):
            document.pop("usage", None)  # the prefix cache's figures
        body = document
    elif kind.startswith("text/event-stream"):
        body = "a stream"
    elif "nvalid" in body and answer.status_code == 400:
        body = "no HTTP"  # in the words of the HTTP server that was asked
    return {
        "status": answer.status_code,
        "type": kind,
        "allow": answer.headers.get("allow"),
        "body": body,
    }


@pytest.mark.parametrize("sent", BAD.values(), ids=BAD.keys())
def test_the_engines_verdict_comes_through(sent: Sent, plain: Sidecar, direct: Clients) -> None:
    without = send(direct, sent)
    before = {entry["id"] for entry in plain.entries()}
    through = send(plain.clients, sent)
    assert_equal(comparable(without), comparable(through))
    again = send(plain.clients, sent)
    assert_equal(comparable(without), comparable(again))
    stored = {entry["id"] for entry in plain.entries()} - before
    status = through.headers.get("cache-status", "")
    if without.status_code >= 400:
        assert not stored
        assert "stored" not in status
        assert "hit" not in again.headers.get("cache-status", "")
    assert ("cache-status" in through.headers) == (
        sent.method == "POST" and sent.path in (
            CHAT, "/v1/completions", "/v1/responses", "/v1/messages", "/v1/embeddings"
        )
    ), "every answer on a cached route says what happened, and no other"  # fmt: skip


EVIL: Final = {
    "a quote": 'a"b',
    "a backslash": "a\\b",
    "JSON": '"},"x":{"y":"',
    "tab": "a\tb",
    "spaces": "a b  c",
    "percent": "%0d%0aSet-Cookie: x=1",
    "markup": "<script>",
    "long": "x" * 3000,
    "format": "{0} %s {id}",
}


@pytest.mark.parametrize("name", EVIL.values(), ids=EVIL.keys())
@pytest.mark.parametrize("stream", [False, True])
def test_a_request_id_of_evil_intent(
    name: str, stream: bool, plain: Sidecar, direct: Clients
) -> None:
    """The client names its request in a header; the name ends up in the answer's id."""
    body = {**GOOD, "stream": stream, "user": "x"}
    sent = at(CHAT, body, **{"X-Request-Id": name})
    ids = []
    for clients in (direct, plain.clients, plain.clients):
        answer = send(clients, sent)
        assert answer.status_code == 200
        text = answer.text.split("\n")[0].removeprefix("data: ") if stream else answer.text
        ids.append(json.loads(text)["id"])
        assert "x" not in answer.cookies
    assert ids[0] == ids[1] == ids[2]


@pytest.mark.parametrize("name", EVIL.values(), ids=EVIL.keys())
def test_a_request_id_in_the_body(name: str, plain: Sidecar, direct: Clients) -> None:
    answers = [
        send(clients, chat(request_id=name)) for clients in (direct, plain.clients, plain.clients)
    ]
    assert len({answer.json()["id"] for answer in answers}) == 1


@pytest.mark.parametrize("tags", ["a\tb", 'x"y', "é", "a" * 65, ",".join("abcdefghijklmnopq")])
def test_tags_of_evil_intent(tags: str, plain: Sidecar) -> None:
    sent = Sent(GOOD_TEXT, headers={})
    headers = [
        (b"Authorization", f"Bearer {plain.key}".encode()),
        (b"Content-Type", b"application/json"),
        (b"LLMCache-Tags", tags.encode()),
    ]
    answer = httpx.post(f"{plain.url}{CHAT}", content=sent.body, headers=headers, timeout=60.0)
    assert answer.status_code == 200
    assert answer.headers["cache-status"] == "llmcache; fwd=bypass; detail=tags"


RAW: Final = {
    "a header without a colon": b"X-Broken\r\n",
    "a space before the colon": b"X-Broken : 1\r\n",
    "a folded header": b"X-Folded: a\r\n b\r\n",
    "a bare carriage return": b"X-Return: a\rSet-Cookie: x=1\r\n",
    "a null in a header": b"X-Null: a\x00b\r\n",
    "two lengths": b"Content-Length: 3\r\n",
    "length and chunks": b"Transfer-Encoding: chunked\r\n",
    "a negative length": None,
    "a header of 100 KB": b"X-Long: " + b"x" * 100_000 + b"\r\n",
}


@pytest.mark.parametrize("line", RAW.values(), ids=RAW.keys())
def test_requests_that_are_no_http(line: bytes | None, plain: Sidecar, direct: Clients) -> None:
    """Refused, or understood as the engine understands them; never a second answer."""
    before = len(plain.entries())
    length = b"-1" if line is None else b"%d" % len(GOOD_TEXT)
    for clients in (direct, plain.clients):
        request = (
            b"POST %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nConnection: close\r\n"
            b"Content-Type: application/json\r\nContent-Length: %s\r\n%s\r\n%s"
            % (CHAT.encode(), clients.key.encode(), length, line or b"", GOOD_TEXT)
        )
        answer = talk(clients.url, request)
        assert answer.count(b"HTTP/1.1 ") <= 1
        if clients is not direct and answer:
            status = int(answer.split(b" ", 2)[1])
            assert status in (200, 400, 431), answer[:200]
            assert b"Set-Cookie" not in answer.partition(b"\r\n\r\n")[0]
    assert len(plain.entries()) <= before + 1
    assert send(plain.clients, chat()).status_code == 200


@pytest.mark.parametrize(
    "target",
    [
        "/v1/../v1/chat/completions",
        "/./v1/chat/completions",
        "/v1/chat/completions?x=1",
        "/v1/chat/completions#x",
        "http://elsewhere/v1/chat/completions",
        "v1/chat/completions",
    ],
)
def test_targets_as_they_are(target: str, plain: Sidecar, direct: Clients) -> None:
    """Clients tidy them up; these are sent raw, with a body that the engine refuses."""
    statuses = []
    for clients in (direct, plain.clients):
        request = (
            f"POST {target} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {clients.key}\r\n"
            "Connection: close\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
        )
        statuses.append(int(talk(clients.url, request.encode()).split(b" ", 2)[1]))
    assert statuses[0] == statuses[1]


def talk(url: str, request: bytes) -> bytes:
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname or "", parts.port or 0), 10.0) as connection:
        connection.settimeout(10.0)
        received = b""
        try:
            connection.sendall(request)
            while data := connection.recv(65536):
                received += data
        except (TimeoutError, ConnectionError):
            pass
        return received
