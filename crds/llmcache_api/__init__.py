"""The contract: what people write, as pydantic models.

What may enter: models of the sidecar's configuration and of the sections that the LLMCache resource
embeds (response cache, stores, auth, quality), the value types they share (durations, sizes), and
the rendering of validation errors for people. It imports nothing of ours, does no I/O but reading a
file it is given, and every field in it does something: a field without an effect is a bug.

Names are camelCase in YAML and JSON, snake_case in Python, and the same words everywhere else.
"""

from .cache import (
    AnswerJudge,
    AuthMode,
    AuthSection,
    ExactSection,
    LimitsSection,
    QualitySection,
    ResponseCacheSection,
    TenancyScope,
    TenancySection,
)
from .errors import ConfigError
from .modes import CacheMode, PrefixIsolation
from .policy import (
    NEVER_CACHED,
    BuiltInClass,
    ClassLists,
    CustomClassSection,
    OverrideSection,
    PolicySection,
    Route,
    SampledPolicy,
    ShortTtlSection,
)
from .semantic import (
    CrossEncoder,
    EmbeddingRuntime,
    EmbeddingSection,
    EmbeddingSource,
    QueryFrom,
    QuerySection,
    SemanticSection,
)
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
    MemoryVectorsSection,
    PgvectorSection,
    QdrantSection,
    Quantization,
    RedisSection,
    StoresSection,
    VectorsSection,
)

__all__ = [
    "NEVER_CACHED",
    "AdminSection",
    "AnswerJudge",
    "AuthMode",
    "AuthSection",
    "BuiltInClass",
    "CacheMode",
    "ClassLists",
    "ConfigError",
    "CrossEncoder",
    "CustomClassSection",
    "DrainSection",
    "EmbeddingRuntime",
    "EmbeddingSection",
    "EmbeddingSource",
    "EncryptionSection",
    "ExactSection",
    "FirstLevelSection",
    "LimitsSection",
    "LogSection",
    "MemoryStoreSection",
    "MemoryVectorsSection",
    "OverrideSection",
    "PgvectorSection",
    "PolicySection",
    "PrefixIsolation",
    "QdrantSection",
    "QualitySection",
    "Quantization",
    "QueryFrom",
    "QuerySection",
    "Readiness",
    "RedisSection",
    "ResponseCacheSection",
    "Route",
    "SampledPolicy",
    "SemanticSection",
    "ShortTtlSection",
    "SidecarConfig",
    "StoresSection",
    "TenancyScope",
    "TenancySection",
    "UpstreamSection",
    "VectorsSection",
]
