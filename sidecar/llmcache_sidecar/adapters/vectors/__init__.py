"""Implementations of `ports.vector_store`, and what stands in front of them.

In this process (`memory`), in Qdrant (`qdrant`), in PostgreSQL (`pgvector`); a deadline and a circuit
breaker (`guarded`), a bounded queue for writes (`write_queue`). What may enter: classes that
implement the port or stand in front of one, and what they are made of. A vendor's client is imported
by its own modules only, so that each stays optional.
"""
