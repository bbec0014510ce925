"""Requests typed into a raw connection: ``printf 'DELETE /x HTTP/1.1…' | nc host 80``, ``openssl s_client``, telnet."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agentguard import regex
from agentguard.interpret.invocation import Effect, InnerCommand, Invocation
from agentguard.interpret.values import Piece, Value, concat, literal
from agentguard.operations import ProgramCall
from agentguard.programs import url as urls
from agentguard.programs.http_request import header, request
from agentguard.world.protocol import World

_REQUEST = regex.compile(r"^([A-Z]{3,10}) (\S+) HTTP/\d[^\n]*\n", re.MULTILINE)
_ADDRESS = regex.compile(r"(?:(?:tcp[46]?(?:-connect)?|openssl|ssl):)?([^\s:/,]+):(\d+)", re.IGNORECASE)
_REDIS = "6379"


def raw(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """What is written into the connection, where that is a request that can be read."""
    if invocation.stdin is None or call.has("-l", "--listen"):
        return
    host, port = _peer(call)
    text, holes = urls.pierce(invocation.stdin)
    if port == _REDIS and host:
        for line in text.splitlines()[:20]:
            words = [urls.restore(word, holes, invocation.stdin.sources) for word in line.split()]
            if words:
                yield InnerCommand((*map(literal, ("redis-cli", "-h", host, "-p", port)), *words), call.program)
        return
    for found in _REQUEST.finditer(text):
        head, _, body = text[found.end() :].replace("\r\n", "\n").partition("\n\n")
        headers = tuple(header(_value(line, holes, invocation)) for line in head.split("\n") if ":" in line)
        named = next((value for name, value in headers if name == "host"), literal(host))
        where = _value(found[2], holes, invocation)
        whole = where if "://" in found[2] else concat((literal("http://"), named, where))
        sent = _value(body, holes, invocation) if body else None
        yield from request(found[1], urls.split(whole), headers, sent)


def _value(text: str, holes: list[Piece], invocation: Invocation) -> Value:
    return urls.restore(text, holes, invocation.stdin.sources if invocation.stdin is not None else frozenset())


def _peer(call: ProgramCall) -> tuple[str, str]:
    """The host and port connected to, as far as the words tell."""
    connected = call.value("-connect")
    words = [str(connected)] if connected is not None else [str(word) for word in call.operands]
    for word in words:
        found = _ADDRESS.fullmatch(word)
        if found:
            return found[1], found[2]
    plain = [word for word in words if not word.startswith("-")]
    return (plain[0], plain[1]) if len(plain) > 1 and plain[1].isdigit() else ("", "")
