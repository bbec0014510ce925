"""What an operation hits, and in which environment: the words a person needs to see what is at stake."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from importlib import import_module

from agentguard import regex
from agentguard.interpret.invocation import Invocation
from agentguard.interpret.values import Value
from agentguard.light import dataclass
from agentguard.operations import (
    CodeExecution,
    CredentialRead,
    CredentialUse,
    Database,
    DeviceWrite,
    FileDelete,
    FileMove,
    FileOverwrite,
    FileRead,
    GraphqlOperation,
    HttpRequest,
    Opaque,
    Operation,
    PermissionChange,
    PolicyTamper,
    ProcessBomb,
    ProgramCall,
    SqlStatement,
)
from agentguard.world.environments import LOCAL, PRODUCTION, UNKNOWN, classify, of_place, private, strictest
from agentguard.world.protocol import World

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final


@dataclass(frozen=True, slots=True)
class Target:
    """``name`` is for people and may be empty; ``environment`` is production, staging, local or unknown."""

    name: str
    environment: str


Resolver = Callable[[Operation, Invocation, World], tuple[str, str] | None]

#: who knows what a program's call, or a request to a host, hits: canonical program name or ``host:NAME`` →
#: ``module:function`` below ``agentguard``, called with (operation, invocation, world) → (name, environment), or None
#: where the words of the call say it
RESOLVERS: dict[str, str] = {
    **dict.fromkeys(("kubectl", "helm", "helmfile", "argocd", "flux", "velero", "istioctl"), "world.kube:target"),
    **dict.fromkeys(("eksctl", "kops", "kind", "k3d", "minikube"), "world.kube:target"),
    "docker": "world.engine:target",
    "aws": "world.cloud:aws",
    **dict.fromkeys(("gcloud", "gsutil"), "world.cloud:gcloud"),
    "az": "world.cloud:azure",
    **dict.fromkeys(("doctl", "hcloud", "linode-cli", "vultr-cli", "oci", "ibmcloud", "scw"), "world.cloud:other"),
    **dict.fromkeys(("terraform", "terragrunt"), "world.terraform:target"),
    "pulumi": "world.terraform:stack",
    "git": "world.pushes:target",
    "supabase": "world.cloud:supabase",
    "bq": "world.cloud:bigquery",
    **dict.fromkeys(
        (
            *("fly", "heroku", "vercel", "netlify", "render", "neonctl", "pscale", "wrangler", "firebase", "turso"),
            *("upstash", "sam", "eb", "copilot", "cdk", "serverless", "convex", "amplify"),
        ),
        "world.cloud:platform",
    ),
    "railway": "world.railway:target",
    **dict.fromkeys((f"host:backboard.railway.{end}" for end in ("com", "app")), "world.railway:target"),
    "host:api.stripe.com": "world.stripe:target",
    **dict.fromkeys(
        (
            *("prisma", "drizzle-kit", "sequelize", "knex", "typeorm", "mikro-orm", "payload", "adonis", "ace"),
            *("strapi", "graphile-migrate", "rails", "manage.py", "alembic", "flask", "aerich", "yoyo", "piccolo"),
            *("artisan", "console", "phinx", "wp", "drush", "flyway", "liquibase", "dbmate", "goose", "migrate"),
            *("atlas", "sqitch", "hasura", "mix", "diesel", "sqlx", "sea-orm-cli", "dotnet-ef"),
        ),
        "world.databases:application",
    ),
}


@cache
def _resolver(reference: str) -> Resolver:
    module, _, name = reference.partition(":")
    function: Resolver = getattr(import_module(f"agentguard.{module}"), name)
    return function


def target(operation: Operation, invocation: Invocation, world: World) -> Target:
    """What the operation hits and where that is."""
    match operation:
        case ProgramCall():
            reference = RESOLVERS.get(operation.program)
            told = _resolver(reference)(operation, invocation, world) if reference is not None else None
            if told is not None:
                name = f"{told[0]} ({invocation.place})" if invocation.place else told[0]
                return Target(short(name, 200), told[1])
            return _call(operation, invocation, world)
        case SqlStatement(database=database):
            name = " in ".join(part for part in (operation.name, _database_name(database)) if part)
            name = f"{name} ({invocation.place})" if invocation.place else name
            return Target(name, database_environment(database, invocation, world))
        case HttpRequest() | GraphqlOperation():
            return _request(operation, invocation, world)
        case FileDelete(path=path) | FileOverwrite(path=path) | FileRead(path=path) | PermissionChange(path=path):
            return Target(short(str(path)), _files(invocation, world))
        case FileMove(source=source):
            return Target(short(str(source)), _files(invocation, world))
        case DeviceWrite(device=device):
            return Target(str(device), _files(invocation, world))
        case CredentialRead(source=source):
            return Target(source, UNKNOWN)
        case CredentialUse(where=where, fingerprint=fingerprint):
            named = operation.source == "literal" and fingerprint
            return Target(f"{where}, {fingerprint}" if named else where, UNKNOWN)
        case CodeExecution(origin=origin):
            return Target(origin, _place(invocation, world))
        case ProcessBomb(name=name):
            return Target(name, LOCAL)
        case PolicyTamper():
            return Target(operation.target, UNKNOWN)
        case Opaque():
            return Target("", _place(invocation, world))


#: options that name where a call works, in whatever program → the kind of name (see environments.classify)
_PLACES: Final = {
    **dict.fromkeys(("--context", "--kube-context", "--kubecontext"), "kube_contexts"),
    **dict.fromkeys(("--profile", "--aws-profile"), "profiles"),
    **dict.fromkeys(("--host", "--hostname", "--server"), "hosts"),
    **dict.fromkeys(("--project", "--project-id", "--project-ref", "--project-name", "--app", "--site"), "projects"),
    **dict.fromkeys(("--account", "--subscription", "--cluster", "--org", "--team"), "projects"),
    **dict.fromkeys(("--environment", "--env", "--stage", "--workspace"), "projects"),
    **dict.fromkeys(("--database", "--db", "--dbname"), "databases"),
}
_PRODUCTION_FLAGS: Final = ("--prod", "--production")


def _call(call: ProgramCall, invocation: Invocation, world: World) -> Target:
    """A program without a resolver: its operands, and what the usual options say of the place."""
    named = [(option.name, option.value) for option in call.options if option.name in _PLACES and option.value]
    words = [*map(str, call.operands), *(f"({name.lstrip('-')} {value})" for name, value in named)]
    found = {classify(_PLACES[name], value.known or "", world.settings) for name, value in named}
    if call.has(*_PRODUCTION_FLAGS):
        found.add(PRODUCTION)
    found -= {UNKNOWN}
    return Target(short(" ".join(words)), strictest(found) if found else _place(invocation, world))


def short(text: str, limit: int = 80) -> str:
    """One line of at most ``limit`` characters, without the passwords of URLs."""
    line = re.sub(r"(://[^\s/:@]*:)[^\s/@]+@", r"\1…@", " ".join(text.split()))
    return line if len(line) <= limit else line[: limit - 1] + "…"


def _place(invocation: Invocation, world: World) -> str:
    """The environment that the machine tells: ``ssh prod-db``; this one says nothing."""
    return of_place(invocation.place, world.settings)


def _files(invocation: Invocation, world: World) -> str:
    return _place(invocation, world) if invocation.place else LOCAL


# ------------------------------------------------------------------------------------------ databases


def _database_name(database: Database) -> str:
    host = database.host + (f":{database.port}" if database.host and database.port else "")
    return "/".join(part for part in (host, database.name) if part) or database.engine


def database_environment(database: Database, invocation: Invocation, world: World) -> str:
    """Where a database lies: what its host says, and what its name says against it."""
    settings = world.settings
    by_name = classify("databases", database.name, settings)
    by_host = classify("hosts", database.host, settings)
    if database.host in ("", "localhost", "127.0.0.1", "::1") and invocation.place:
        inside = _place(invocation, world)
        local = invocation.place.startswith(("container", "docker", "service")) and inside == UNKNOWN
        by_host = LOCAL if local else inside
    if by_host == LOCAL:
        return UNKNOWN if by_name == PRODUCTION else LOCAL
    found = {by_name, by_host} - {UNKNOWN, LOCAL}
    return strictest(found) if found else UNKNOWN


# ------------------------------------------------------------------------------------------- requests

#: names reserved for tests, and bare names, which only a compose file or a hosts file knows: with the addresses of
#: private networks, where services under development answer. The names of shared stores are not among them
_NEAR: Final = regex.compile(r"(?!(?:es|vault|consul|etcd|nomad)$)[a-z][\w-]*|(?:[\w-]+\.)+(?:test|localdomain)|::|0")


def _request(request: HttpRequest | GraphqlOperation, invocation: Invocation, world: World) -> Target:
    host = request.host.known
    reference = RESOLVERS.get(f"host:{host}")
    told = _resolver(reference)(request, invocation, world) if reference is not None else None
    if told is not None:
        return Target(*told)
    environment = classify("hosts", host, world.settings) if host is not None else UNKNOWN
    if environment != PRODUCTION and (private(host or "") or _NEAR.fullmatch(host or "")):
        environment = LOCAL
    if environment == LOCAL and invocation.place:
        environment = _place(invocation, world)
    if isinstance(request, HttpRequest):
        return Target(str(request.host) + _tail(request.path), environment)
    ids = [f"{key.rpartition('.')[2]} {value}" for key, value in request.arguments if _is_name(key)]
    return Target(short(", ".join((*ids[:3], str(request.host)))), environment)


def _tail(path: Value) -> str:
    """A URL path cut to what tells the thing: its last segments."""
    text = str(path)
    if text == "/" or len(text) <= 60:
        return text if text != "/" else ""
    return "/…/" + "/".join(text.rstrip("/").split("/")[-2:])[-58:]


def _is_name(key: str) -> bool:
    last = key.rpartition(".")[2].lower()
    return last.endswith(("id", "name", "slug"))
