"""Unmodified clients of many makes through a running sidecar, the simulator behind it.

`tests.sdk` looks closely at the two SDKs for Python in front of a real vLLM; here is what else people
use. What is asked twice is asked of the engine once, and the client makes the same of both answers.

| Client | Runs in | What is asked |
|---|---|---|
| openai | Node | chat, streams, tools, JSON, Responses, embeddings; 400, 401, 404; leaving, retry |
| @anthropic-ai/sdk | Node | Messages, streams, tools, a beta with cache marks; 400, 404; retry |
| ai, @ai-sdk/openai-compatible | Node | text, stream, all events, object, tool, embedding; 404 |
| @langchain/openai | Node | invoke, stream, tools, structured output, Responses, embedding; 404 |
| openai-go | Go | chat, stream, tool, Responses; 404; retry |
| sashabaranov/go-openai | Go | chat; streams, for which it sends `Cache-Control: no-cache`; 401 |
| litellm | Python | chat by its providers openai, hosted_vllm and anthropic, stream, tool; 404 |
| langchain-openai | Python | invoke, stream, tools, structure, Responses, embedding; 404; retry |
| llama-index-llms-openai-like | Python | chat, stream |
| instructor | Python | tools, JSON schema |
| pydantic-ai | Python | text, an output type |

    install.py      what they run in, out of lock files, kept outside the checkout
    node/ go/ python/   a small program each: an order a line in, what the client made of it out
    driving.py      such a program as a process
"""
