"""Stores, purge logs and what stands in front of them; real servers where it matters."""
