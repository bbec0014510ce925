"""PHP's curl functions: options are collected on a handle, and ``curl_exec`` sends what they say."""

from __future__ import annotations

from collections.abc import Sequence

from agentguard.interpret.values import Value, literal
from agentguard.programs.actions import Dotted, Fields, Items, Thing, form_text
from agentguard.programs.code_reading import CodeReader
from agentguard.programs.python_services import response

_HANDLE = "curl-handle"


def handle(reader: CodeReader, name: str, given: Sequence[Thing], owner: Thing) -> Thing:
    """``curl_init(url)``."""
    options: dict[str, Thing] = {}
    if given:
        options["URL"] = given[0]
    return Dotted(_HANDLE, (Fields(options),))


def setting(reader: CodeReader, name: str, given: Sequence[Thing], owner: Thing) -> Thing:
    """``curl_setopt(handle, OPTION, value)`` and ``curl_setopt_array(handle, [OPTION => value])``."""
    options = _options(given)
    if options is None or len(given) < 2:
        return None
    more = given[1]
    if isinstance(more, Fields):
        options.update({_short(key): value for key, value in more.entries.items()})
    elif isinstance(more, Dotted) and len(given) > 2:
        options[_short(more.name)] = given[2]
    return None


def send(reader: CodeReader, name: str, given: Sequence[Thing], owner: Thing) -> Thing:
    """``curl_exec(handle)``."""
    options = _options(given)
    if options is None:
        reader.actions.opaque("curl_exec sends a request that is made elsewhere")
        return None
    body = options.get("POSTFIELDS")
    posts = body is not None or "POST" in options
    method = options.get("CUSTOMREQUEST") or literal("PUT" if "PUT" in options else "POST" if posts else "GET")
    url = options.get("URL")
    reader.actions.request(
        method, url, name, headers=_headers(options.get("HTTPHEADER")), body=None if body is None else form_text(body)
    )
    return response(url)


def _options(given: Sequence[Thing]) -> dict[str, Thing] | None:
    first = given[0] if given else None
    if isinstance(first, Dotted) and first.name == _HANDLE and isinstance(first.of[0], Fields):
        entries = first.of[0].entries
        return entries if isinstance(entries, dict) else None
    return None


def _short(option: str) -> str:
    return option.removeprefix("CURLOPT_")


def _headers(lines: Thing) -> Fields | None:
    """``["Name: value", …]``."""
    if not isinstance(lines, Items):
        return None
    found: dict[str, Thing] = {}
    for line in lines.values:
        if isinstance(line, Value) and ":" in line.prefix:
            key, _, rest = line.prefix.partition(":")
            found[key] = Value((rest.strip(), *line.pieces[1:]), line.sources)
    return Fields(found)
