"""The managed Redis: losing it loses cached answers and nothing else."""

from __future__ import annotations

from typing import Final

from llmcache_api.resource.stores import ManagedRedis

from ...domain import Component, Manifest
from .. import names
from ..context import Context
from ..pods.hardening import container, scratch
from ..quantities import percent_of
from ..sidecar.config import REDIS_USER
from .store_parts import (
    claim_template,
    store_account,
    store_policy,
    store_service,
    store_set,
)

_PORTS: Final = {"redis": names.REDIS_PORT}

_RIGHTS: Final = (
    "~llmcache:* +@read +@write +@connection +@scripting +time +hmget -keys -flushall -flushdb"
)
"""What the sidecar needs (docs/stores.md)."""

_PASSWORD: Final = f"/etc/llmcache/redis/{names.REDIS_PASSWORD_KEY}"

_SCRIPT: Final = f"""set -eu
umask 077
password=$(cat {_PASSWORD})
printf %s "$password" > /run/redis/password
# Without a password anybody may ask whether it is there, which is all that a probe does.
cat > /run/redis/users.acl <<END
user default on nopass resetkeys resetchannels -@all +ping
user {REDIS_USER} on >$password resetchannels {_RIGHTS}
END
exec redis-server "$@"
"""
"""Redis takes its users from a file with their passwords. It is made in memory, so that the password
is in the Secret alone and in no object or command line."""


def build_redis_set(context: Context) -> Manifest | None:
    """The StatefulSet."""
    managed = context.managed_redis
    if managed is None:
        return None
    defaults = context.defaults
    memory = managed.memory or defaults.redis_memory
    name = names.redis_name(context.cache)
    data = {"name": "data", "mountPath": "/data"}
    server = container(
        "redis",
        context.redis_image,
        context.pull_policy,
        command=["sh", "-c", _SCRIPT, "redis"],
        args=_settings(context, managed, memory),
        ports=[{"name": "redis", "containerPort": names.REDIS_PORT, "protocol": "TCP"}],
        resources={
            "requests": {"cpu": defaults.redis_cpu, "memory": memory},
            "limits": {"memory": memory},
        },
        volumeMounts=[
            {"name": "password", "mountPath": "/etc/llmcache/redis", "readOnly": True},
            {"name": "run", "mountPath": "/run/redis"},
            data,
        ],
        readinessProbe=_probe(period=5, failures=2),
        livenessProbe=_probe(period=10, failures=6, password=True),
        startupProbe=_probe(period=2, failures=300),
    )
    volumes = [
        {
            "name": "password",
            "secret": {
                "secretName": name,
                "defaultMode": 0o440,
                "items": [{"key": names.REDIS_PASSWORD_KEY, "path": names.REDIS_PASSWORD_KEY}],
            },
        },
        scratch("run", "1Mi", memory=True),
    ]
    claim = None
    if managed.storage is not None:
        claim = claim_template(
            context, Component.REDIS, "data", managed.storage, managed.storage_class
        )
    else:
        volumes.append(scratch("data", "16Mi"))
    return store_set(context, Component.REDIS, server, volumes, claim)


def build_redis_service(context: Context) -> Manifest | None:
    """The Service."""
    if context.managed_redis is None:
        return None
    return store_service(context, Component.REDIS, _PORTS)


def build_redis_account(context: Context) -> Manifest | None:
    """The ServiceAccount."""
    return None if context.managed_redis is None else store_account(context, Component.REDIS)


def build_redis_policy(context: Context) -> Manifest | None:
    """The NetworkPolicy."""
    if context.managed_redis is None:
        return None
    return store_policy(context, Component.REDIS, _PORTS)


def _settings(context: Context, managed: ManagedRedis, memory: str) -> list[str]:
    defaults = context.defaults
    settings = {
        "port": str(names.REDIS_PORT),
        "protected-mode": "no",
        "aclfile": "/run/redis/users.acl",
        "dir": "/data",
        "maxmemory": str(percent_of(memory, defaults.redis_memory_percent)),
        # The purge log and its epoch have no time to live, and so are never evicted.
        "maxmemory-policy": defaults.redis_policy,
        "save": "",
        "appendonly": "no" if managed.storage is None else "yes",
        "appendfsync": "everysec",
    }
    flags = [part for name, value in settings.items() for part in (f"--{name}", value)]
    return ["--bind", "*", "-::*", *flags]


def _probe(*, period: int, failures: int, password: bool = False) -> Manifest:
    """A probe.

    Args:
        password: it fails too when the Secret was made anew: only a start takes its password over.
    """
    # It prints LOADING and leaves with 0 while it reads its file.
    command = f'[ "$(redis-cli -p {names.REDIS_PORT} ping)" = PONG ]'
    if password:
        command += f' && [ "$(cat {_PASSWORD})" = "$(cat /run/redis/password)" ]'
    return {
        "exec": {"command": ["sh", "-c", command]},
        "periodSeconds": period,
        "timeoutSeconds": 5,
        "failureThreshold": failures,
        "successThreshold": 1,
    }
