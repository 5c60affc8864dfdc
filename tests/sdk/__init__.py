"""Unmodified OpenAI and Anthropic clients through a running sidecar, the real vLLM behind it.

The rule that all of this tests: a client can't tell a hit from a miss except by the headers and the
speed, and can't tell the sidecar from the engine at all.

    running.py      the processes: an engine (or one that runs already), a Valkey, sidecars
    asking.py       one call of an SDK, whole or streamed, sync or async, and what came back
    normal.py       the form in which two answers are compared: new names and times put aside
    *_cases.py      what is asked
"""
