"""Faults on purpose: real clients, the real sidecar process, a real Valkey, and things that break.

    stage       an engine (the simulator), a Valkey, sidecar processes, and a way of each to the other
    proxy       a way that can be slow, silent, cut or closed
    wall_clock  a sidecar whose wall clock can be set
    breaking    the faults, each a context manager over a stage
    asking      what clients ask, how they behave, and what they got, in one comparable form
    workload    tens of such clients at once, purges among them
    oracles     what must hold after each run
    scenarios   the table: which fault, beside which configuration, and what clients may then see
    playing     one scenario from its start to its report
    latency     how long answers take while the store is out or slow

The tests play every scenario once, small. `python -m tests.faults --minutes 60` plays them over and
over, larger, and prints the figures of docs/reliability.md.
"""
