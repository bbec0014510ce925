"""Programs around kubectl that an option table does not describe: kubectl inside other programs, helmfile's hooks."""

from __future__ import annotations

from collections.abc import Iterator

from agentguard.interpret.invocation import Effect, InnerCommand, Invocation
from agentguard.interpret.values import literal
from agentguard.operations import Opaque, ProgramCall
from agentguard.world.protocol import World

_RELEASING = frozenset(("sync", "apply", "destroy", "delete", "test"))


def nested(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """``minikube kubectl -- delete …``, ``k3s kubectl delete …``, ``microk8s kubectl``, ``k0s kubectl``."""
    words = invocation.argv[1:]
    for index, word in enumerate(words):
        if word.known in ("kubectl", "helm", "helm3"):
            rest = words[index + 1 :]
            rest = rest[1:] if rest and rest[0].known == "--" else rest
            if call.program == "minikube":
                rest = (literal("--context"), literal("minikube"), *rest)
            yield InnerCommand((word, *rest), f"{call.program} {word.known}")
            return
        if not word.prefix.startswith("-"):
            return


def helmfile(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """A helmfile may start commands of its own (hooks)."""
    words = (*call.subcommand, *(word.known for word in call.operands))
    if words and (words[0] in _RELEASING or words[0] is None):
        yield Opaque("the helmfile says which commands run before and after")
