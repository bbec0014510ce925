"""Which container engine a command talks to: the one of this machine, or another."""

from __future__ import annotations

from agentguard.interpret.invocation import Invocation
from agentguard.operations import Operation, ProgramCall
from agentguard.programs.contract import environment
from agentguard.world import reading
from agentguard.world.environments import LOCAL, UNKNOWN, classify, of_place
from agentguard.world.protocol import World

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

_LOCAL_CONTEXTS: Final = frozenset(
    ("", "default", "desktop-linux", "rootless", "colima", "orbstack", "rancher-desktop")
)


def target(operation: Operation, invocation: Invocation, world: World) -> tuple[str, str]:
    """The operands with the engine they lie on; this machine's engine is local."""
    assert isinstance(operation, ProgramCall)
    words = " ".join(str(word) for word in operation.operands)
    words = words if len(words) <= 80 else words[:79] + "…"
    project = operation.value("--project-name")
    if project is not None:
        words = f"{words} (project {project})".strip()
    host = operation.value("--host", "--url", "--connection")
    context = operation.value("--context")
    if host is None and context is None:
        host = environment("DOCKER_HOST", invocation, world) or environment("CONTAINER_HOST", invocation, world)
        context = environment("DOCKER_CONTEXT", invocation, world) if host is None else None
    if host is not None:
        if "//" not in str(host) and ":" not in str(host) and operation.has("--connection"):
            return f"{words} (connection {host})".strip(), classify("kube_contexts", str(host), world.settings)
        return f"{words} (engine {host})".strip(), _host(host.known, world)
    name = str(context) if context is not None else _configured(invocation, world)
    if name in _LOCAL_CONTEXTS:
        return words, LOCAL if not invocation.place else of_place(invocation.place, world.settings)
    return f"{words} (context {name})".strip(), classify("kube_contexts", name, world.settings)


def _host(address: str | None, world: World) -> str:
    if address is None:
        return UNKNOWN
    if address == "" or address.startswith(("unix:", "npipe:", "fd:", "/")):
        return LOCAL
    return classify("hosts", reading.host_of(address), world.settings)


def configuration(invocation: Invocation, world: World) -> str:
    """The file that names the context in use."""
    directory = reading.variable("DOCKER_CONFIG", invocation, world) or f"{world.home}/.docker"
    return f"{directory}/config.json"


def _configured(invocation: Invocation, world: World) -> str:
    """The context chosen with ``docker context use``."""
    name = reading.data(configuration(invocation, world), invocation, world).get("currentContext")
    return name if isinstance(name, str) else ""
