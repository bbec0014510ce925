"""Cloud tools that run shell text on machines and containers: AWS Systems Manager and ECS, Azure run-command."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from agentguard.interpret.invocation import Effect, InnerScript, Invocation
from agentguard.interpret.values import Value, literal
from agentguard.operations import Opaque, ProgramCall
from agentguard.programs.streams import join
from agentguard.world.protocol import World

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final


def aws(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """``ssm send-command --parameters commands=…``, ``ecs execute-command --command``, ``lambda invoke``."""
    path = call.subcommand[:2]
    if path in (("ssm", "send-command"), ("ssm", "start-session")):
        parameters = call.value("--parameters")
        if parameters is None:
            return
        known = parameters.known
        if known is None or known.startswith("file://"):
            yield Opaque("the commands for the machines are not on the command line")
            return
        for text in _commands(known):
            yield InnerScript(literal(text), " ".join(path), place="ssm")
    elif path == ("ecs", "execute-command"):
        command = call.value("--command")
        if command is not None:
            yield InnerScript(command, "ecs execute-command", place=f"container {call.value('--task') or ''}".strip())
    elif path == ("lambda", "invoke"):
        yield Opaque("what the function does is not known")


def _commands(parameters: str) -> list[str]:
    """The commands in ``commands=[…]``, ``commands='…'``, ``commands=a,b`` or the same as JSON."""
    text = parameters.strip()
    if text.startswith("{"):
        try:
            given = json.loads(text)
            found = given.get("commands", given.get("command", []))
        except (ValueError, AttributeError):
            return [text]
        return [str(line) for line in found] if isinstance(found, list) else [str(found)]
    match = re.search(r"commands?\s*=\s*(.*)", text, re.DOTALL)
    if match is None:
        return []
    value = match[1].strip()
    if value.startswith("["):
        try:
            return [str(line) for line in json.loads(value[: value.rindex("]") + 1])]
        except ValueError:
            return [value.strip("[]")]
    return [value.strip("'\"")]


#: words of az → the option with the text that runs over there
_AZURE_TEXTS: Final = {
    "container exec": "--exec-command",
    "containerapp exec": "--command",
    "aks command invoke": "--command",
    "acr run": "--cmd",
}


def azure(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """``az vm run-command invoke --scripts TEXT``, ``container exec --exec-command TEXT``, ``ssh vm … -- WORDS``."""
    words = (*call.subcommand, *(word.known for word in call.operands))
    path = " ".join(word for word in words[:3] if word)
    place = f"azure {call.value('--name') or 'machine'}"
    for starts, option in _AZURE_TEXTS.items():
        if path.startswith(starts):
            yield from (InnerScript(text, starts, place=place) for text in call.values(option))
    if path.startswith("ssh vm") and call.after_dashes is not None and call.operands[call.after_dashes :]:
        yield InnerScript(join(call.operands[call.after_dashes :]), "ssh vm", place=place)
    if "run-command" not in words:
        return
    scripts: list[Value] = list(call.values("--scripts"))
    if scripts:
        rest = [word for word in call.operands if " " in str(word)]
        yield InnerScript(join([*scripts, *rest]), "run-command", place=f"azure {call.value('--name') or 'vm'}")
