"""`llmcache calibrate FOLDER`: which cosines and probabilities suit an embedding model.

`pairs.tsv` holds questions of our own making, same and different, that the verifier was not trained on
(`python -m tests.quality.calibrating` writes it).
"""
