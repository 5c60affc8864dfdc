"""The engines of this folder's tests."""

from tests.engine.fixtures import real_embedding_engine, real_engine

__all__ = ["real_embedding_engine", "real_engine"]
