"""A model whose engine this resource runs: vLLM on GPU nodes."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final

from pydantic import BeforeValidator, Field

from ..base import Duration, Section
from ..modes import PrefixIsolation, off_is_a_word
from ..rules import Rule, checked_by, exactly_one, list_map, validations
from .references import (
    ConfigMapKey,
    Environment,
    ExtendedResource,
    Image,
    Labels,
    ObjectName,
    PodTemplate,
    Quantity,
    ResourceAmounts,
    SecretKey,
    Toleration,
)

OWNED_FLAGS: Final = (
    "--host", "--port", "--uds", "--api-key", "--root-path", "--model", "--served-model-name",
    "--revision", "--code-revision", "--download-dir", "--config", "--hf-token",
    "--enable-prefix-caching", "--no-enable-prefix-caching", "--disable-prefix-caching",
    "--prefix-caching-hash-algo", "--enable-prompt-tokens-details",
    "--no-enable-prompt-tokens-details", "--disable-prompt-tokens-details", "--kv-events-config",
    "--kv-offloading-size", "--kv-offloading-backend", "--kv-transfer-config",
    "--max-model-len", "--dtype", "--quantization", "--tensor-parallel-size",
    "--gpu-memory-utilization", "--override-generation-config", "--generation-config",
    "--shutdown-timeout", "--scheduling-policy", "--enable-lora",
    "--no-enable-lora", "--disable-lora", "--lora-modules",
    "--max-lora-rank", "--max-loras", "--chat-template", "--tool-call-parser",
    "--enable-auto-tool-choice", "--no-enable-auto-tool-choice", "--disable-auto-tool-choice",
    "--grpc", "--grpc-port", "--reasoning-parser", "--ssl-keyfile", "--ssl-certfile",
    "--ssl-ca-certs", "--headless", "--data-parallel-size", "--data-parallel-address",
    "--data-parallel-rpc-port", "--middleware", "--allowed-origins",
)  # fmt: skip
"""Flags of vLLM that this resource's own fields set, or that would open a way around the sidecar."""

OWNED_SHORT_FLAGS: Final = ("-tp", "-q", "-dp")

_OWNED: Final = ", ".join(f"'{flag}'" for flag in (*OWNED_FLAGS, *OWNED_SHORT_FLAGS))

EXTRA_ARGS_RULE: Final = Rule(
    # vLLM reads underscores as dashes. Its parser also takes abbreviations (--hos) and dots into a
    # flag's JSON (--kv-events-config.endpoint): those are for the renderer to refuse, since saying it
    # here costs more than the API server allows.
    f"!self.exists(a, a.split('=', 2)[0].replace('_', '-') in [{_OWNED}])",
    "takes flags that no field of the resource sets and that keep vLLM behind the sidecar; use the "
    "fields model, revision, servedNames, maxModelLen, dtype, quantization, gpu, prefixCaching, "
    "lora, chatTemplate, toolCallParser, reasoningParser, defaultTemperature instead",
)


class OnOff(StrEnum):
    """A switch."""

    ON = "On"
    OFF = "Off"


Switch = Annotated[
    OnOff, BeforeValidator(lambda value: OnOff.ON if value is True else off_is_a_word(value))
]
"""On or Off; quote them, or YAML reads a truth value."""


class HashAlgorithm(StrEnum):
    """How vLLM names the blocks of its prefix cache."""

    SHA256 = "sha256"
    SHA256_CBOR = "sha256_cbor"
    XXHASH = "xxhash"
    XXHASH_CBOR = "xxhash_cbor"


class OffloadBackend(StrEnum):
    """What keeps offloaded blocks."""

    NATIVE = "Native"
    LMCACHE = "LMCache"


class CpuOffloadSection(Section):
    """Blocks that leave the GPU go to the node's memory instead of being dropped."""

    size_gi: Annotated[int, Field(ge=1, le=4096)]
    """GiB of the node's memory for each pod; added to the engine's memory request."""
    backend: OffloadBackend | None = None
    """Native or LMCache; unset = Native."""


class KvEventsSection(Section):
    """vLLM tells which blocks come and go, on the pod's loopback only: they carry prompt tokens."""

    mode: Switch
    """On or Off."""
    port: Annotated[int, Field(ge=1024, le=65535)] | None = None
    """Port on 127.0.0.1; unset = 5557."""


class PrefixCachingSection(Section):
    """The engine's own cache: requests that share the beginning of a prompt share its work."""

    mode: Switch | None = None
    """On or Off; unset = On."""
    hash_algorithm: HashAlgorithm | None = None
    """sha256, sha256_cbor, xxhash or xxhash_cbor; unset = sha256."""
    isolation: PrefixIsolation | None = None
    """Shared: all tenants share. Tenant: each has its own, which closes a timing channel and also
    gives up the sharing of a common system prompt. Unset = Shared."""
    cpu_offload: CpuOffloadSection | None = None
    """Blocks that leave the GPU go to the node's memory instead of being dropped. Unset = they are
    dropped."""
    events: KvEventsSection | None = None
    """vLLM tells which blocks come and go, on the pod's loopback only: they carry prompt tokens.
    Unset = it does not."""


class GpuSection(Section):
    """The accelerators of one pod."""

    count: Annotated[int, Field(ge=0, le=64)] | None = None
    """How many; also vLLM's tensor parallelism. Unset = 1; 0 = none (an engine on CPUs)."""
    resource: ExtendedResource | None = None
    """The resource that the device plugin offers; unset = nvidia.com/gpu."""


class DType(StrEnum):
    """The numbers that the model computes with."""

    AUTO = "auto"
    BFLOAT16 = "bfloat16"
    FLOAT16 = "float16"
    FLOAT32 = "float32"
    HALF = "half"
    FLOAT = "float"


class LoraAdapter(Section):
    """One LoRA adapter, served as a model of its own name."""

    name: Annotated[
        str, Field(min_length=1, max_length=128, pattern=r"^[A-Za-z0-9][-._A-Za-z0-9]*$")
    ]
    """The model name that clients write."""
    path: Annotated[str, Field(min_length=1, max_length=512, pattern=r"^[!-+.-<>-~-]+$")]
    """A hub id; or, beginning with /, a folder on the weights' volume."""


class LoraSection(Section):
    """Adapters over the base model."""

    adapters: Annotated[
        tuple[LoraAdapter, ...],
        Field(
            min_length=1,
            max_length=32,
            json_schema_extra=list_map("name"),
        ),
    ]
    """By name."""
    max_rank: Annotated[int, Field(ge=1, le=512)] | None = None
    """The largest rank among them; unset = vLLM's own default (16)."""


class AccessMode(StrEnum):
    """Who may mount a claim."""

    READ_WRITE_MANY = "ReadWriteMany"
    READ_WRITE_ONCE = "ReadWriteOnce"


class WeightsClaim(Section):
    """A claim that the operator makes and one init container fills."""

    storage: Quantity
    """Its size; it may grow and never shrinks."""
    access_mode: AccessMode
    """ReadWriteMany, or ReadWriteOnce with exactly one replica."""
    storage_class: ObjectName | None = None
    """Its class; unset = the cluster's default. Can't be changed: name another model to move."""


class EphemeralWeights(Section):
    """Every pod downloads for itself, into a volume that goes with it."""

    storage: Quantity
    """Limit of that volume."""


class ExistingClaim(Section):
    """A claim that somebody else filled; it is mounted read-only."""

    name: ObjectName
    """The claim."""
    path: Annotated[str, Field(max_length=512, pattern=r"^[^/].*$")] | None = None
    """Folder of the model in it; unset = a hub cache, searched by the model's name."""


class WeightsImage(Section):
    """An image that holds the model's folder, mounted read-only (Kubernetes 1.35 or newer)."""

    reference: Image
    """The image."""
    path: Annotated[str, Field(max_length=512, pattern=r"^[^/].*$")] | None = None
    """Folder of the model in it; unset = its root."""


class WeightsSection(Section):
    """Where the model's weights come from. Unset = ephemeral, 100Gi."""

    model_config = checked_by(
        exactly_one("claim", "existingClaim", "ephemeral", "image"),
        Rule(
            "!has(self.retain) || has(self.claim)",
            "takes retain with claim only: nothing else is the operator's to keep",
        ),
    )

    claim: WeightsClaim | None = None
    existing_claim: ExistingClaim | None = None
    ephemeral: EphemeralWeights | None = None
    image: WeightsImage | None = None
    retain: bool | None = None
    """Whether the claim outlives the resource; unset = true. A resource of the same name finds it
    again."""


class RolloutSection(Section):
    """How pods are replaced."""

    model_config = checked_by(
        Rule(
            "!(has(self.maxSurge) && self.maxSurge == 0 && has(self.maxUnavailable) && "
            "self.maxUnavailable == 0)",
            "takes maxSurge or maxUnavailable above 0: with both 0 nothing could be replaced",
        )
    )

    max_surge: Annotated[int, Field(ge=0, le=100)] | None = None
    """Pods above `replicas` while rolling; each needs free GPUs. Unset = 0."""
    max_unavailable: Annotated[int, Field(ge=0, le=100)] | None = None
    """Pods that may be missing while rolling. Unset = 1."""


class SchedulingSection(Section):
    """Where pods may run."""

    node_selector: Labels | None = None
    """Labels that a node must have."""
    tolerations: Annotated[tuple[Toleration, ...], Field(max_length=16)] | None = None
    """Taints that are tolerated; nvidia.com/gpu always is for engines that ask for it."""
    spread: Switch | None = None
    """On: pods of a model spread over nodes where they can. Unset = On."""
    priority_class: ObjectName | None = None
    """A PriorityClass; unset = the cluster's default."""
    runtime_class: ObjectName | None = None
    """A RuntimeClass, such as nvidia; unset = the node's default."""


class EngineSection(Section):
    """vLLM, run by the operator: a Deployment of pods, each with the caching sidecar in front."""

    model_config = checked_by(
        Rule(
            "!has(self.weights) || !has(self.weights.claim) || "
            "self.weights.claim.accessMode == 'ReadWriteMany' || "
            "(has(self.replicas) && self.replicas <= 1)",
            "weights.claim ReadWriteOnce takes replicas: 1 (or 0), written out; for more "
            "replicas choose accessMode ReadWriteMany, ephemeral, existingClaim or image",
        ),
    )

    model: Annotated[str, Field(min_length=1, max_length=256, pattern=r"^[!-,.-~][!-~]*$")]
    """Hub id; or, beginning with /, a folder of the engine's image or of a volume (nothing is
    downloaded then)."""
    revision: (
        Annotated[str, Field(min_length=1, max_length=128, pattern=r"^[-._/A-Za-z0-9]+$")] | None
    ) = None
    """Commit, tag or branch on the hub. Name a commit: answers are then never mixed over versions."""
    served_names: (
        Annotated[
            tuple[
                Annotated[str, Field(min_length=1, max_length=256, pattern=r"^[!-,.-~][!-~]*$")],
                ...,
            ],
            Field(min_length=1, max_length=8),
        ]
        | None
    ) = None
    """Names that clients may write as `model`; unset = `model` itself."""
    image: Image | None = None
    """vLLM's image; unset = the one of the renderer (status.resolved)."""
    replicas: Annotated[int, Field(ge=0, le=1000)] | None = None
    """How many pods. Unset: 1 at first, and then whatever an autoscaler makes of it."""
    gpu: GpuSection | None = None
    prefix_caching: PrefixCachingSection | None = None
    max_model_len: Annotated[int, Field(ge=1, le=10_485_760)] | None = None
    """Longest prompt and answer together, in tokens; unset = the model's own."""
    dtype: DType | None = None
    """Number type of weights and activations; unset = auto: what the model says."""
    quantization: (
        Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[a-z0-9_-]+$")] | None
    ) = None
    """A method that vLLM knows, such as awq, gptq or fp8; unset = what the model says."""
    gpu_memory_percent: Annotated[int, Field(ge=1, le=100)] | None = None
    """Share of each GPU's memory that vLLM takes; unset = vLLM's own default."""
    lora: LoraSection | None = None
    chat_template: ConfigMapKey | None = None
    """A chat template (Jinja) in a ConfigMap; unset = the model's own."""
    tool_call_parser: (
        Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")] | None
    ) = None
    """How tool calls are read from the model's text (hermes, llama3_json, ...); switches automatic
    tool choice on."""
    reasoning_parser: (
        Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")] | None
    ) = None
    """How reasoning is told apart from the answer (deepseek_r1, qwen3, ...)."""
    default_temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    """What an omitted temperature means. Set: the engine is told so. Unset: the engine is asked."""
    extra_args: (
        Annotated[
            tuple[Annotated[str, Field(min_length=1, max_length=512)], ...],
            Field(max_length=64, json_schema_extra=validations(EXTRA_ARGS_RULE)),
        ]
        | None
    ) = None
    """More flags for `vllm serve`, each as one text: --max-num-seqs=64."""
    env: (
        Annotated[
            tuple[Environment, ...],
            Field(
                max_length=64,
                json_schema_extra=list_map("name"),
            ),
        ]
        | None
    ) = None
    """Environment of the engine's container, by name."""
    resources: ResourceAmounts | None = None
    """CPU and memory of the engine's container; GPUs come from `gpu`."""
    weights: WeightsSection | None = None
    hugging_face_token: SecretKey | None = None
    """Token for the hub; only the container that downloads sees it."""
    startup_timeout: Duration | None = None
    """How long downloading and loading may take before a pod counts as failed; unset = 2h."""
    drain_seconds: Annotated[int, Field(ge=0, le=3600)] | None = None
    """How long requests in flight may take when a pod goes; unset = 60."""
    rollout: RolloutSection | None = None
    scheduling: SchedulingSection | None = None
    pod_template: PodTemplate | None = None
    """Laid over the pod template at the end: labels, annotations, more volumes, containers, ... It
    can neither remove the sidecar nor expose vLLM; a condition says so
    (reason PodTemplateInvalid)."""
