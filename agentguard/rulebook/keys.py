"""Which index entries can hold a rule for an operation (their makers are in compile.py)."""

from __future__ import annotations

from collections.abc import Iterator

from agentguard.interpret.values import Value
from agentguard.operations import (
    CodeExecution,
    CredentialRead,
    CredentialUse,
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


def keys(operation: Operation) -> Iterator[str]:
    """The index keys to look at, the narrow ones first."""
    match operation:
        case ProgramCall():
            yield from _call(operation)
        case HttpRequest(method=method, host=host):
            for place in hosts(host):
                if method is None:
                    yield from (f"http:{name}:{place}" for name in METHODS)
                else:
                    yield f"http:{method}:{place}"
                yield f"http:*:{place}"
        case GraphqlOperation(fields=fields, host=host):
            yield from (f"graphql:{field}" for field in fields)
            if operation.opaque or not fields:
                yield from (f"graphql-host:{place}" for place in hosts(host))
            yield "graphql:*"
        case SqlStatement(verb=verb):
            yield f"sql:{verb}"
            yield "sql:*"
        case CredentialRead(how=how):
            yield f"credential:{how}"
            yield "credential:*"
        case CodeExecution(origin=origin):
            yield f"code:{origin}"
            yield "code:*"
        case PolicyTamper(what=what):
            yield f"tamper:{what}"
            yield "tamper:*"
        case _:
            yield from _other(operation)


#: the methods tried where the method is not known
METHODS = ("DELETE", "POST", "PUT", "PATCH")


def _call(call: ProgramCall) -> Iterator[str]:
    if call.subcommand:
        yield f"call:{call.program}/{call.subcommand[0]}"
    elif call.operands:
        first = call.operands[0].known
        yield f"call:{call.program}/{first if first is not None else '?'}"
    yield f"call:{call.program}/*"
    yield "call:*/*"


def hosts(host: Value) -> Iterator[str]:
    """The host itself, its parent domains as ``*.domain``, and ``*``. Of an unknown host, what its end tells."""
    known = host.known
    if known is not None:
        yield known
        labels = known.split(".")
        yield from ("*." + ".".join(labels[index:]) for index in range(1, len(labels)))
    elif host.pieces and isinstance(host.pieces[-1], str):
        labels = host.pieces[-1].split(".")
        yield from ("*." + ".".join(labels[index:]) for index in range(1, len(labels)))
    yield "*"


def _other(operation: Operation) -> Iterator[str]:
    match operation:
        case FileDelete():
            yield "files:delete"
        case FileOverwrite(append=append, secure=secure, replaces=replaces):
            yield "files:append" if append else "files:overwrite"
            if secure:
                yield "files:wipe"
            if replaces:
                yield "files:replace"
        case FileMove():
            yield "files:move"
        case FileRead():
            yield "files:read"
        case PermissionChange():
            yield "files:chmod"
        case CredentialUse():
            yield "credential:use"
            yield "credential:*"
        case DeviceWrite():
            yield "device:"
        case ProcessBomb():
            yield "bomb:"
        case Opaque():
            yield "opaque:"
