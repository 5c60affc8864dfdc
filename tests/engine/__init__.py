"""The real vLLM on this machine's CPU, for the tests that need one.

``install`` (stdlib only) makes a venv of its own for vLLM, ``tiny_model`` (runs inside that venv)
writes a model, ``launch`` starts engines, ``fixtures`` offers them to pytest. What may enter: the
engine and how it is started. Tests of our own parts belong to their folders and import from here.
"""
