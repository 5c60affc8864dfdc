"""The cross-encoder in the package: from pairs of our own making to a graph of 23 MB.

    python -m tests.sidecar.embeddings.torch_venv -m tests.quality.cross_encoder.train   # an hour
    python -m tests.quality.cross_encoder.fuse                                       # its grey zone

`groups/*.tsv` are questions that nineteen authors wrote in groups for it, as in `tests.quality.grouped`:
one question, the same in other words, and questions that only seem the same. Every sixth group is held
back, to fit what decides about the grey zone. Nobody's data goes into it.
"""
