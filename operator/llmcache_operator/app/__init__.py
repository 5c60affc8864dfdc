"""What triggers a pass, and the wiring of everything.

What may enter: kopf's handlers, the keyed queue, the pass itself (`reconciling`), the polling of
sidecars, heartbeat, metrics, logs, and `operator`, the one place that knows all parts. A pass is
level-triggered: whatever woke it, it looks at everything and does what is missing.
"""
