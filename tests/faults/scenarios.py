"""The table: which fault, beside which configuration, and what clients may then see."""

from __future__ import annotations

import signal
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from tests.faults import breaking
from tests.faults.asking import Manner
from tests.faults.breaking import Fault
from tests.faults.oracles import Allowed
from tests.faults.stage import Options
from tests.faults.workload import Load


@dataclass(frozen=True)
class Scenario:
    """One row.

    Attributes:
        options: of the stage.
        allowed: what clients may see beside what the engine alone would have given.
        purges: somebody purges all the while.
        recovers: afterwards the cache serves again.
    """

    name: str
    fault: Fault
    options: Options = Options()
    load: Load = Load()
    allowed: Allowed = Allowed()
    purges: bool = True
    recovers: bool = True


def _memory(**sections: Any) -> Options:
    return Options(store="memory", sections=sections)


def _semantic(**semantic: Any) -> Mapping[str, Any]:
    return MappingProxyType({"responseCache": {"semantic": {"mode": "Serve", **semantic}}})


_TWO: Final = Options(
    # What one replica holds in process must fall by the log alone, not by its age.
    sections={"stores": {"firstLevel": {"maxAge": "10s"}}},
    replicas=2,
)
_EVENTS: Final = 9
"""Boundaries of events at which streams are cut; an answer has some thirty."""

_ENGINE_FAULTS: Final = (
    "status=500", "status=503", "status=429;retry-after=3", "close", "html", "empty",
    "malformed-json", "malformed-sse=2", "midstream-error=3", "no-terminal", "wrong-length",
    "content-type=text/plain", "delay=30", "slow=2",
)  # fmt: skip
_CUTS: Final = tuple(f"cut-after={events}" for events in range(_EVENTS))
_HANGS: Final = ("hang", *(f"hang-after={events}" for events in (0, 1, 5)))

_ENGINE_AWAY: Final = Allowed(bad_gateway=True, broken=True)
_RESTARTS: Final = Allowed(bad_gateway=True, broken=True, restarts=True)

_NOWHERE: Final = "http://127.0.0.1:9"

SCENARIOS: Final = (
    Scenario("nothing-is-wrong", breaking.nothing),
    Scenario("nothing-is-wrong-in-memory", breaking.nothing, _memory()),
    Scenario("nothing-is-wrong-with-two-replicas", breaking.nothing, _TWO),
    # The store.
    Scenario("valkey-killed", breaking.valkey_killed),
    Scenario("valkey-paused", breaking.valkey_paused),
    Scenario("valkey-full", breaking.valkey_full),
    Scenario("valkey-busy", breaking.valkey_busy),
    Scenario("valkey-restarted-empty", breaking.valkey_restarted_empty),
    Scenario("valkey-restarted-empty-under-two", breaking.valkey_restarted_empty, _TWO),
    Scenario("valkey-wants-a-password", breaking.valkey_wants_a_password),
    Scenario("store-slow", breaking.store_slow),
    Scenario("store-cut", breaking.store_cut),
    Scenario("store-half-open", breaking.store_half_open),
    Scenario("store-refuses", breaking.store_refuses),
    Scenario(
        "store-speaks-no-tls", breaking.nothing, Options(scheme="rediss"), recovers=False
    ),
    Scenario("store-breaks-tls", breaking.store_garbled, Options(scheme="rediss", tls=True)),
    Scenario("one-replica-blind", breaking.one_replica_blind, _TWO),
    # The engine.
    Scenario("engine-answers-wrongly", breaking.nothing, load=Load(engine_faults=_ENGINE_FAULTS)),
    Scenario("engine-cuts-streams", breaking.nothing, load=Load(engine_faults=_CUTS)),
    Scenario("engine-hangs", breaking.nothing, load=Load(engine_faults=_HANGS)),
    Scenario("engine-refuses", breaking.engine_refuses, allowed=_ENGINE_AWAY),
    Scenario("engine-cut", breaking.engine_cut, allowed=_ENGINE_AWAY),
    Scenario("engine-stalls", breaking.engine_stalls),
    Scenario("engine-speaks-http10", breaking.engine_speaks_http10,
             load=Load(engine_faults=("status=500", "midstream-error=3", "no-terminal"))),
    # Clients.
    Scenario(
        "clients-leave", breaking.nothing,
        load=Load(manners=(
            Manner.LEAVES_BEFORE, Manner.LEAVES_DURING, Manner.LEAVES_AFTER, Manner.HALF_OPEN,
        )),
    ),
    Scenario(
        "clients-are-slow", breaking.nothing,
        load=Load(manners=(Manner.SLOW_READER, Manner.SLOW_WRITER, Manner.PIPELINED)),
    ),
    Scenario(
        "clients-steer", breaking.nothing,
        load=Load(wishes=("no-cache", "no-store", "max-age=0", "max-age=60")),
    ),
    # The semantic level.
    Scenario(
        "embedding-model-missing", breaking.nothing,
        Options(sections=_semantic(embedding={"source": "Folder", "path": "/nowhere"})),
    ),
    Scenario(
        "embedding-endpoint-away", breaking.nothing,
        Options(sections=_semantic(
            embedding={"source": "Endpoint", "url": _NOWHERE, "model": "none"},
        )),
    ),
    Scenario("semantic-level-on", breaking.valkey_killed, Options(sections=_semantic())),
    Scenario(
        "vector-store-away", breaking.nothing,
        Options(sections={**_semantic(), "stores": {"vectors": {"qdrant": {"url": _NOWHERE}}}}),
    ),
    Scenario("vector-store-hangs", breaking.vector_store_hangs, Options(vectors=True)),
    Scenario("embedding-model-hangs", breaking.embedding_model_hangs, Options(vectors=True)),
    # The sidecar itself.
    Scenario("log-disk-full", breaking.nothing, Options(stderr="/dev/full")),
    Scenario("event-loop-stalls", breaking.sidecar_stalled),
    Scenario("clock-jumps", breaking.clock_jumps, Options(hand_clock=True)),
    Scenario("clock-jumps-in-memory", breaking.clock_jumps,
             Options(store="memory", hand_clock=True)),
    Scenario("sighup", breaking.hung_up),
    Scenario("configuration-changes-and-breaks", breaking.reconfigured),
    Scenario("keys-rotate", breaking.keys_rotated),
    Scenario("sigterm", breaking.restarted_by(signal.SIGTERM), allowed=_RESTARTS),
    Scenario("sigint", breaking.restarted_by(signal.SIGINT), allowed=_RESTARTS),
    Scenario("sigkill", breaking.restarted_by(signal.SIGKILL), allowed=_RESTARTS),
    Scenario("sigkill-of-one-of-two", breaking.restarted_by(signal.SIGKILL), _TWO,
             allowed=_RESTARTS),
    # Several at once.
    Scenario(
        "store-and-engine-away", breaking.both(breaking.valkey_killed, breaking.engine_refuses),
        allowed=_ENGINE_AWAY,
    ),
    Scenario(
        "stall-while-valkey-is-paused",
        breaking.both(breaking.valkey_paused, breaking.sidecar_stalled),
    ),
)  # fmt: skip
