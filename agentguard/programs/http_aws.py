"""A request to an API of AWS, told as the ``aws`` call that says the same, so that its rules judge both.

The name of the operation stands in the query or form (``Action=``), in the header ``X-Amz-Target``, in the path
(``/service/NAME/operation/NAME``), or has to be looked up by method and path (aws_paths.py). Parameters become options.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

from agentguard.interpret.invocation import Effect, InnerCommand
from agentguard.interpret.values import Origin, Value, concat, literal, unknown
from agentguard.programs.aws_paths import operations
from agentguard.programs.aws_services import SERVICES
from agentguard.programs.graphql import decoded
from agentguard.programs.url import Url, normal_path, pierce

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

_HOST: Final = re.compile(r"(.+)\.(?:amazonaws\.com(?:\.cn)?|api\.aws)")
_REGION: Final = re.compile(r"[a-z]{2}(?:-[a-z]+){1,2}-\d|[\ue000-\uf8ff]|dualstack")
_ACTION: Final = re.compile(r"(?:^|&)Action=([\w\ue000-\uf8ff]+)")
_OPERATION: Final = re.compile(r"/service/\w+/operation/(\w+)/?")
#: more parameters than these are not looked at
_MOST: Final = 60
_LONGEST: Final = 65_536


def calls(method: str | None, url: Url, headers: tuple[tuple[str, Value], ...], body: Value | None) -> Iterator[Effect]:
    """The ``aws SERVICE OPERATION`` of a request; nothing for a request whose operation is not known."""
    found = _HOST.fullmatch(pierce(url.host)[0])
    if found is None:
        return
    labels = found[1].split(".")
    region = next((label for label in labels if _REGION.fullmatch(label) and label.isascii()), "")
    prefixes = _prefixes([label for label in labels if not _REGION.fullmatch(label)])
    service = next((SERVICES[name] for name in prefixes if name in SERVICES), prefixes[-1] if prefixes else "")
    query, form = pierce(url.query)[0], pierce(body)[0][:_LONGEST] if body is not None else ""
    path = pierce(url.path)[0]
    target = next((pierce(value)[0] for name, value in headers if name == "x-amz-target"), "")
    named = _ACTION.search(query) or _ACTION.search(form)
    routed = _OPERATION.fullmatch(path)
    words: list[str] = []
    if named is not None:
        words = [service, kebab(named[1]), *_options({**_fields(query), **_fields(form)})]
    elif target:
        words = [service, kebab(target.rpartition(".")[2]), *_options(_document(form))]
    elif routed is not None:
        words = [service, kebab(routed[1])]
    elif method is not None:
        words = _by_path(method, prefixes, path, query)
        words += _options(_document(form)) if words else []
    if words:
        place = [f"--region={region}"] if region else []
        yield InnerCommand(tuple(map(_word, ("aws", *words, *place))), "request to AWS")


def _word(text: str) -> Value:
    """A word in which what was pierced is unknown again."""
    if text.isascii():
        return literal(text)
    parts = re.split(r"([\ue000-\uf8ff])", text)
    return concat(unknown(Origin.EXPANSION) if index % 2 else literal(part) for index, part in enumerate(parts) if part)


def _prefixes(labels: list[str]) -> list[str]:
    """``7.s3-control`` → itself and ``s3-control``: the name of a bucket or an account may stand before the service."""
    return [".".join(labels[start:]).removesuffix("-fips") for start in range(len(labels))]


def _by_path(method: str, prefixes: list[str], path: str, query: str) -> list[str]:
    """Service, operation and what the address names."""
    keys = {key for part in query.split("&") if part for key in (part, part.partition("=")[0])}
    segments = [segment for segment in path.split("/") if segment]
    for prefix in prefixes:
        for template, service, operation in operations(prefix, method):
            needed, _, key = template.partition("?")
            if key and key not in keys:
                continue
            taken = segments if not needed else _fits(normal_path(needed), segments)
            if taken is not None:
                before = prefixes[0].removesuffix(prefix).rstrip(".")
                names = [name for name in (before, *taken) if name and not name.startswith("-")]
                return [service, operation, *names]
    return []


def _fits(template: str, segments: list[str]) -> list[str] | None:
    """The segments that stand for a placeholder, where the path fits; ``{+}`` takes one and more."""
    wanted = [segment for segment in template.split("/") if segment]
    if "{+}" in wanted and len(segments) > len(wanted):
        at, more = wanted.index("{+}"), len(segments) - len(wanted)
        segments = [*segments[:at], "/".join(segments[at : at + more + 1]), *segments[at + more + 1 :]]
    if len(wanted) != len(segments):
        return None
    taken = [segment for want, segment in zip(wanted, segments, strict=True) if want in ("{}", "{+}")]
    same = all(want in ("{}", "{+}") or want == segment for want, segment in zip(wanted, segments, strict=True))
    return taken if same else None


def kebab(name: str) -> str:
    """``DeleteDBInstance`` → ``delete-db-instance``."""
    name = re.sub(r"(.)([A-Z][a-z]+)", r"\1-\2", name)
    return re.sub(r"([a-z0-9])([A-Z])", r"\1-\2", name).lower()


def _fields(text: str) -> dict[str, object]:
    """The parameters of a form: ``Tag.member.1.Key=a`` counts for ``Tag``."""
    fields: dict[str, object] = {}
    for part in text.split("&")[:_MOST]:
        key, _, value = part.partition("=")
        plain = decoded(value)
        fields.setdefault(key.partition(".")[0], {"true": True, "false": False}.get(plain, plain))
    return {key: value for key, value in fields.items() if key not in ("Action", "Version") and key[:2] != "X-"}


def _document(text: str) -> dict[str, object]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return dict(list(found.items())[:_MOST]) if isinstance(found, dict) else {}


def _options(fields: Mapping[str, object]) -> list[str]:
    """Parameters the way the command line writes them: ``--no-x`` for false, lists with spaces, the rest as JSON."""
    options: list[str] = []
    for key, value in fields.items():
        name = kebab(re.sub(r"\W", "", key))
        if not name:
            continue
        if isinstance(value, bool):
            options.append(f"--{name}" if value else f"--no-{name}")
        elif isinstance(value, list) and all(isinstance(item, str) for item in value):
            options.append(f"--{name}={' '.join(value)}")
        else:
            options.append(f"--{name}={value if isinstance(value, str | int | float) else json.dumps(value)}")
    return options
