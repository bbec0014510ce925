"""Which state a Terraform or Pulumi command works on: directory, workspace, stack."""

from __future__ import annotations

import posixpath
import re

from agentguard.interpret.invocation import Invocation
from agentguard.interpret.values import Value
from agentguard.operations import Operation, ProgramCall
from agentguard.programs.contract import absolute, environment
from agentguard.world import reading
from agentguard.world.environments import UNKNOWN, classify, strictest
from agentguard.world.protocol import World


def target(operation: Operation, invocation: Invocation, world: World) -> tuple[str, str]:
    """The resources named, with directory and workspace; what those, the variable files and the backend say."""
    assert isinstance(operation, ProgramCall)
    directory = operation.value("-chdir", "--working-dir", "--terragrunt-working-dir")
    root = absolute(directory, invocation) if directory is not None else invocation.cwd
    data = data_directory(root, invocation, world)
    workspace = workspace_of(data, invocation, world)
    words = [str(word) for word in (*operation.operands, *operation.values("-target", "-replace"))]
    place = str(directory) if directory is not None else str(root).rstrip("/").rpartition("/")[2]
    states = [str(value) for value in operation.values("-state")]
    backend = _backend(data, invocation, world)
    where = [place or "/", f"workspace {workspace or 'default'}"]
    where += [f"state {name}" for name in (*states, backend) if name]
    words.append(f"({', '.join(where)})")
    hints = [workspace, place, *(str(v) for v in operation.values("-var-file", "-backend-config")), *states, backend]
    if operation.subcommand[:1] == ("workspace",):
        hints += [str(word) for word in operation.operands]
    found = {classify("projects", hint, world.settings) for hint in hints if hint} - {UNKNOWN}
    return " ".join(words), strictest(found) if found else UNKNOWN


def data_directory(root: Value, invocation: Invocation, world: World) -> str:
    """Where Terraform keeps what it knows of a working directory; "" where only running tells."""
    if root.known is None:
        return ""
    named = reading.variable("TF_DATA_DIR", invocation, world) or ".terraform"
    return posixpath.normpath(posixpath.join(root.known, named))


def workspace_of(data: str, invocation: Invocation, world: World) -> str:
    """The workspace chosen by variable or by ``terraform workspace select``, "" for the default one."""
    variable = environment("TF_WORKSPACE", invocation, world)
    if variable is not None:
        return variable.known or ""
    content = reading.text(f"{data}/environment", invocation, world) if data else None
    return content.strip() if content is not None else ""


def _backend(data: str, invocation: Invocation, world: World) -> str:
    """The bucket, organisation or path of the remote state that ``terraform init`` noted down."""
    backend = reading.data(f"{data}/terraform.tfstate", invocation, world).get("backend") if data else None
    config = backend.get("config") if isinstance(backend, dict) else None
    if not isinstance(config, dict):
        return ""
    words = [config.get(key) for key in ("organization", "storage_account_name", "bucket", "container_name", "prefix")]
    words += [config.get("key"), config.get("path"), config.get("address")]
    return "/".join(word for word in words if isinstance(word, str) and word)


def stack(operation: Operation, invocation: Invocation, world: World) -> tuple[str, str]:
    """The Pulumi stack: ``--stack``, the operand of ``stack rm``, or the one selected for the project."""
    assert isinstance(operation, ProgramCall)
    named = operation.value("--stack") or environment("PULUMI_STACK", invocation, world)
    name = str(named) if named is not None else ""
    if not name and operation.subcommand[:1] == ("stack",) and operation.operands:
        name = str(operation.operands[0])
    directory = operation.value("--cwd")
    root = absolute(directory, invocation) if directory is not None else invocation.cwd
    name = name or selected(root, invocation, world)
    words = [name, *(str(word) for word in operation.operands if str(word) != name)]
    environment_name = classify("projects", re.sub(r".*/", "", name), world.settings)
    text = " ".join(word for word in words if word)
    return (text or f"of {str(root).rpartition('/')[2]}"), environment_name


def selected(root: Value, invocation: Invocation, world: World) -> str:
    """The stack that ``pulumi stack select`` chose for the project in a directory, "" where none is known."""
    path = workspace_file(root, invocation, world)
    return str(reading.data(path, invocation, world).get("stack") or "") if path else ""


def workspace_file(root: Value, invocation: Invocation, world: World) -> str:
    """Where Pulumi remembers the stack of a project: its name and the hash of where its file lies."""
    from hashlib import sha1

    where = root.known
    while where:
        path = f"{where.rstrip('/')}/Pulumi.yaml"
        content = reading.text(path, invocation, world)
        if content is not None:
            found = re.search(r"^name:\s*[\"']?([\w.-]+)", content, re.MULTILINE)
            digest = sha1(path.encode("utf-8", "surrogateescape"), usedforsecurity=False).hexdigest()
            home = reading.variable("PULUMI_HOME", invocation, world) or f"{world.home}/.pulumi"
            return f"{home}/workspaces/{found[1]}-{digest}-workspace.json" if found else ""
        where = where.rstrip("/").rpartition("/")[0]
    return ""
