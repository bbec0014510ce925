"""Requests that are objects before they are sent: ``Net::HTTP::Delete.new``, ``HTTP::Request->new``, stream contexts.

Making one counts as sending it: what is sent later cannot always be followed.
"""

from __future__ import annotations

from collections.abc import Sequence

from agentguard.interpret.values import Origin, Value, concat, literal, unknown
from agentguard.programs.actions import Dotted, Fields, Items, Thing, json_text, text
from agentguard.programs.code_computing import file_text
from agentguard.programs.code_reading import CodeReader
from agentguard.programs.code_services import option
from agentguard.programs.python_services import response

Given = Sequence[Thing]


def made(reader: CodeReader, name: str, given: Given, owner: Thing) -> Thing:
    """``Net::HTTP::Delete.new(uri)``: the class is the method. ``HTTP::Request->new(DELETE => url)``: a word is."""
    parts = name.split(".")
    method: Thing = literal(parts[-2] if len(parts) > 1 else "")
    url = given[0] if given else None
    if parts[-2:-1] == ["Request"]:
        method, url = _named(given)
    if isinstance(url, Value) and "://" not in url.prefix:
        host = reader.names.get("http-host")
        url = concat((literal("https://"), text(host, "host") if host is not None else unknown(Origin.NETWORK), url))
    reader.actions.request(method, url, name)
    return Dotted("made-request")


def asked(reader: CodeReader, name: str, given: Given, owner: Thing) -> Thing:
    """``client.request('DELETE', url, …)``, ``HTTP.request("DELETE", url)``: method first, then the address."""
    first = given[0] if given else None
    if isinstance(first, Dotted) and first.name == "made-request":
        return response(None)
    method, url = _named(given)
    body = option(given, "json", "body", "content", "form_params", "data")
    body = json_text(body) if isinstance(body, (Fields, Items)) else body
    reader.actions.request(method, url, name, headers=option(given, "headers"), body=body)
    return response(url)


def _named(given: Given) -> tuple[Thing, Thing]:
    first = given[0] if given else None
    if isinstance(first, Fields) and first.entries:  # DELETE => url
        method, url = next(iter(first.entries.items()))
        return literal(method), url
    if isinstance(first, Dotted):
        first = literal(first.name.lstrip(":"))
    return first, given[1] if len(given) > 1 else None


def contents(reader: CodeReader, name: str, given: Given, owner: Thing) -> Thing:
    """``file_get_contents(url, false, stream_context_create([…]))``; other names are files."""
    first = given[0] if given else None
    if not (isinstance(first, Value) and first.prefix.startswith(("http:", "https:"))):
        return file_text(reader, first)
    http: Thing = None
    for thing in given[1:]:
        if isinstance(thing, Dotted) and thing.name == "stream-context" and isinstance(thing.of[0], Fields):
            http = thing.of[0].entries.get("http")
    entries = http.entries if isinstance(http, Fields) else {}
    method = entries.get("method") or literal("GET")
    reader.actions.request(method, first, name, body=entries.get("content"))
    return response(first)


def context(reader: CodeReader, name: str, given: Given, owner: Thing) -> Thing:
    return Dotted("stream-context", tuple(given[:1]) or (Fields(),))
