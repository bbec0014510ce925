"""What the calls of JavaScript, Ruby, Perl and PHP send over the network and to databases."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agentguard.interpret.values import Origin, Value, concat, literal, unknown
from agentguard.programs.actions import Dotted, Fields, Items, Thing, environment, json_text, text
from agentguard.programs.code_reading import CodeReader
from agentguard.programs.python_services import response

Given = Sequence[Thing]


def option(given: Given, *names: str) -> Thing:
    """A value of the last set of fields among the arguments."""
    for thing in reversed(given):
        if isinstance(thing, Fields):
            for name in names:
                if name in thing.entries:
                    return thing.entries[name]
    return None


def fetch(reader: CodeReader, name: str, given: Given, owner: Thing) -> Thing:
    """``fetch(url, {method, headers, body})`` and ``https.request``."""
    url = given[0] if given else None
    if isinstance(url, Fields):
        url = _address(url)
    body = option(given, "body", "data", "json", "payload")
    method = option(given, "method", "type") or literal("GET")
    body = json_text(body) if isinstance(body, (Fields, Items)) else environment(body) or body
    if body is None and name.endswith(("https.request", "http.request")) and text(method).known not in ("GET", "HEAD"):
        body = unknown(Origin.OUTPUT, "what is written into the request", many=True)
    reader.actions.request(method, url, name, headers=option(given, "headers"), body=body)
    return response(url)


def _address(options: Fields) -> Value:
    get = options.entries.get
    if isinstance(get("url"), Value):
        return concat((text(get("baseURL")) if get("baseURL") else literal(""), text(get("url"))))
    host = text(get("hostname") or get("host"), "host")
    path = get("path")
    return concat((literal("https://"), host, text(path) if path is not None else literal("/")))


def http_host(reader: CodeReader, name: str, given: Given, owner: Thing) -> Thing:
    """``Net::HTTP.new(host)`` and the like: what is called on it goes to that host."""
    reader.names["http-host"] = given[0] if given else None
    return Dotted("http-host", tuple(given[:1]))


def verb(reader: CodeReader, name: str, given: Given, owner: Thing) -> Thing:
    """``axios.delete(url, …)``, ``got.post(url, {json})``, ``Net::HTTP.delete`` and their like."""
    verb = re.split(r"\.|::", name)[-1].removesuffix("_response").removesuffix("_form").removesuffix("_with_body")
    if verb in ("request", "create", "axios", "got", "ky", "needle"):
        return fetch(reader, name, given, owner)
    verb = verb.rstrip("!").lower()
    verb = "delete" if verb in ("del", "destroy") else verb
    url = given[0] if given else None
    if name.startswith("http-host.") and isinstance(owner, Dotted) and owner.of:
        host = text(owner.of[0])
        url = concat((literal("" if "://" in host.prefix else "https://"), host, text(url)))
    body: Thing = None
    if name.startswith(("axios.", "?.")) and verb in ("post", "put", "patch") and len(given) > 1:
        body = given[1]
    body = option(given, "json", "body", "data", "form", "form_params") or body
    body = json_text(body) if isinstance(body, (Fields, Items)) else environment(body) or body
    reader.actions.request(literal(verb), url, name, headers=option(given, "headers"), body=body)
    return response(url)


def sql(reader: CodeReader, name: str, given: Given, owner: Thing) -> Thing:
    statement = given[0] if given else None
    if isinstance(statement, Fields):
        statement = statement.entries.get("text", statement.entries.get("sql"))
    stored = isinstance(owner, Dotted) and owner.name.startswith("db:sqlite") and owner.of
    if isinstance(owner, Dotted) and stored:
        reader.actions.sql(statement, "sqlite", name, owner.of[0])
    else:
        reader.actions.sql(statement, "", name)
    return None


def all_rows(reader: CodeReader, name: str, given: Given, owner: Thing) -> Thing:
    """``deleteMany`` of Prisma and MongoDB without a condition."""
    limits = given[0] if given else Fields({})
    if name.endswith(".destroy") and not given:
        return None  # one object, or a connection
    truncate = limits.entries.get("truncate") if isinstance(limits, Fields) else None
    if isinstance(truncate, Dotted) and truncate.name == "true":
        limits = Fields({})
    where = limits.entries.get("where") if isinstance(limits, Fields) else None
    if isinstance(limits, Fields) and (not limits.entries or (isinstance(where, Fields) and not where.entries)):
        reader.actions.sql(literal(f"DELETE FROM {name.split('.')[-2]}"), "", name)
    return None
