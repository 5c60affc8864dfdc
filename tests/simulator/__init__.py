"""A stand-in for vLLM 0.32: its HTTP surface, byte shapes, prefix cache and metrics, no model.

From outside in: ``server`` (aiohttp: routes, authentication, pacing, faults) -> ``chat``,
``completions``, ``responses``, ``messages``, ``embeddings`` (one API each: body -> Job, Generation
-> bytes) -> ``engine`` (queue, prefix cache, metrics) -> ``language`` (what the answer says).
What may enter: what vLLM answers and how it fails. ``tests/engine/test_conformance.py`` compares
both; a shape that was not seen there does not belong here. Nothing of LLMCache is imported.
"""

from tests.simulator.config import Loading, SimConfig
from tests.simulator.faults import Fault
from tests.simulator.server import RecordedRequest, Simulator

__all__ = ["Fault", "Loading", "RecordedRequest", "SimConfig", "Simulator"]
