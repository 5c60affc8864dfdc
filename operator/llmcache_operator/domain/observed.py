"""What there is in the cluster of one LLMCache, as the last look found it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from .objects import Manifest, ObjectKey
from .problems import Problem


class Claimant(StrEnum):
    """Whose an object is that has a name of ours and isn't ours."""

    LEAVING = "Leaving"  # of an LLMCache that is gone: the garbage collector is on its way
    OTHER_CACHE = "OtherCache"  # of another LLMCache that lives
    STRANGER = "Stranger"  # somebody else's, or nobody's and without our labels


@dataclass(frozen=True, order=True)
class Wanted:
    """What a pod's volume needs.

    Attributes:
        item: the key in a Secret or ConfigMap; empty = the object as a whole.
    """

    object: ObjectKey
    item: str = ""


@dataclass(frozen=True)
class Foreign:
    """Somebody else's object under a name that we want.

    Attributes:
        owner: who it says it belongs to, for people ("LLMCache other", "Deployment x"); empty if nobody.
    """

    claimant: Claimant
    owner: str = ""


@dataclass(frozen=True)
class Observed:
    """Everything that was seen of one LLMCache.

    Attributes:
        objects: live objects of this cache (its label, or its uid as owner), whole but for
            metadata.managedFields. Of a Secret that we made only apiVersion, kind and metadata.
        pods: pods of this cache: metadata, status, and of the spec nodeName and the containers'
            names, images and restart policies.
        foreign: names that we want and that are somebody else's.
        refusals: what the API server refused in the last pass, in words for people.
        autoscalers: HorizontalPodAutoscalers that target our Deployments.
        replicas_owned: workloads whose spec.replicas our own field manager holds.
        absent: what waiting pods refer to and is not there (Secrets, ConfigMaps, claims), and keys that
            such an object has not.
    """

    objects: Mapping[ObjectKey, Manifest] = field(default_factory=dict)
    pods: tuple[Manifest, ...] = ()
    foreign: Mapping[ObjectKey, Foreign] = field(default_factory=dict)
    refusals: tuple[Problem, ...] = ()
    autoscalers: tuple[Manifest, ...] = ()
    replicas_owned: frozenset[ObjectKey] = frozenset()
    absent: frozenset[Wanted] = frozenset()
