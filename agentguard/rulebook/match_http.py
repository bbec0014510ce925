"""The ``http`` and ``graphql`` matchers: requests by host, method, path and content."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from functools import cache

from agentguard import regex
from agentguard.interpret.values import Truth, Value, literal
from agentguard.operations import GraphqlOperation, HttpRequest
from agentguard.rulebook.text import (
    HOLE,
    LIKELY,
    NO,
    OPEN,
    YES,
    Outcome,
    both,
    either,
    globs,
    rendered,
    search,
    search_text,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final

_MANY: Final = 3
#: the words of ``batchDelete``, ``delete_by_query``, ``purge-all``
_WORD: Final = regex.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


def match_http(matcher: Mapping[str, Any], request: HttpRequest) -> Outcome:
    """Whether a request is what the rule describes."""
    content = [*_content(matcher, request)]
    outcome = both((*_request(matcher, request), *content))
    if any(part.truth is Truth.MAYBE and not part.firm for part in content):
        return Outcome(outcome.truth, False)  # an unknown name may be anything, and is seldom just that
    return outcome


def _request(matcher: Mapping[str, Any], request: HttpRequest) -> Iterator[Outcome]:
    yield _place(matcher["places"], request.host, request.path, request.method)
    if "not_places" in matcher:
        spared = _place(matcher["not_places"], request.host, request.path, request.method)
        if spared.truth is Truth.YES:
            yield NO
    if "not_host" in matcher and globs(matcher["not_host"], request.host).truth is Truth.YES:
        yield NO
    if "port" in matcher and request.port not in matcher["port"]:
        yield NO
    if "method" in matcher:
        if request.method is None:
            yield OPEN
        else:
            yield YES if request.method in matcher["method"] else NO
    if "not_path" in matcher and path(matcher["not_path"], request.path, request.method).truth is Truth.YES:
        yield NO
    if "verb" in matcher:
        yield _verb(matcher["verb"], matcher.get("not_verb", ()), request.path)
    if "credentials" in matcher and matcher["credentials"] != request.credentials:
        yield NO


def _content(matcher: Mapping[str, Any], request: HttpRequest) -> Iterator[Outcome]:
    if "path" in matcher:
        yield path(matcher["path"], request.path, request.method)
    for name, patterns in matcher.get("query", {}).items():
        yield _query(name, patterns, rendered(request.query))
    for name, patterns in matcher.get("header", {}).items():
        yield either(_found(patterns, value) for header, value in request.headers if header == name.lower())
    if "body" in matcher:
        yield NO if request.body is None else _found(matcher["body"], request.body)


def _found(patterns: Sequence[str], value: Value) -> Outcome:
    """A regex search that is firm only where the pattern is really seen, not where an unknown piece may hold it."""
    outcome = search(patterns, value)
    if outcome.truth is not Truth.MAYBE:
        return outcome
    return LIKELY if search(patterns, literal(rendered(value).replace(HOLE, ""))).truth is Truth.YES else OPEN


def match_graphql(matcher: Mapping[str, Any], operation: GraphqlOperation) -> Outcome:
    """Whether an operation is what the rule describes."""
    return both(_operation(matcher, operation))


def _operation(matcher: Mapping[str, Any], operation: GraphqlOperation) -> Iterator[Outcome]:
    if "kind" in matcher and operation.kind not in matcher["kind"]:
        yield OPEN if operation.kind == "unknown" else NO
    if "field" in matcher:
        barred = matcher.get("not_field", ())
        fields = [name for name in operation.fields if not any(fnmatchcase(name, glob) for glob in barred)]
        if any(fnmatchcase(name, glob) for name in fields for glob in matcher["field"]):
            yield YES
        else:
            yield OPEN if operation.opaque or not operation.fields else NO
    yield _place(matcher["places"], operation.host, operation.path, "POST")
    for name, patterns in matcher.get("arguments", {}).items():
        values = [value for key, value in operation.arguments if key == name or key.endswith("." + name)]
        found = either(search_text(patterns, value.replace("…", HOLE)) for value in values)
        yield OPEN if found is NO and operation.opaque and not values else found


def _place(
    places: Sequence[tuple[Sequence[str], Sequence[str]]], host: Value, where: Value, method: str | None
) -> Outcome:
    """The host, and the path of a named endpoint. An open ``*`` says nothing for a rule."""
    if places == [(["*"], [])]:
        return YES if host.known is not None else Outcome(Truth.YES, False)
    return either(_there(globs(hosts, host), paths, where, method) for hosts, paths in places)


def _there(at_host: Outcome, paths: Sequence[str], where: Value, method: str | None) -> Outcome:
    if at_host.truth is Truth.NO or not paths:
        return at_host
    return both((at_host, path(paths, where, method)))


def _query(name: str, patterns: Sequence[str], text: str) -> Outcome:
    found = NO
    for part in text.split("&"):
        key, _, value = part.partition("=")
        if _decoded(key).lower() == name.lower():
            found = max(found, search_text(patterns, _decoded(value)))
        elif HOLE in key:
            found = max(found, OPEN)
    return found


def _decoded(text: str) -> str:
    if "%" not in text and "+" not in text:
        return text
    return re.sub(r"%([0-9a-fA-F]{2})", lambda code: chr(int(code[1], 16)), text.replace("+", " "))


# ---------------------------------------------------------------------------------------------- paths


def path(templates: Sequence[str], value: Value, method: str | None) -> Outcome:
    """Whether a URL path fits one of the templates (``{x}`` one segment, ``{n}`` a number, ``**`` any number). A method
    may stand before a template."""
    text = rendered(value)
    segments = tuple(segment for segment in text.split("/") if segment)
    if sum(HOLE in segment for segment in segments) > _MANY:
        return LIKELY
    return either(_sent(template, segments, method) for template in templates)


def _sent(template: str, segments: tuple[str, ...], method: str | None) -> Outcome:
    """A template with its method, where it has one."""
    verb, _, rest = template.rpartition(" ")
    if not verb or verb == method:
        return _fits(_template(rest), segments)
    return _every(OPEN, _fits(_template(rest), segments)) if method is None else NO


@cache
def _template(template: str) -> tuple[str, ...]:
    return tuple(segment for segment in template.lower().split("/") if segment)


def _verb(wanted: Sequence[str], barred: Sequence[str], value: Value) -> Outcome:
    """Whether the last segment says what is done: ``delete``, ``bulk-delete``, ``purge_cache``, ``key:destroy``,
    ``chat.delete``, ``batchDelete``. An unknown segment is taken for the name of a thing."""
    last = rendered(value).rstrip("/").rpartition("/")[2]
    words = [word.lower() for word in _WORD.findall(last.rpartition(":")[2])]
    whole = "-".join(words)
    if any(fnmatchcase(whole, glob) for glob in barred):
        return NO
    return YES if any(fnmatchcase(word, glob) for word in words for glob in wanted) else NO


def _fits(template: tuple[str, ...], segments: tuple[str, ...]) -> Outcome:
    if not template:
        return YES if not segments else NO
    if template[0] == "**":
        if len(template) == 1:
            return YES
        return either(_fits(template[1:], segments[skipped:]) for skipped in range(len(segments) - len(template) + 2))
    if not segments:
        return NO
    head, rest = segments[0], segments[1:]
    one = _segment(template[0], head)
    if one is NO:
        return NO
    found = _every(one, _fits(template[1:], rest))
    if HOLE in head and found.truth is not Truth.YES:
        # the unknown piece may hold more of the path
        longer = (_every(OPEN, _fits(template[taken:], rest)) for taken in range(2, len(template) - len(rest) + 1))
        found = max(found, *longer, NO)
    return found


def _every(one: Outcome, rest: Outcome) -> Outcome:
    """Both, and firm only where both are: an unknown segment that would have to be a certain word is a guess."""
    return Outcome(min(one.truth, rest.truth), one.firm and rest.firm)


def _segment(template: str, segment: str) -> Outcome:
    if template == "{n}":
        return YES if re.fullmatch(r"v?\d+(\.\d+)*", segment) else OPEN if HOLE in segment else NO
    if template.startswith("{") and template.endswith("}") and template.count("{") == 1:
        return YES
    lowered = segment.lower()
    if "{" not in template:
        if template == lowered:
            return YES
        if HOLE not in segment:
            return NO
        head, tail = lowered.partition(HOLE)[0], lowered.rpartition(HOLE)[2]
        fits = template.startswith(head) and template.endswith(tail)
        return (LIKELY if head or tail else OPEN) if fits else NO
    if _mixed(template).fullmatch(lowered):
        return YES
    return OPEN if HOLE in segment else NO


@cache
def _mixed(template: str) -> re.Pattern[str]:
    """A segment with a placeholder inside: ``projects({id})``, ``v{n}``, ``{name}:delete``."""
    parts = re.split(r"(\{[^}]*\})", template)
    return re.compile(
        "".join(
            (r"\d+(?:\.\d+)*" if part == "{n}" else "[^/]+") if part.startswith("{") else re.escape(part)
            for part in parts
        )
    )
