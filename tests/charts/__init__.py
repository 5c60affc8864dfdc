"""The Helm chart: what it renders, what it refuses, and what a real API server makes of it.

The chart's own unit tests (helm-unittest, charts/llmcache/tests) say what each value does; the tests
here look at what they can't: that alerts and dashboards name metrics that exist, that a wrong value
stops with its name, that everything rendered is accepted, that the operator's rights are enough and
no more than that, and that every example is accepted.
"""
