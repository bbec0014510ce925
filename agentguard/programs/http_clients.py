"""httpie and xh, and the ``api`` commands of platform CLIs that send whatever request they are given."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from agentguard import regex
from agentguard.interpret.invocation import Effect, Invocation, Output
from agentguard.interpret.values import EMPTY, Origin, Value, concat, literal, unknown
from agentguard.operations import FileRead, GraphqlOperation, ProgramCall
from agentguard.programs import graphql
from agentguard.programs import url as urls
from agentguard.programs.contract import absolute, read_text
from agentguard.programs.http_request import fetched, header, request
from agentguard.programs.streams import cut
from agentguard.world.protocol import World

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_SEPARATOR = regex.compile(r"(?<!\\)(:=@|=@|:=|==|:@|:|=|@)")


def httpie(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """``http [METHOD] URL [ITEM …]``."""
    if call.has("--offline"):
        return
    words = list(call.operands)
    method: str | None = None
    given = False
    if len(words) > 1 and re.fullmatch(r"[A-Za-z]+", words[0].known or "") and not _shorthand(words[0]):
        method, given = (words.pop(0).known or "").upper(), True
    elif len(words) > 1 and words[0].unknown and words[0].prefix == "":
        words.pop(0)
        given = True
    if not words:
        return
    address, items = words[0], words[1:]
    headers: list[tuple[str, Value]] = []
    fields: dict[str, Any] = {}
    holes: list[Value] = []
    query: list[Value] = []
    raw = call.value("--raw")
    for item in items:
        if item.prefix.startswith("@"):
            yield FileRead(absolute(cut(item, 1), invocation))
            raw = read_text(cut(item, 1), invocation, world)
            continue
        yield from _item(item, headers, fields, query, holes, invocation, world)
    body: Value | None = None
    if raw is not None:
        body = raw
    elif fields:
        body = _json(fields, holes)
    elif invocation.stdin is not None and not call.has("--ignore-stdin", "-I"):
        body = invocation.stdin if invocation.stdin.pieces else None
    if not given:
        method = "POST" if body is not None else "GET"
    text, pieces = urls.pierce(address)
    if text.startswith(":"):
        text = f"localhost{text if text[1:2].isdigit() else text[1:]}"
    parsed = urls.split(urls.restore(text, pieces, address.sources))
    if query:
        parts = concat([v for i, q in enumerate(query) for v in ((literal("&"), q) if i else (q,))])
        parsed = urls.Url(parsed.scheme, parsed.userinfo, parsed.host, parsed.port, parsed.path, parts)
    yield from request(method, parsed, tuple(headers), body, credentials=call.has("--auth", "--bearer", "--session"))
    yield Output(fetched([parsed]))


def _shorthand(word: Value) -> bool:
    return (word.known or "").lower() in ("localhost",)


def _item(
    item: Value,
    headers: list[tuple[str, Value]],
    fields: dict[str, Any],
    query: list[Value],
    holes: list[Value],
    invocation: Invocation,
    world: World,
) -> Iterator[Effect]:
    head = item.prefix
    found = _SEPARATOR.search(head)
    if not found:
        return
    name, sign = head[: found.start()].replace("\\", ""), found[1]
    value = cut(item, found.end())
    if sign in ("=@", ":=@", "@", ":@"):
        yield FileRead(absolute(value, invocation))
        value = read_text(value, invocation, world)
    if sign in (":", ":@"):
        headers.append((name.lower(), value))
    elif sign == "==":
        query.append(concat((literal(f"{name}="), value)))
    elif sign.startswith(":="):
        fields[name] = _parsed(value, holes)
    else:
        fields[name] = _marked(value, holes)


def _marked(value: Value, holes: list[Value]) -> str:
    """Text for a JSON string; unknown pieces as numbered markers."""
    out = []
    for piece in value.pieces:
        if isinstance(piece, str):
            out.append(piece)
        else:
            out.append(chr(0xE800 + len(holes)))
            holes.append(Value((piece,), value.sources))
    return "".join(out)


def _parsed(value: Value, holes: list[Value]) -> Any:
    import json

    text = _marked(value, holes)
    try:
        return json.loads(text)
    except ValueError:
        return text


def _json(fields: Mapping[str, Any], holes: Sequence[Value]) -> Value:
    import json

    text = json.dumps(fields, ensure_ascii=False)
    parts = re.split("([\ue800-\uefff])", text)
    return concat(
        [holes[ord(p) - 0xE800] if len(p) == 1 and 0 <= ord(p) - 0xE800 < len(holes) else literal(p) for p in parts]
    )


_RAW = ("--raw-field", "-f")
_TYPED = ("--field", "-F")


def _fields(call: ProgramCall, invocation: Invocation, world: World) -> dict[str, Value]:
    """``-f name=value`` and ``-F name=@file`` of the api commands."""
    fields: dict[str, Value] = {}
    for option in call.options:
        if option.value is None or option.name not in (*_RAW, *_TYPED):
            continue
        name, sign, _ = option.value.prefix.partition("=")
        if not sign:
            continue
        value = cut(option.value, len(name) + 1)
        if option.name in _TYPED and value.prefix.startswith("@"):
            file = cut(value, 1)
            if file.known == "-":
                value = invocation.stdin if invocation.stdin is not None else unknown(Origin.INPUT)
            else:
                value = read_text(file, invocation, world)
        fields[name] = value
    return fields


def api(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """``gh api``, ``glab api``: a REST path or ``graphql``."""
    if call.subcommand[:1] != ("api",) or not call.operands:
        return
    endpoint = call.operands[0]
    host = literal(
        (call.value("--hostname") or EMPTY).known or ("gitlab.com" if call.program == "glab" else "api.github.com")
    )
    fields = _fields(call, invocation, world)
    body: Value | None = None
    source = call.value("--input")
    if source is not None:
        body = invocation.stdin if source.known == "-" else read_text(source, invocation, world)
        body = body if body is not None else unknown(Origin.INPUT)
    asked = call.value("--method")
    method: str | None = "POST" if fields or body is not None else "GET"
    if asked is not None:
        method = asked.known.upper() if asked.known is not None else None
    text, holes = urls.pierce(endpoint)
    if text == "graphql":
        yield from _graphql(fields, body, host, literal("/graphql"))
        yield Output(fetched([urls.split(literal("https://api.github.com/graphql"))]))
        return
    whole = text if "://" in text else f"https://{host}/{'api/v4/' if call.program == 'glab' else ''}{text.lstrip('/')}"
    parsed = urls.split(urls.restore(whole, holes, endpoint.sources))
    headers = tuple(header(value) for value in call.values("--header", "-H"))
    if body is None and fields and method not in ("GET", "HEAD"):
        body = concat([v for name, value in fields.items() for v in (literal(f"{name}="), value, literal("&"))][:-1])
    yield from request(method, parsed, headers, body, credentials=True)
    yield Output(fetched([parsed]))


def _graphql(fields: Mapping[str, Value], body: Value | None, host: Value, path: Value) -> Iterator[Effect]:
    requests = graphql.requests(body, endpoint=True) if body is not None else []
    if "query" in fields:
        text = urls.pierce(fields["query"])[0]
        variables = {
            name: urls.pierce(value)[0] for name, value in fields.items() if name not in ("query", "operationName")
        }
        name = fields["operationName"].known if "operationName" in fields else ""
        known = fields["query"].known is not None or "{" in text
        requests.append(graphql.Request(text if known else None, name or "", variables))
    for each in requests or [graphql.Request(None)]:
        yield from graphql.operations(each, host, path)


def rest(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """``az rest --method delete --url …``."""
    if call.subcommand[:1] != ("rest",):
        return
    address = call.value("--url", "--uri")
    if address is None:
        return
    asked = call.value("--method")
    method = "GET" if asked is None else asked.known.upper() if asked.known is not None else None
    if address.prefix.startswith("/"):
        address = concat((literal("https://management.azure.com"), address))
    yield from request(method, urls.split(address), (), call.value("--body"), credentials=True)


def verb_and_path(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """``heroku api DELETE /apps/x``, ``stripe delete /v1/customers/x``, ``vercel api /v9/… -X DELETE``."""
    words = list(call.operands)
    method: str | None = "GET"
    if call.subcommand[:1] == ("api",):
        if words and re.fullmatch(r"[A-Za-z]+", words[0].known or ""):
            method = (words.pop(0).known or "").upper()
        asked = call.value("--method", "-X")
        if asked is not None:
            method = asked.known.upper() if asked.known is not None else None
    elif call.program == "stripe" and call.subcommand[:1] in (("delete",), ("post",), ("get",)):
        method = call.subcommand[0].upper()
    else:
        return
    if words and "/" in str(words[0]):
        text, holes = urls.pierce(words[0])
        whole = urls.restore(f"https://api.{call.program}.com/{text.lstrip('/')}", holes, words[0].sources)
        yield from request(method, urls.split(whole), (), call.value("--body", "-d"), credentials=True)


def railway_api(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """``railway api``: a GraphQL document as an operand, in a file, or on standard input."""
    if call.subcommand != ("api",):
        return
    host, path = literal("backboard.railway.com"), literal("/graphql/v2")
    document: Value | None = None
    file = call.value("--file")
    if file is not None:
        document = invocation.stdin if file.known == "-" else read_text(file, invocation, world)
    elif call.operands and call.operands[0].known in ("describe", "search", "schema", "list"):
        return
    elif call.operands and call.operands[0].known != "-":
        document = call.operands[0]
    elif invocation.stdin is not None:
        document = invocation.stdin
    variables: dict[str, Any] = {}
    unreadable = False
    for value in call.values("--var", "--raw-var"):
        name, sign, _ = value.prefix.partition("=")
        variables[name] = urls.pierce(cut(value, len(name) + 1))[0] if sign else "…"
    whole = call.value("--variables")
    if whole is not None:
        parsed = _parsed(read_text(cut(whole, 1), invocation, world) if whole.prefix.startswith("@") else whole, [])
        unreadable = not isinstance(parsed, dict)
        variables.update(parsed if isinstance(parsed, dict) else {})
    if document is None:
        yield GraphqlOperation("unknown", (), host, path, opaque=True)
        return
    text = urls.pierce(document)[0]
    name = (call.value("--operation-name", "--operation") or EMPTY).known or ""
    requests = [
        graphql.Request(
            text if document.known is not None or "{" in text else None, name, None if unreadable else variables
        )
    ]
    if text.lstrip().startswith('{"'):
        requests = graphql.requests(document, endpoint=True)
    for each in requests:
        yield from graphql.operations(each, host, path)
