"""Texts of other programs (a kubelet, a crashed engine), made fit for a status that many may read."""

from __future__ import annotations

import re
from typing import Final

_HIDDEN: Final = "[hidden]"

_SECRETS: Final = (
    # user:password@ in a URL
    (re.compile(r"(?<=://)[^\s/@]+@"), f"{_HIDDEN}@"),
    (re.compile(r"(?i)\b(bearer|basic)\s+[a-z0-9._~+/=-]{6,}"), rf"\1 {_HIDDEN}"),
    (
        re.compile(
            r"(?i)([\"']?(?:[a-z0-9]+[_-])*(?:token|password|passwd|secret|api[_-]?key|"
            r"authorization|credentials?)[\"']?\s*[:=]\s*)(\"[^\"]*\"|'[^']*'|[^\s,;)}\]]+)"
        ),
        rf"\1{_HIDDEN}",
    ),
    (re.compile(r"\b(?:hf|sk|pk|ghp|gho|glpat|xox[abp])[_-][A-Za-z0-9_-]{8,}"), _HIDDEN),
    (re.compile(r"\bAKIA[A-Z0-9]{12,}"), _HIDDEN),
    (re.compile(r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_.-]+"), _HIDDEN),
    (re.compile(r"-----BEGIN [A-Z ]+-----.*?(?:-----END [A-Z ]+-----|\Z)", re.DOTALL), _HIDDEN),
)

# An engine that dies over a request may print it.
_PROMPTS: Final = re.compile(
    r"(?i)([\"']?\b(?:prompt|prompts|messages|content|input_text)[\"']?\s*[:=]\s*)"
    r"(?!None\b).*?(?=\n|\Z)"
)

_NOISE: Final = re.compile(
    r"^\s*(?:(?:INFO|WARNING|DEBUG)\b|Traceback|File \"|\(\w+ pid=\d+\)\s*$|[\^~\s]*$)"
)
_PREFIX: Final = re.compile(
    r"^\s*(?:\(\w+(?: pid=\d+)?\)\s*)*(?:(?:ERROR|CRITICAL) [\d: .-]+)?(?:\[[^\]]*\]\s*)?"
)
_SAYS_WHY: Final = re.compile(
    r"(?:\w+(?:Error|Exception|Exit)\b|\berror\b|[Ff]atal|[Kk]illed|not )"
)


def redacted(text: str, longest: int = 400) -> str:
    """The text on one line, without anything that looks like a secret or a prompt, cut at `longest`."""
    for pattern, instead in _SECRETS:
        text = pattern.sub(instead, text)
    text = _PROMPTS.sub(rf"\1{_HIDDEN}", text)
    text = " ".join(text.split())
    return text if len(text) <= longest else f"{text[: longest - 3].rstrip()}..."


def last_words(log: str, longest: int = 400) -> str:
    """What the end of a program's log says of why it ended: its last line with an error, redacted.

    Kubernetes gives the last 80 lines or 2 KiB of a container without a termination message.
    """
    lines = [_PREFIX.sub("", line).strip() for line in log.splitlines() if not _NOISE.match(line)]
    lines = [line for line in lines if line]
    telling = [line for line in lines if _SAYS_WHY.search(line)]
    return redacted((telling or lines or [""])[-1], longest)
