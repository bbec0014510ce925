"""Which cluster and namespace a Kubernetes command works on."""

from __future__ import annotations

import re
from collections.abc import Mapping

from agentguard import regex
from agentguard.interpret.invocation import Invocation
from agentguard.interpret.values import Value
from agentguard.light import dataclass, field
from agentguard.operations import Operation, ProgramCall
from agentguard.programs.contract import environment
from agentguard.world import reading
from agentguard.world.environments import LOCAL, PRODUCTION, UNKNOWN, classify, of_place, private, strictest
from agentguard.world.protocol import World
from agentguard.world.settings import Settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

_CONTEXT: Final = ("--context", "--kube-context", "--kubecontext", "--argocd-context")
#: options that name the cluster itself
_CLUSTER: Final = ("--cluster", "--name")
_SERVER: Final = ("--server", "--kube-apiserver")
_KEY: Final = regex.compile(r"( *)(- +)?([\w-]+):[ \t]*(.*)")


@dataclass(slots=True)
class Kubeconfig:
    """``contexts`` maps a name to its cluster and namespace, ``servers`` the name of a cluster to its address."""

    current: str = ""
    contexts: dict[str, tuple[str, str]] = field(default_factory=dict)
    servers: dict[str, str] = field(default_factory=dict)


def target(operation: Operation, invocation: Invocation, world: World) -> tuple[str, str]:
    """What is named on the command line with its context and namespace, and the environment they mean.

    A local cluster is local whatever its namespaces are called; elsewhere the strictest name counts.
    """
    assert isinstance(operation, ProgramCall)
    config = configuration(operation, invocation, world)
    context = _text(operation.value(*_CONTEXT)) or _text(environment("HELM_KUBECONTEXT", invocation, world))
    context = context or config.current
    kept, usual = config.contexts.get(context, ("", ""))
    named = _text(operation.value(*_CLUSTER))
    address = _text(operation.value(*_SERVER))
    namespace = _text(operation.value("--namespace")) or _text(environment("HELM_NAMESPACE", invocation, world))
    words = [str(word) for word in (*operation.operands, *operation.values("--filename", "--kustomize", "--raw"))]
    places = (("in", namespace or usual), ("cluster", named), ("server", address))
    words += [f"{name} {value}" for name, value in places if value]
    details = [f"{name} {value}" for name, value in _details(operation, context) if value]
    if details:
        words.append(f"({', '.join(details)})")
    names = [namespace or usual, *_objects(operation), *_files(operation, context)]
    if address or named:
        environment_name = _chosen(address or config.servers.get(named, ""), named, names, world.settings)
    else:
        server = config.servers.get(kept, "")
        environment_name = _environment(context, kept, server, names, invocation, world)
    return _short(" ".join(words)), environment_name


def _details(call: ProgramCall, context: str) -> list[tuple[str, str]]:
    region, profile = (_text(call.value(name)) for name in ("--region", "--profile"))
    return [("context", context), ("kubeconfig", "" if context else _text(call.value("--kubeconfig"))),
            ("region", region), ("profile", profile)]  # fmt: skip


def _files(call: ProgramCall, context: str) -> list[str]:
    """The name of a kubeconfig that says nothing itself."""
    return [] if context else [_text(call.value("--kubeconfig")).rpartition("/")[2]]


def _objects(call: ProgramCall) -> list[str]:
    """Namespaces and applications that are operands themselves: ``delete ns staging``."""
    words = [str(word) for word in call.operands]
    if call.program == "argocd":
        return words
    if words and re.match(r"(?:ns|namespaces?|projects?)$", words[0]):
        return words[1:]
    return [word.partition("/")[2] for word in words if re.match(r"(?:ns|namespaces?)/", word)]


def _chosen(address: str, cluster: str, names: list[str], settings: Settings) -> str:
    """Where the command line itself names the server or the cluster: the context says nothing then."""
    host = reading.host_of(address)
    by_host, by_name = classify("hosts", host, settings), classify("kube_contexts", cluster, settings)
    if LOCAL in (by_host, by_name) and PRODUCTION not in (by_host, by_name):
        return LOCAL
    return _of_names({by_host, by_name}, names, settings)


def _environment(
    context: str, cluster: str, server: str, names: list[str], invocation: Invocation, world: World
) -> str:
    """A name that says local counts unless the address of the cluster belongs to the internet; a name that says
    nothing is local where the address is."""
    settings = world.settings
    host = reading.host_of(server)
    near = not host or classify("hosts", host, settings) == LOCAL or private(host)
    where = classify("kube_contexts", context, settings)
    if where == LOCAL and (near or classify("kube_contexts", context, Settings()) != LOCAL):
        return LOCAL
    by_cluster = classify("kube_contexts", cluster, settings)
    by_host = classify("hosts", host, settings)
    if by_host == LOCAL and PRODUCTION not in (where, by_cluster):
        return LOCAL
    if not context and invocation.place:
        where = of_place(invocation.place, settings)
    return _of_names({where, by_cluster, by_host}, names, settings)


def _of_names(found: set[str], names: list[str], settings: Settings) -> str:
    found = {*found, *(classify("kube_contexts", name, settings) for name in names if name)} - {UNKNOWN, LOCAL}
    return strictest(found) if found else UNKNOWN


# -------------------------------------------------------------------------------------- configuration


def configuration(call: ProgramCall, invocation: Invocation, world: World) -> Kubeconfig:
    """All kubeconfig files of a call, the first one that says something winning."""
    merged = Kubeconfig()
    for path in paths(call, invocation, world):
        content = reading.text(path, invocation, world)
        if content is None:
            continue
        found = read(content)
        merged.current = merged.current or found.current
        merged.contexts = {**found.contexts, **merged.contexts}
        merged.servers = {**found.servers, **merged.servers}
    return merged


def paths(call: ProgramCall, invocation: Invocation, world: World) -> list[str]:
    """Where the configuration of a call lies; empty where only running tells."""
    option = call.value("--kubeconfig")
    if option is not None:
        return [option.known] if option.known is not None else []
    variable = environment("KUBECONFIG", invocation, world)
    if variable is None or variable.known == "":
        return [f"{world.home}/.kube/config"]
    found = [path for path in (variable.known or "").split(":") if path]
    return [reading.at_home(path, world) for path in found]


def read(content: str) -> Kubeconfig:
    """The names in a kubeconfig as kubectl writes it (block style)."""
    config = Kubeconfig()
    section = ""
    item: dict[str, str] = {}
    depth = 0
    for line in content.splitlines():
        match = _KEY.match(line)
        if match is None:
            continue
        indent, dash, key, value = len(match[1]), match[2], match[3], reading.scalar(match[4])
        if not indent and not dash:
            _take(config, section, item)
            section, item = key, {}
            if key == "current-context":
                config.current = value
            continue
        if dash and (not item or indent + len(dash) <= depth):
            _take(config, section, item)
            item, depth = {}, indent + len(dash)
        indent += len(dash or "")
        if value:
            item.setdefault(key if indent == depth else f".{key}", value)
        else:
            item.setdefault("", "open")
    _take(config, section, item)
    return config


def _take(config: Kubeconfig, section: str, item: Mapping[str, str]) -> None:
    name = item.get("name", "")
    if section == "contexts" and name:
        config.contexts.setdefault(name, (item.get(".cluster", ""), item.get(".namespace", "")))
    elif section == "clusters" and name:
        config.servers.setdefault(name, item.get(".server", ""))


def _text(value: Value | None) -> str:
    return str(value) if value is not None else ""


def _short(text: str, limit: int = 100) -> str:
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"
