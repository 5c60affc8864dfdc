"""The benchmark: the sidecar beside the floors under it, in one run.

What is measured is told by `cases`: each case puts several lanes (a server, a request, what the
answer must be) side by side. `rounds` runs them in turn, in rotating order, so that a drift of the
machine hits all alike; ratios are taken inside a round. One core belongs to the server, the other
to the client (`client`), to the engine's stand-in (`upstream`) and to Valkey.

    python -m tests.bench --quick
    python -m tests.bench --only exact --only miss
    python -m tests.bench --soak 1000000 --write-docs

Nothing here asserts a time: answers are checked, figures are reported, `goals` compares them.
"""
