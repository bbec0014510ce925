"""Which state a Terraform or Pulumi command works on: directory, workspace, stack."""

from __future__ import annotations

import re

from agentguard.interpret.invocation import Invocation
from agentguard.interpret.values import Value
from agentguard.operations import Operation, ProgramCall
from agentguard.programs.contract import absolute, environment
from agentguard.world.environments import UNKNOWN, classify, strictest
from agentguard.world.protocol import World


def target(operation: Operation, invocation: Invocation, world: World) -> tuple[str, str]:
    """The resources named, with directory and workspace; what those, the variable files and the backend say."""
    assert isinstance(operation, ProgramCall)
    directory = operation.value("-chdir", "--working-dir", "--terragrunt-working-dir")
    root = absolute(directory, invocation) if directory is not None else invocation.cwd
    workspace = workspace_of(root, invocation, world)
    words = [str(word) for word in (*operation.operands, *operation.values("-target", "-replace"))]
    place = str(directory) if directory is not None else str(root).rstrip("/").rpartition("/")[2]
    words.append(f"({place or '/'}, workspace {workspace or 'default'})")
    hints = [workspace, place, *(str(v) for v in operation.values("-var-file", "-backend-config", "-state"))]
    if operation.subcommand[:1] == ("workspace",):
        hints += [str(word) for word in operation.operands]
    found = {classify("projects", hint, world.settings) for hint in hints if hint} - {UNKNOWN}
    return " ".join(words), strictest(found) if found else UNKNOWN


def workspace_of(root: Value, invocation: Invocation, world: World) -> str:
    """The workspace chosen by variable or by ``terraform workspace select``, "" for the default one."""
    variable = environment("TF_WORKSPACE", invocation, world)
    if variable is not None:
        return variable.known or ""
    known = root.known
    if known is None or invocation.place:
        return ""
    data = world.read(f"{known.rstrip('/')}/.terraform/environment")
    return data.decode("utf-8", "replace").strip() if data is not None else ""


def stack(operation: Operation, invocation: Invocation, world: World) -> tuple[str, str]:
    """The Pulumi stack: ``--stack``, the operand of ``stack rm``, or the one selected for the project."""
    assert isinstance(operation, ProgramCall)
    named = operation.value("--stack") or environment("PULUMI_STACK", invocation, world)
    name = str(named) if named is not None else ""
    if not name and operation.subcommand[:1] == ("stack",) and operation.operands:
        name = str(operation.operands[0])
    words = [name, *(str(word) for word in operation.operands if str(word) != name)]
    place = operation.value("--cwd") or invocation.cwd
    environment_name = classify("projects", re.sub(r".*/", "", name), world.settings)
    text = " ".join(word for word in words if word)
    return (text or f"of {str(place).rpartition('/')[2]}"), environment_name
