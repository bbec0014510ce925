"""Which account, project or profile of a cloud a command works on."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping

from agentguard import regex
from agentguard.interpret.invocation import Invocation
from agentguard.interpret.values import Value
from agentguard.operations import Operation, ProgramCall
from agentguard.programs.contract import environment
from agentguard.world import reading
from agentguard.world.environments import LOCAL, UNKNOWN, classify, strictest
from agentguard.world.protocol import World

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

_NAMING: Final = regex.compile(r"-(?:ids?|names?|identifiers?|arns?|bucket|cluster|service|key|url|path|file)$")


def aws(operation: Operation, invocation: Invocation, world: World) -> tuple[str, str]:
    """Service and operation with the resources named, profile and region. A local endpoint is local."""
    call = _call(operation)
    profile = _option_or_variable(call, ("--profile",), ("AWS_PROFILE", "AWS_DEFAULT_PROFILE"), invocation, world)
    region = _option_or_variable(call, ("--region",), ("AWS_REGION", "AWS_DEFAULT_REGION"), invocation, world)
    service = re.sub(r"\W", "_", call.subcommand[0].upper()) if call.subcommand else ""
    endpoints = (f"AWS_ENDPOINT_URL_{service}", "AWS_ENDPOINT_URL")
    endpoint = _option_or_variable(call, ("--endpoint-url",), endpoints, invocation, world)
    kept = _profile(profile or "default", invocation, world)
    resources = _resources(call)
    name = _sentence((*call.subcommand, *resources), profile=profile, region=region or kept.get("region", ""))
    host = reading.host_of(endpoint or kept.get("endpoint_url", ""))
    if host and (classify("hosts", host, world.settings) == LOCAL or host == "localstack"):
        return name, LOCAL
    role = (kept.get("role_arn", "") or kept.get("sso_role_name", "")).rpartition("/")[2]
    hints = (("profiles", profile), ("profiles", role), *(("projects", each) for each in resources))
    return name, _strictest(hints, world)


def gcloud(operation: Operation, invocation: Invocation, world: World) -> tuple[str, str]:
    """The words of the command with the project: option, variable or active configuration."""
    call = _call(operation)
    project = _option_or_variable(
        call, ("--project",), ("CLOUDSDK_CORE_PROJECT", "GOOGLE_CLOUD_PROJECT"), invocation, world
    ) or _configured_project(call, invocation, world)
    words = (*call.subcommand, *_resources(call))
    return _sentence(words, project=project), _strictest((("projects", project), *_named(words)), world)


def azure(operation: Operation, invocation: Invocation, world: World) -> tuple[str, str]:
    """The words of the command with resource group and subscription."""
    call = _call(operation)
    group = _text(call.value("--resource-group"))
    subscription = _text(call.value("--subscription")) or _subscription(invocation, world)
    names = [_text(value) for value in call.values("--name", "--account-name", "--container-name", "--server", "--ids")]
    words = (*call.subcommand, *map(str, call.operands), *names)
    hints = (("projects", group), ("projects", subscription), *_named(names))
    return _sentence(words, group=group, subscription=subscription), _strictest(hints, world)


def other(operation: Operation, invocation: Invocation, world: World) -> tuple[str, str]:
    """Any other cloud: the words, and what options such as ``--context`` and the names say."""
    return _platform(_call(operation).subcommand, _call(operation), invocation, world)


def platform(operation: Operation, invocation: Invocation, world: World) -> tuple[str, str]:
    """The same without the sub-command, which the title of the rule says already."""
    return _platform((), _call(operation), invocation, world)


def supabase(operation: Operation, invocation: Invocation, world: World) -> tuple[str, str]:
    """The database on this machine, unless the project or a URL is named, or the command is about the linked one."""
    call = _call(operation)
    words = [*call.subcommand, *map(str, call.operands)]
    elsewhere = call.has("--linked", "--db-url", "--project-ref", "--experimental")
    if words[:1] == ["db"] and not elsewhere and (call.has("--local") or _LINKED.isdisjoint(words[1:2])):
        return "the local database", LOCAL
    return platform(operation, invocation, world)


#: what ``supabase db`` does to the linked project if nothing else is said
_LINKED: Final = frozenset(("push", "pull", "dump", "remote"))


def bigquery(operation: Operation, invocation: Invocation, world: World) -> tuple[str, str]:
    """The dataset or table with its project: of its own name, the option, or the active configuration."""
    call = _call(operation)
    words = [str(word) for word in call.operands]
    project = _text(call.value("--project_id"))
    if not project and not any(":" in word for word in words):
        project = _configured_project(call, invocation, world)
    return _sentence(words, project=project), _strictest((("projects", project), *_named(words)), world)


#: options that say where, in whatever tool → the word for it
_PLACES: Final = {
    **{f"--{name}": name for name in ("context", "profile", "project", "app", "config", "org", "team", "site")},
    **{f"--{name}": name for name in ("scope", "stage", "environment", "env", "region", "namespace", "stack")},
    "--project-id": "project",
    "--project-ref": "project",
    "--environment-name": "environment",
    "--database": "database",
    "--branch": "branch",
}
#: program → variables that say the same → the word for it
_VARIABLES: Final = {
    "hcloud": {"HCLOUD_CONTEXT": "context"},
    "doctl": {"DIGITALOCEAN_CONTEXT": "context"},
    "heroku": {"HEROKU_APP": "app"},
    "fly": {"FLY_APP": "app"},
    "scw": {"SCW_PROFILE": "profile"},
    "oci": {"OCI_CLI_PROFILE": "profile"},
    "cdk": {"AWS_PROFILE": "profile", "AWS_REGION": "region"},
    "sam": {"AWS_PROFILE": "profile", "AWS_REGION": "region"},
    "eb": {"AWS_PROFILE": "profile", "AWS_REGION": "region"},
    "copilot": {"AWS_PROFILE": "profile", "AWS_REGION": "region"},
    "serverless": {"AWS_PROFILE": "profile", "AWS_REGION": "region"},
    "netlify": {"NETLIFY_SITE_ID": "site"},
    "supabase": {"SUPABASE_PROJECT_ID": "project"},
    "wrangler": {"CLOUDFLARE_ENV": "environment"},
}
#: program → file of the project that names the place where nothing else does, the keys that lead to it (none: the
#: file holds nothing else), the word for it
_LINKS: Final[Mapping[str, tuple[str, tuple[str, ...], str]]] = {
    "fly": ("fly.toml", ("app",), "app"),
    "firebase": (".firebaserc", ("projects", "default"), "project"),
    "vercel": (".vercel/project.json", ("projectName",), "project"),
    "netlify": (".netlify/state.json", ("siteId",), "site"),
    "supabase": ("supabase/.temp/project-ref", (), "project"),
}


#: what a sub-command says that no table knows; the title of the rule says it too
_VERBS: Final = frozenset(("destroy", "delete", "remove", "rm", "reset", "terminate", "purge", "drop"))


def _platform(subcommand: tuple[str, ...], call: ProgramCall, invocation: Invocation, world: World) -> tuple[str, str]:
    places: dict[str, str] = {}
    for option in call.options:
        if option.name in _PLACES and option.value is not None:
            places[_PLACES[option.name]] = str(option.value)
    for variable, word in _VARIABLES.get(call.program, {}).items():
        places.setdefault(word, _text(environment(variable, invocation, world)))
    if call.program == "heroku" and not places.get("app"):
        places["app"] = _text(call.value("--confirm"))
    if call.program in _LINKS:
        file, keys, word = _LINKS[call.program]
        places[word] = places.get(word) or _link(file, keys, invocation, world)
    named = [word for word in _resources(call, _PLACES) if word not in places.values()]
    if not subcommand and len(named) > 1 and named[0] in _VERBS:
        del named[0]
    words = (*subcommand, *named)
    hints = (("projects", place) for place in places.values())
    flags = (("projects", name[2:]) for name in ("--prod", "--production") if call.has(name))
    return _sentence(words, **places), _strictest((*hints, *flags, *_named(words)), world)


def _link(file: str, keys: tuple[str, ...], invocation: Invocation, world: World) -> str:
    if not keys:
        return (reading.text(file, invocation, world) or "").strip()
    found: object = reading.data(file, invocation, world)
    for key in keys:
        found = found.get(key) if isinstance(found, dict) else None
    return found if isinstance(found, str) else ""


def _call(operation: Operation) -> ProgramCall:
    assert isinstance(operation, ProgramCall)
    return operation


def _resources(call: ProgramCall, places: Container[str] = ()) -> list[str]:
    """Operands, and the values of options that name something (but those in ``places``), each once."""
    named = [
        str(o.value) for o in call.options if o.value is not None and _NAMING.search(o.name) and o.name not in places
    ]
    return list(dict.fromkeys((*map(str, call.operands), *named)))


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
    content = reading.text(gcloud_configuration(call, invocation, world), invocation, world)
    return reading.section(content, "core").get("project", "") if content is not None else ""


def gcloud_directory(invocation: Invocation, world: World) -> str:
    """Where gcloud keeps its configurations."""
    return reading.variable("CLOUDSDK_CONFIG", invocation, world) or f"{world.home}/.config/gcloud"


def gcloud_configuration(call: ProgramCall, invocation: Invocation, world: World) -> str:
    """The file of the configuration that a call uses."""
    directory = gcloud_directory(invocation, world)
    chosen = (
        _option_or_variable(call, ("--configuration",), ("CLOUDSDK_ACTIVE_CONFIG_NAME",), invocation, world)
        or (reading.text(f"{directory}/active_config", invocation, world) or "").strip()
    )
    return f"{directory}/configurations/config_{chosen or 'default'}"


def _profile(name: str, invocation: Invocation, world: World) -> Mapping[str, str]:
    """What the AWS configuration says of a profile."""
    path = reading.variable("AWS_CONFIG_FILE", invocation, world) or "~/.aws/config"
    content = reading.text(reading.at_home(path, world), invocation, world)
    return reading.section(content, name if name == "default" else f"profile {name}") if content is not None else {}


def azure_profile(invocation: Invocation, world: World) -> str:
    """The file in which the Azure command line keeps the subscriptions and which of them it uses."""
    directory = reading.variable("AZURE_CONFIG_DIR", invocation, world) or f"{world.home}/.azure"
    return f"{directory}/azureProfile.json"


def _subscription(invocation: Invocation, world: World) -> str:
    used = [one for one in subscriptions(invocation, world) if one.get("isDefault") is True]
    return str(used[0].get("name", "")) if used else ""


def subscriptions(invocation: Invocation, world: World) -> list[dict[str, object]]:
    """The subscriptions of the Azure command line: each with ``id``, ``name`` and ``isDefault``."""
    entries = reading.data(azure_profile(invocation, world), invocation, world).get("subscriptions")
    return [one for one in entries if isinstance(one, dict)] if isinstance(entries, list) else []


def _sentence(words: Iterable[str], **places: str) -> str:
    text = " ".join(" ".join(words).split())
    text = text if len(text) <= 80 else text[:79] + "…"
    where = ", ".join(f"{name} {place}" for name, place in places.items() if place)
    return f"{text} ({where})" if where else text


def _text(value: Value | None) -> str:
    return str(value) if value is not None else ""
