"""Verification: which answers may be served for which questions, by example."""
