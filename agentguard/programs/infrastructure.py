"""Infrastructure tools that take options from the environment, saved plans, or commands for many machines."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from agentguard.interpret.invocation import Effect, InnerCommand, InnerScript, Invocation, Written
from agentguard.interpret.values import Value, literal
from agentguard.light import replace
from agentguard.operations import Opaque, Option, ProgramCall
from agentguard.programs.contract import absolute, environment, written
from agentguard.programs.streams import join
from agentguard.world.protocol import World

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

#: the content that stands for a plan saved with ``plan -destroy -out=FILE``
_DESTROYING: Final = literal("a plan to destroy")
_ARGUMENTS: Final = "TF_CLI_ARGS"
_SHELL_MODULES: Final = frozenset(("shell", "command", "raw", "script", "win_shell", "win_command", "expect"))


def terraform(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """``TF_CLI_ARGS`` as the words it adds; a destroying plan that is saved, and the apply of one."""
    words = call.words()
    if not words:
        return
    yield from _from_environment(words[0], invocation, world)
    out = call.value("-out")
    if words[0] == "plan" and out is not None and call.has("-destroy"):
        yield Written(absolute(out, invocation), _DESTROYING)
    if words[0] == "apply" and not call.has("-destroy"):
        for operand in call.operands:
            if written(absolute(operand, invocation), invocation) == _DESTROYING:
                yield replace(call, options=(*call.options, Option("-destroy")))


def _from_environment(verb: str, invocation: Invocation, world: World) -> Iterator[Effect]:
    names = (_ARGUMENTS, f"{_ARGUMENTS}_{verb}")
    values = [value for name in names if (value := environment(name, invocation, world)) is not None]
    extra: list[Value] = []
    for value in values:
        if value.known is None:
            yield Opaque(f"{_ARGUMENTS} adds options that are not known")
            continue
        try:
            extra += map(literal, shlex.split(value.known))
        except ValueError:
            yield Opaque(f"{_ARGUMENTS} cannot be read")
    place = next((index for index, word in enumerate(invocation.argv) if index and word.known == verb), 0)
    if extra and place:
        argv = (*invocation.argv[: place + 1], *extra, *invocation.argv[place + 1 :])
        yield InnerCommand(argv, _ARGUMENTS, env=dict.fromkeys(names))


def ansible(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """``ansible PATTERN -a TEXT``: shell text for every host of the pattern."""
    module = call.value("--module-name")
    name = str(module).rpartition(".")[2] if module is not None else "command"
    text = call.value("--args")
    if name in _SHELL_MODULES and text is not None and not call.has("--check", "--list-hosts"):
        hosts = call.operands[0] if call.operands else "all"
        yield InnerScript(text, "ansible", place=f"ansible {hosts}")


def playbook(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """What a playbook does is in its tasks."""
    if not call.has("--check", "--syntax-check", "--list-hosts", "--list-tasks", "--list-tags"):
        yield Opaque("the tasks of the playbook are not read")


def salt(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """``salt TARGET cmd.run TEXT``."""
    for index, operand in enumerate(call.operands):
        if operand.known in ("cmd.run", "cmd.shell", "cmd.run_all", "cmd.run_stdout") and call.operands[index + 1 :]:
            where = str(call.operands[0]) if index else "minion"
            yield InnerScript(join(call.operands[index + 1 :]), "salt", place=f"salt {where}")
            return


def knife(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """``knife ssh QUERY TEXT``, ``bolt command run TEXT``."""
    words = (*map(literal, call.subcommand), *call.operands)
    known = [word.known for word in words]
    if known[:1] == ["ssh"] and len(words) > 2:
        yield InnerScript(words[2], "knife ssh", place=f"knife {words[1]}")
    elif known[:2] == ["command", "run"] and len(words) > 2:
        yield InnerScript(words[2], "bolt", place=f"bolt {call.value('--targets') or ''}".strip())
