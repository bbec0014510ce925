"""The part of the policy that says what names mean; plain data, so that every stage may hold it."""

from __future__ import annotations

from collections.abc import Mapping

from agentguard.light import dataclass, field


@dataclass(frozen=True, slots=True)
class Protection:
    """A ``[[protect]]`` entry: paths (absolute, ``~`` expanded, may hold globs) and what is stopped there."""

    paths: tuple[str, ...]
    stops: frozenset[str]
    reason: str


@dataclass(frozen=True, slots=True)
class Settings:
    """``environments`` maps an environment name (``production``) to the patterns that mean it, by kind
    (``hosts``, ``databases``, ``kube_contexts``, ``railway``, ``branches``, ``projects``, ``profiles``)."""

    environments: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    protections: tuple[Protection, ...] = ()
    protected_branches: tuple[str, ...] = ("main", "master", "production", "prod", "release", "release/*")
