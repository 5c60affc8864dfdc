"""The contract: what people write, as pydantic models.

What may enter: models of the sidecar's configuration and of the sections that the LLMCache resource
embeds (response cache, stores, auth, quality), the value types they share (durations, sizes), and
the rendering of validation errors for people. It imports nothing of ours, does no I/O but reading a
file it is given, and every field in it does something: a field without an effect is a bug.

Names are camelCase in YAML and JSON, snake_case in Python, and the same words everywhere else.
"""

from .cache import (
    AuthMode,
    AuthSection,
    CacheMode,
    ExactSection,
    LimitsSection,
    PolicySection,
    QualitySection,
    ResponseCacheSection,
    SampledPolicy,
    TenancyScope,
    TenancySection,
)
from .errors import ConfigError
from .sidecar import (
    AdminSection,
    DrainSection,
    LogSection,
    Readiness,
    SidecarConfig,
    UpstreamSection,
)
from .stores import (
    EncryptionSection,
    FirstLevelSection,
    MemoryStoreSection,
    RedisSection,
    StoresSection,
)

__all__ = [
    "AdminSection",
    "AuthMode",
    "AuthSection",
    "CacheMode",
    "ConfigError",
    "DrainSection",
    "EncryptionSection",
    "ExactSection",
    "FirstLevelSection",
    "LimitsSection",
    "LogSection",
    "MemoryStoreSection",
    "PolicySection",
    "QualitySection",
    "Readiness",
    "RedisSection",
    "ResponseCacheSection",
    "SampledPolicy",
    "SidecarConfig",
    "StoresSection",
    "TenancyScope",
    "TenancySection",
    "UpstreamSection",
]
