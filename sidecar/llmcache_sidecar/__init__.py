"""The caching sidecar: a transparent OpenAI-compatible proxy that answers equal requests once.

A reader's way in: `pipeline/decider.py` is a request's way, top to bottom. Around it, from the
outside in:

    cli, app      the process: configuration, composition, signals, drain, reload
    server        HTTP: the data plane (clients) and the admin plane (people, the operator)
    pipeline      the order of the steps, single flight, the keeper of answers
    adapters      stores and the engine behind the ports    telemetry   the account
    ports         what the pipeline needs from outside
    policy, purging, keys, apis, streaming                  pure decisions
    domain        the words

Imports point downwards only (import-linter, in pyproject.toml), and nothing pure does I/O.
"""
