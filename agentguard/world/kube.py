"""Which cluster and namespace a Kubernetes command works on."""

from __future__ import annotations

import re
from typing import Final

from agentguard.interpret.invocation import Invocation
from agentguard.interpret.values import Value
from agentguard.operations import Operation, ProgramCall
from agentguard.programs.contract import environment
from agentguard.world.environments import LOCAL, UNKNOWN, classify, strictest
from agentguard.world.protocol import World

_CONTEXT: Final = ("--context", "--kube-context", "--argocd-context")
#: options that name the cluster itself
_CLUSTER: Final = ("--cluster", "--server", "--name")
_CURRENT: Final = re.compile(r"^current-context:[ \t]*[\"']?([^\"'\s]+)", re.MULTILINE)


def target(operation: Operation, invocation: Invocation, world: World) -> tuple[str, str]:
    """What is named on the command line with its context and namespace, and the environment they mean.

    A local cluster is local whatever its namespaces are called; elsewhere the strictest name counts.
    """
    assert isinstance(operation, ProgramCall)
    named = operation.value(*_CONTEXT)
    context = str(named) if named is not None else current_context(operation, invocation, world)
    namespace = _text(operation.value("--namespace"))
    cluster = _text(operation.value(*_CLUSTER))
    words = [str(word) for word in (*operation.operands, *operation.values("--filename", "--kustomize", "--raw"))]
    words += [f"{name} {value}" for name, value in (("in", namespace), ("cluster", cluster)) if value]
    if context:
        words.append(f"(context {context})")
    return _short(" ".join(words)), _environment(context, [namespace, cluster, *_objects(operation)], invocation, world)


def _objects(call: ProgramCall) -> list[str]:
    """Namespaces that are operands themselves: ``delete ns staging``."""
    words = [str(word) for word in call.operands]
    if words and re.match(r"(?:ns|namespaces?|projects?)$", words[0]):
        return words[1:]
    return [word.partition("/")[2] for word in words if re.match(r"(?:ns|namespaces?)/", word)]


def _environment(context: str, names: list[str], invocation: Invocation, world: World) -> str:
    settings = world.settings
    where = classify("kube_contexts", context, settings)
    if where == LOCAL:
        return LOCAL
    if not context and invocation.place:
        where = classify("hosts", invocation.place.rpartition(" ")[2], settings)
    found = {where, *(classify("kube_contexts", name, settings) for name in names if name)} - {UNKNOWN, LOCAL}
    return strictest(found) if found else UNKNOWN


def current_context(call: ProgramCall, invocation: Invocation, world: World) -> str:
    """The context that the kubeconfig names, "" where that is not known."""
    if invocation.place:
        return ""
    for path in _configs(call, invocation, world):
        data = world.read(path)
        found = _CURRENT.search(data.decode("utf-8", "replace")) if data is not None else None
        if found:
            return found[1]
    return ""


def _configs(call: ProgramCall, invocation: Invocation, world: World) -> list[str]:
    option = call.value("--kubeconfig")
    if option is not None:
        return [option.known] if option.known is not None else []
    variable = environment("KUBECONFIG", invocation, world)
    if variable is not None:
        return [path for path in (variable.known or "").split(":") if path]
    return [f"{world.home}/.kube/config"]


def _text(value: Value | None) -> str:
    return str(value) if value is not None else ""


def _short(text: str, limit: int = 100) -> str:
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"
