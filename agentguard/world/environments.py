"""Which environment a name means: production, staging, local or unknown.

The configuration decides first (``[environments.NAME]``: patterns by kind of name); then well-known words do. A name
that says nothing is unknown, and nothing gets milder there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from fnmatch import fnmatchcase

from agentguard import regex
from agentguard.world.settings import Settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

PRODUCTION: Final = "production"
STAGING: Final = "staging"
LOCAL: Final = "local"
UNKNOWN: Final = "unknown"

_ORDER: Final = (PRODUCTION, UNKNOWN, STAGING, LOCAL)

_STAGING_WORDS: Final = (
    *("staging", "stage", "stg", "uat", "qa", "test", "testing", "tests", "dev", "devel", "development"),
    *("sandbox", "preview", "preprod", "nonprod", "preproduction", "nonproduction", "demo", "ci", "e2e"),
)
_WORDS: Final = {
    **dict.fromkeys(("prod", "production", "live", "prd"), PRODUCTION),
    **dict.fromkeys(_STAGING_WORDS, STAGING),
}
#: words that turn a production word after them around
_NEGATIONS: Final = frozenset(("non", "not", "pre"))
#: names of development clusters and container engines
_LOCAL_WORDS: Final = frozenset(
    ("localhost", "local", "kind", "minikube", "docker", "k3d", "colima", "orbstack", "microk8s", "rancher")
)
#: what a service is called in a compose file; no dot, so no real host of the network
_SERVICES: Final = frozenset(
    (
        *("db", "database", "postgres", "postgresql", "pg", "mysql", "mariadb", "mongo", "mongodb", "redis", "cache"),
        *("elasticsearch", "opensearch", "rabbitmq", "kafka", "minio", "localstack", "clickhouse", "cassandra"),
    )
)
_LOCAL_HOSTS: Final = (
    "localhost",
    "*.localhost",
    "*.local",
    "127.*",
    "::1",
    "[[]::1]",
    "0.0.0.0",
    "host.docker.internal",
)
_LOCAL_HOST_ENDS: Final = ("host.containers.internal", "kubernetes.docker.internal", "gateway.docker.internal")


#: addresses of private networks
_PRIVATE: Final = regex.compile(
    r"10(?:\.\d+){3}|192\.168(?:\.\d+){2}|172\.(?:1[6-9]|2\d|3[01])(?:\.\d+){2}|169\.254(?:\.\d+){2}"
    r"|f[cd][0-9a-f:]+|fe80:.*"
)


def private(host: str) -> bool:
    """Whether an address belongs to a private network."""
    return _PRIVATE.fullmatch(host) is not None


def classify(kind: str, name: str, settings: Settings) -> str:
    """The environment of a name of one kind (``hosts``, ``databases``, ``kube_contexts``, ``railway``, ``branches``,
    ``projects``, ``profiles``)."""
    if not name:
        return UNKNOWN
    lowered = name.lower()
    configured = [
        environment
        for environment, patterns in settings.environments.items()
        if any(fnmatchcase(lowered, pattern.lower()) for pattern in patterns.get(kind, ()))
    ]
    if configured:
        return strictest(configured)
    if kind == "hosts" and _local_host(lowered):
        return LOCAL
    words = [word.rstrip("0123456789") or word for word in re.findall(r"[a-z]+[0-9]*[a-z]*[0-9]*", lowered)]
    if kind == "kube_contexts" and words and (words[0] in _LOCAL_WORDS or lowered.startswith("k3d-")):
        return LOCAL
    if kind == "hosts" and len(words) > 1 and _WORDS.get(words[-1]) == STAGING:
        words.pop()  # ``.dev`` and ``.ci`` are domains of the internet
    found = {_word(words, index) for index in range(len(words))} - {""}
    if not found and kind != "hosts" and "local" in words:
        return LOCAL
    return strictest(found) if found else UNKNOWN


def strictest(environments: Iterable[str]) -> str:
    """Of several answers the one that forgives least (production, unknown, staging, local); other names count as
    unknown."""
    known = {environment if environment in _ORDER else UNKNOWN for environment in environments}
    return next((environment for environment in _ORDER if environment in known), UNKNOWN)


def of_place(place: str, settings: Settings) -> str:
    """The environment of another machine or container (``ssh web-1``), by its name; unknown for this machine, ""."""
    return classify("hosts", place.rpartition(" ")[2], settings) if place else UNKNOWN


def _word(words: list[str], index: int) -> str:
    found = _WORDS.get(words[index], "")
    if found == PRODUCTION and index and words[index - 1] in _NEGATIONS:
        return STAGING
    return found


def _local_host(host: str) -> bool:
    if any(fnmatchcase(host, pattern) for pattern in (*_LOCAL_HOSTS, *_LOCAL_HOST_ENDS)):
        return not re.fullmatch(r"127\.[a-z].*", host)
    return host in _SERVICES or (host.startswith("/") and "run" in host)
