"""The statements of one model's table. Names are quoted, values are always parameters."""

# ruff: noqa: S608 - a statement is made of quoted names; what comes from outside is a parameter

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ...domain.purge import PurgeScope

LOCK: Final = 0x6C6C6D6361636865
"""Of the advisory lock under which tables are made: replicas start together."""

_COLUMNS: Final = (
    "id", "key", "partition", "tenant", "model", "tags", "created_at", "expires_at", "position_ms",
    "position_seq", "payload", "embedding",
)  # fmt: skip
_INLINE_DIMENSIONS: Final = 3000
_SWEPT: Final = 5000

SWEPT_AT_ONCE: Final = _SWEPT


@dataclass(frozen=True, slots=True)
class Statements:
    """What is asked of one table.

    Attributes:
        make: in this order, under the lock.
        dimensions: of the vectors that it holds.
        exact: reads every vector of the partition: the `+ 0` keeps the graph out of it. The other
            columns are fetched for those that are found alone, which takes a quarter less.
        near: may walk the graph.
        size: points of a partition, counted as far as a limit.
        analyze: lets the server's planner look at the table.
    """

    make: tuple[str, ...]
    dimensions: str
    exact: str
    near: str
    size: str
    analyze: str
    put: str
    delete: str
    sweep: str
    count: str
    forget: dict[PurgeScope, str]


def statements(table: str, dimensions: int, hnsw: bool) -> Statements:
    """For the table of this name (not quoted)."""
    name = quoted(table)
    vector = f"halfvec({int(dimensions)})"
    asked = f"$2::real[]::{vector}"
    make = [
        f"""CREATE TABLE IF NOT EXISTS {name} (
            id text PRIMARY KEY,
            key bytea NOT NULL,
            partition bytea NOT NULL,
            tenant text NOT NULL,
            model text NOT NULL,
            tags text[] NOT NULL,
            created_at float8 NOT NULL,
            expires_at float8 NOT NULL,
            position_ms int8 NOT NULL,
            position_seq int8 NOT NULL,
            payload bytea NOT NULL,
            embedding {vector} NOT NULL
        )""",
        f"CREATE INDEX IF NOT EXISTS {quoted(table + '_partition')} ON {name} (partition)",
        f"CREATE INDEX IF NOT EXISTS {quoted(table + '_expires')} ON {name} (expires_at)",
    ]
    if dimensions <= _INLINE_DIMENSIONS:
        # Beside the row's other columns: fetching each vector from elsewhere doubles a scan.
        make.insert(1, f"ALTER TABLE {name} ALTER COLUMN embedding SET STORAGE PLAIN")
    if hnsw:
        make.append(
            f"CREATE INDEX IF NOT EXISTS {quoted(table + '_hnsw')} ON {name} "
            "USING hnsw (embedding halfvec_cosine_ops)"
        )
    columns = "id, key, created_at, expires_at, payload"
    living = f"FROM {name} WHERE partition = $1 AND expires_at > $4"
    places = ", ".join(f"${at}" for at in range(1, len(_COLUMNS)))
    updates = ", ".join(f"{column} = EXCLUDED.{column}" for column in _COLUMNS[1:])
    before = "(position_ms, position_seq) < ($1, $2)"
    return Statements(
        tuple(make),
        "SELECT atttypmod FROM pg_attribute WHERE attrelid = to_regclass($1) "
        "AND attname = 'embedding'",
        f"SELECT {columns}, (embedding <=> {asked}) + 0 AS distance FROM {name} "
        f"WHERE ctid = ANY (ARRAY(SELECT ctid {living} "
        f"ORDER BY (embedding <=> {asked}) + 0 LIMIT $3)) ORDER BY distance",
        f"SELECT {columns}, embedding <=> {asked} AS distance {living} "
        f"ORDER BY embedding <=> {asked} LIMIT $3",
        f"SELECT count(*) FROM (SELECT FROM {name} WHERE partition = $1 LIMIT $2) AS own",
        f"ANALYZE {name}",
        f"INSERT INTO {name} ({', '.join(_COLUMNS)}) "
        f"VALUES ({places}, ${len(_COLUMNS)}::real[]::{vector}) "
        f"ON CONFLICT (id) DO UPDATE SET {updates}",
        f"DELETE FROM {name} WHERE id = ANY($1)",
        f"DELETE FROM {name} WHERE id IN "
        f"(SELECT id FROM {name} WHERE expires_at <= $1 LIMIT {_SWEPT})",
        f"SELECT count(*) FROM {name}",
        {
            PurgeScope.ENTRY: f"DELETE FROM {name} WHERE {before} AND id = $3",
            PurgeScope.TAG: f"DELETE FROM {name} WHERE {before} AND $3 = ANY(tags)",
            PurgeScope.TENANT: f"DELETE FROM {name} WHERE {before} AND tenant = $3",
            PurgeScope.MODEL: f"DELETE FROM {name} WHERE {before} AND model = $3",
            PurgeScope.ALL: f"DELETE FROM {name} WHERE {before}",
        },
    )


def quoted(name: str) -> str:
    """As an identifier."""
    return '"' + name.replace('"', '""') + '"'
