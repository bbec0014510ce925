"""Which account, project or profile of a cloud a command works on."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from agentguard.interpret.invocation import Invocation
from agentguard.interpret.values import Value
from agentguard.operations import Operation, ProgramCall
from agentguard.programs.contract import environment
from agentguard.world.environments import LOCAL, UNKNOWN, classify, strictest
from agentguard.world.protocol import World

_NAMING: Final = re.compile(r"-(?:ids?|names?|identifiers?|arns?|bucket|cluster|service|key|url|path|file)$")
_CONFIGURATION: Final = re.compile(r"^project\s*=\s*(\S+)", re.MULTILINE)


def aws(operation: Operation, invocation: Invocation, world: World) -> tuple[str, str]:
    """Service and operation with the resources named, profile and region. A local endpoint is local."""
    call = _call(operation)
    profile = _option_or_variable(call, ("--profile",), ("AWS_PROFILE", "AWS_DEFAULT_PROFILE"), invocation, world)
    region = _option_or_variable(call, ("--region",), ("AWS_REGION", "AWS_DEFAULT_REGION"), invocation, world)
    endpoint = _option_or_variable(call, ("--endpoint-url",), ("AWS_ENDPOINT_URL",), invocation, world)
    resources = _resources(call)
    name = _sentence((*call.subcommand, *resources), profile=profile, region=region)
    host = re.sub(r"^\w+://|[:/].*$", "", endpoint)
    if host and (classify("hosts", host, world.settings) == LOCAL or host == "localstack"):
        return name, LOCAL
    return name, _strictest((("profiles", profile), *(("projects", each) for each in resources)), world)


def gcloud(operation: Operation, invocation: Invocation, world: World) -> tuple[str, str]:
    """The words of the command with the project: option, variable or active configuration."""
    call = _call(operation)
    project = _option_or_variable(
        call, ("--project",), ("CLOUDSDK_CORE_PROJECT", "GOOGLE_CLOUD_PROJECT"), invocation, world
    ) or _configured_project(call, invocation, world)
    words = (*call.subcommand, *map(str, call.operands), *_resources(call))
    return _sentence(words, project=project), _strictest((("projects", project), *_named(words)), world)


def azure(operation: Operation, invocation: Invocation, world: World) -> tuple[str, str]:
    """The words of the command with resource group and subscription."""
    call = _call(operation)
    group, subscription = _text(call.value("--resource-group")), _text(call.value("--subscription"))
    names = [_text(value) for value in call.values("--name", "--account-name", "--container-name", "--server", "--ids")]
    words = (*call.subcommand, *map(str, call.operands), *names)
    hints = (("projects", group), ("projects", subscription), *_named(names))
    return _sentence(words, group=group, subscription=subscription), _strictest(hints, world)


def other(operation: Operation, invocation: Invocation, world: World) -> tuple[str, str]:
    """Any other cloud: the words, and what options such as ``--context`` and the names say."""
    call = _call(operation)
    words = (*call.subcommand, *map(str, call.operands))
    places = {
        option: _text(call.value(f"--{option}"))
        for option in ("context", "profile", "project", "project-id", "app", "config", "org", "team", "site")
    }
    hints = (("projects", place) for place in places.values())
    return _sentence(words, **places), _strictest((*hints, *_named(words)), world)


def _call(operation: Operation) -> ProgramCall:
    assert isinstance(operation, ProgramCall)
    return operation


def _resources(call: ProgramCall) -> list[str]:
    """Operands, and the values of options that name something."""
    named = [str(o.value) for o in call.options if o.value is not None and _NAMING.search(o.name)]
    return [*map(str, call.operands), *named]


def _named(words: Iterable[str]) -> Iterable[tuple[str, str]]:
    return (("projects", word) for word in words)


def _strictest(hints: Iterable[tuple[str, str]], world: World) -> str:
    """What the names say; a name never makes a cloud local."""
    found = {classify(kind, name, world.settings) for kind, name in hints if name} - {UNKNOWN, LOCAL}
    return strictest(found) if found else UNKNOWN


def _option_or_variable(
    call: ProgramCall, options: tuple[str, ...], variables: tuple[str, ...], invocation: Invocation, world: World
) -> str:
    value = call.value(*options)
    for name in variables:
        value = value if value is not None else environment(name, invocation, world)
    return _text(value)


def _configured_project(call: ProgramCall, invocation: Invocation, world: World) -> str:
    """The project of the active gcloud configuration, "" where that is not known."""
    if invocation.place:
        return ""
    directory = f"{world.home}/.config/gcloud"
    chosen = _text(call.value("--configuration"))
    if not chosen:
        data = world.read(f"{directory}/active_config")
        chosen = data.decode("utf-8", "replace").strip() if data is not None else "default"
    data = world.read(f"{directory}/configurations/config_{chosen}")
    found = _CONFIGURATION.search(data.decode("utf-8", "replace")) if data is not None else None
    return found[1] if found else ""


def _sentence(words: Iterable[str], **places: str) -> str:
    text = " ".join(" ".join(words).split())
    text = text if len(text) <= 80 else text[:79] + "…"
    where = ", ".join(f"{name} {place}" for name, place in places.items() if place)
    return f"{text} ({where})" if where else text


def _text(value: Value | None) -> str:
    return str(value) if value is not None else ""
