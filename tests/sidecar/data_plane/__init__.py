"""The data plane over real HTTP: a whole sidecar between a real client and a scripted engine.

`engine.py` answers exactly what a test tells it to; it knows nothing of vLLM. `answers.py` holds
requests and answers of the five APIs. `running.py` starts a sidecar and speaks to it.
"""
