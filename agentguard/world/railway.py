"""Which Railway project and environment a command works on: options, variables, and the link of the directory."""

from __future__ import annotations

from collections.abc import Mapping

from agentguard.interpret.invocation import Invocation
from agentguard.operations import GraphqlOperation, HttpRequest, Operation, ProgramCall
from agentguard.programs.contract import environment
from agentguard.world import reading
from agentguard.world.environments import UNKNOWN, classify, strictest
from agentguard.world.protocol import World

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_FILES = {"staging": "config-staging.json", "dev": "config-dev.json", "develop": "config-dev.json"}


def target(operation: Operation, invocation: Invocation, world: World) -> tuple[str, str]:
    """What is hit in words, and the environment. A token of a project decides by itself, and does not tell."""
    match operation:
        case ProgramCall():
            return _call(operation, invocation, world)
        case GraphqlOperation():
            names = [f"{key.rpartition('.')[2]} {value}" for key, value in operation.arguments if _is_name(key)]
            return ", ".join((*dict.fromkeys(names[:4]), str(operation.host))), UNKNOWN
        case HttpRequest():
            return f"{operation.host}{operation.path}", UNKNOWN
    return "", UNKNOWN


def _is_name(key: str) -> bool:
    last = key.rpartition(".")[2]
    return last == "id" or last.endswith(("Id", "name", "Name"))


def _call(call: ProgramCall, invocation: Invocation, world: World) -> tuple[str, str]:
    link = linked(invocation, world)
    named = {
        "project": call.value("--project"),
        "environment": call.value("--environment"),
        "service": call.value("--service"),
        "volume": call.value("--volume"),
        "bucket": call.value("--bucket"),
    }
    words = [str(word) for word in call.operands]
    words += [f"{kind} {value}" for kind, value in named.items() if value is not None]
    project, place = str(link.get("name") or ""), str(link.get("environmentName") or "")
    if environment("RAILWAY_TOKEN", invocation, world) is not None:
        project = place = ""
        words.append("(project of RAILWAY_TOKEN)")
    elif named["project"] is not None or environment("RAILWAY_PROJECT_ID", invocation, world) is not None:
        project = place = ""
    linked_to = "/".join(part for part in (project, place if named["environment"] is None else "") if part)
    if linked_to:
        words.append(f"(linked to {linked_to})")
    given = named["environment"]
    names = [given.known or ""] if given is not None else [place]
    if call.subcommand[:2] == ("environment", "delete"):
        names = [word.known or "" for word in call.operands] or names
    found = {classify("railway", name, world.settings) for name in names if name}
    return _short(" ".join(words)), strictest(found) if found else UNKNOWN


def linked(invocation: Invocation, world: World) -> Mapping[str, Any]:
    """The link of the nearest directory upwards in Railway's own state; empty where there is none."""
    where = invocation.cwd.known
    if where is None or invocation.place:
        return {}
    projects = reading.data(state_file(invocation, world), invocation, world).get("projects")
    if not isinstance(projects, dict):
        return {}
    while True:
        link = projects.get(where)
        if isinstance(link, dict):
            return link
        if where in ("", "/"):
            return {}
        where = where.rpartition("/")[0] or "/"


def state_file(invocation: Invocation, world: World) -> str:
    """Where Railway keeps the links of directories."""
    which = environment("RAILWAY_ENV", invocation, world)
    name = _FILES.get((which.known or "") if which is not None else "", "config.json")
    return f"{world.home}/.railway/{name}"


def _short(text: str, limit: int = 100) -> str:
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"
