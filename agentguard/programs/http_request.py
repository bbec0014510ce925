"""From the parts a client was given to the operations of one request."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from agentguard import regex
from agentguard.interpret.invocation import Effect
from agentguard.interpret.values import Origin, Value, concat, literal, unknown
from agentguard.operations import HttpRequest
from agentguard.programs import graphql
from agentguard.programs.url import Url, pierce

Headers = tuple[tuple[str, Value], ...]

_OVERRIDES = ("x-http-method-override", "x-http-method", "x-method-override")
_KEYS = regex.compile(
    r"authorization|cookie|.*(?:token|api-?key|secret|access-key|auth).*|x-amz-.*|x-ms-.*", re.IGNORECASE
)
_AWS = (".amazonaws.com", ".amazonaws.com.cn", ".api.aws")
_GRAPHQL_PATH = regex.compile(r"(?:^|/)(?:graphql|gql|graph)(?:/|$|\b)", re.IGNORECASE)


def header(text: Value) -> tuple[str, Value]:
    """``Name: value`` taken apart; the name in lower case."""
    head, _ = pierce(text)
    name, _, _ = head.partition(":")
    rest = text.prefix[len(name) + 1 :].lstrip() if text.prefix.startswith(name) else ""
    return name.strip().lower(), Value(((rest,) if rest else ()) + text.pieces[1:], text.sources)


def sends_credentials(headers: Headers, url: Url) -> bool:
    return bool(url.userinfo) or any(_KEYS.fullmatch(name) for name, _ in headers)


def request(
    method: str | None,
    url: Url,
    headers: Headers = (),
    body: Value | None = None,
    *,
    credentials: bool = False,
    upload: Value | None = None,
) -> Iterator[Effect]:
    """The HTTP request, its twins under method-override headers, and the GraphQL operations in it."""
    credentials = credentials or sends_credentials(headers, url)
    methods: list[str | None] = [method]
    for name, value in headers:
        if name in _OVERRIDES:
            methods.append(value.known.strip().upper() if value.known is not None else None)
    hidden = _hidden_method(url.query, body)
    if hidden:
        methods.append(hidden)
    for each in dict.fromkeys(methods):
        yield HttpRequest(
            each, url.host, url.port, url.path, url.query, headers, body, credentials=credentials, upload=upload
        )
    yield from _graphql(url, headers, body)
    yield from _sql(methods, url, body)
    if pierce(url.host)[0].endswith(_AWS):
        from agentguard.programs.http_aws import calls

        for each in dict.fromkeys(methods):
            yield from calls(each, url, headers, body)


def _hidden_method(query: Value, body: Value | None) -> str:
    for value in (query, body):
        found = re.search(r"(?:^|&)_method=(\w+)", value.prefix if value is not None else "")
        if found:
            return found[1].upper()
    return ""


def _graphql(url: Url, headers: Headers, body: Value | None) -> Iterator[Effect]:
    endpoint = bool(_GRAPHQL_PATH.search(pierce(url.path)[0])) or "graphql" in (url.host.known or "")
    kind = next((str(value) for name, value in headers if name == "content-type"), "")
    found = graphql.requests(body, endpoint=endpoint, raw="graphql" in kind) if body is not None else []
    query = pierce(url.query)[0]
    if query and (endpoint or "query=" in query):
        found += [r for r in graphql.requests(literal(query), endpoint=False) if r.query is not None]
    for each in found:
        yield from graphql.operations(each, url.host, url.path)


def _sql(methods: Sequence[str | None], url: Url, body: Value | None) -> Iterator[Effect]:
    """SQL over HTTP: ClickHouse, the JSON bodies of hosted databases and warehouses, and tables as addresses."""
    from agentguard.programs.http_sql import over_http, rows

    for method in methods:
        yield from rows(method, url)
    if body is not None or url.query.pieces:
        yield from over_http(url, body)


def fetched(urls: Sequence[Url]) -> Value:
    """What a client prints: unknown text from the network."""
    hosts = [f"net:{str(url.host) or '?'}" for url in urls]
    return unknown(Origin.NETWORK, "a download", many=True, sources=hosts)


def joined(parts: Sequence[Value], separator: str) -> Value | None:
    if not parts:
        return None
    return concat([v for i, part in enumerate(parts) for v in ((literal(separator), part) if i else (part,))])
