"""What programs say in their last words may be read by everybody who may read a status."""

from __future__ import annotations

import pytest

from llmcache_operator.status.redacting import last_words, redacted


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("401 for token hf_AbCdEfGhIjKlMnOpQr", "hf_AbCdEfGhIjKlMnOpQr"),
        ("redis://llmcache:s3cret-word@redis:6379 refused", "s3cret-word"),
        ('headers {"Authorization": "Bearer abc.def.ghi"}', "abc.def.ghi"),
        ("HF_TOKEN=abcdef123 was refused", "abcdef123"),
        ("password: 'open sesame' is wrong", "open sesame"),
        ("api_key=sk-abcdefghijklmnop", "sk-abcdefghijklmnop"),
        ("-----BEGIN PRIVATE KEY-----\nMIIEvQ\n-----END PRIVATE KEY-----", "MIIEvQ"),
        ("prompt='My name is Ada', sampling", "Ada"),
        ('{"messages": [{"role": "user", "content": "My name is Ada"}]}', "Ada"),
    ],
)
def test_secrets_and_prompts_are_taken_out(text: str, secret: str) -> None:
    assert secret not in redacted(text)
    assert "[hidden]" in redacted(text)


def test_what_helps_stays() -> None:
    text = "max_num_batched_tokens (2048) is smaller than max_model_len (8192)"
    assert redacted(text) == text


def test_the_last_line_with_an_error_is_what_counts() -> None:
    log = """(EngineCore pid=99) INFO 01-01 00:00:00 [core.py:1] starting
(EngineCore pid=99) ERROR 01-01 00:00:01 [core.py:9] torch.OutOfMemoryError: CUDA out of memory
Traceback (most recent call last):
  File "x.py", line 1, in <module>
INFO 01-01 00:00:02 [api.py:1] shutting down
"""
    assert last_words(log) == "torch.OutOfMemoryError: CUDA out of memory"
    assert last_words("") == ""
    assert last_words("just words") == "just words"


def test_long_texts_are_cut() -> None:
    assert len(redacted("x" * 5000)) == 400
