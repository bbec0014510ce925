"""Commands that choose what later commands work on: ``kubectl config use-context``, ``terraform workspace select`` …

Each of them writes a settings file. The new content is noted as written by this command line, so that whatever
comes after it on the line is judged with the choice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from agentguard.interpret.invocation import Invocation, Written
from agentguard.interpret.values import literal
from agentguard.operations import ProgramCall
from agentguard.programs.contract import absolute
from agentguard.world import cloud, engine, kube, railway, reading, terraform
from agentguard.world.protocol import World


def kubectl(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Written]:
    """``kubectl config use-context NAME``."""
    words = _words(call)
    if words[:2] in (["config", "use-context"], ["config", "use"]) and len(words) > 2:
        yield from _context(words[2], call, invocation, world)


def kubectx(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Written]:
    """``kubectx NAME``."""
    words = _words(call)
    if len(words) == 1 and words[0] != "-" and not call.options:
        yield from _context(words[0], call, invocation, world)


def _context(name: str, call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Written]:
    """A context that no file knows is not chosen: the command fails."""
    paths = kube.paths(call, invocation, world)
    known = kube.configuration(call, invocation, world).contexts
    if not paths or (known and name not in known):
        return
    content = reading.text(paths[0], invocation, world) or ""
    rest = re.sub(r"(?m)^current-context:.*\n?", "", content)
    yield from _written(paths[0], f"current-context: {name}\n{rest}", invocation)


def gcloud(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Written]:
    """``gcloud config set project NAME`` and ``gcloud config configurations activate NAME``."""
    match _words(call):
        case ["config", "set", "project" | "core/project", name]:
            path = cloud.gcloud_configuration(call, invocation, world)
            content = reading.text(path, invocation, world) or ""
            rest = re.sub(r"(?m)^(?:\[core\]|project\s*=.*)\n?", "", content)
            yield from _written(path, f"[core]\nproject = {name}\n{rest}", invocation)
        case ["config", "configurations", "activate" | "create", name]:
            yield from _written(f"{cloud.gcloud_directory(invocation, world)}/active_config", name, invocation)


def azure(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Written]:
    """``az account set --subscription NAME``."""
    import json

    name = call.value("--subscription", "-s", "--name", "-n")
    if _words(call)[:2] != ["account", "set"] or name is None or name.known is None:
        return
    entries = cloud.subscriptions(invocation, world)
    for one in entries:
        one["isDefault"] = name.known in (one.get("id"), one.get("name"))
    if not any(one["isDefault"] for one in entries):
        entries.append({"id": name.known, "name": name.known, "isDefault": True})
    content = json.dumps({"subscriptions": entries})
    yield from _written(cloud.azure_profile(invocation, world), content, invocation)


def docker(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Written]:
    """``docker context use NAME``."""
    import json

    words = _words(call)
    if words[:2] == ["context", "use"] and len(words) == 3:
        content = json.dumps({"currentContext": words[2]})
        yield from _written(engine.configuration(invocation, world), content, invocation)


def workspace(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Written]:
    """``terraform workspace select NAME`` and ``workspace new NAME``."""
    match _words(call):
        case ["workspace", "select" | "new", name, *_]:
            directory = call.value("-chdir", "--working-dir", "--terragrunt-working-dir")
            root = absolute(directory, invocation) if directory is not None else invocation.cwd
            data = terraform.data_directory(root, invocation, world)
            if data:
                yield from _written(f"{data}/environment", name, invocation)


def stack(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Written]:
    """``pulumi stack select NAME`` and ``stack init NAME``."""
    import json

    words = _words(call)
    if words[:2] not in (["stack", "select"], ["stack", "init"]):
        return
    named = call.value("--stack")
    name = str(named) if named is not None else words[2] if len(words) > 2 else ""
    directory = call.value("--cwd")
    root = absolute(directory, invocation) if directory is not None else invocation.cwd
    path = terraform.workspace_file(root, invocation, world)
    if name and path:
        yield from _written(path, json.dumps({"stack": name}), invocation)


def linked(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Written]:
    """``railway environment NAME`` and ``railway link``: another link of the directory."""
    import json

    words = _words(call)
    changes: dict[str, str] = {}
    place = call.value("--environment")
    project = call.value("--project")
    match words:
        case ["environment", name] if name not in ("list", "new", "delete", "edit", "config", "link"):
            changes["environmentName"] = name
        case ["environment", "link", name]:
            changes["environmentName"] = name
        case ["environment", *_] if place is not None and len(words) == 1:
            changes["environmentName"] = str(place)
        case ["link", *rest]:
            if place is not None:
                changes["environmentName"] = str(place)
            if project is not None or rest:
                changes["name"] = str(project) if project is not None else rest[0]
    where = invocation.cwd.known
    if changes and where is not None:
        link = {**railway.linked(invocation, world), **changes}
        content = json.dumps({"projects": {where: link}})
        yield from _written(railway.state_file(invocation, world), content, invocation)


def _words(call: ProgramCall) -> list[str]:
    """The sub-command and the operands, as far as they are known."""
    words = [*call.subcommand]
    for operand in call.operands:
        if operand.known is None:
            break
        words.append(operand.known)
    return words


def _written(path: str, content: str, invocation: Invocation) -> Iterator[Written]:
    where = reading.absolute(path, invocation)
    if where is not None and not invocation.place:
        yield Written(literal(where), literal(content))
