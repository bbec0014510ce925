"""A token or password that stands in the command itself: a finding about something remote names it, redacted."""

from __future__ import annotations

from collections.abc import Iterator

from agentguard import redaction
from agentguard.interpret.invocation import Invocation
from agentguard.interpret.values import Value
from agentguard.operations import GraphqlOperation, HttpRequest, Operation, ProgramCall, SqlStatement
from agentguard.programs.secret_names import ANY_TOKEN, fingerprint, variable
from agentguard.world.environments import LOCAL

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

#: packs about this machine alone
_HERE: Final = frozenset(("files", "disks", "system", "shell", "code", "guard", "wrappers", "vcs"))
#: a word that was not written here but comes from a variable or file of the machine
_ELSEWHERE: Final = ("env:", "file:", "cmd:", "net:")


def written(pack: str, operation: Operation, invocation: Invocation, environment: str) -> str:
    """``with the token ghp_…3f2a written in the command``, or "" where none is, or nothing remote is hit."""
    if environment == LOCAL or not _remote(pack, operation):
        return ""
    for text in (*_options(operation), *_texts(invocation)):
        for value in _hidden(text):
            shown = fingerprint(value)
            what = f"the token {shown}" if shown else "a password"
            return f"with {what} written in the command"
    return ""


def _remote(pack: str, operation: Operation) -> bool:
    if isinstance(operation, ProgramCall):
        return pack not in _HERE and (operation.program != "git" or operation.subcommand == ("push",))
    return isinstance(operation, HttpRequest | GraphqlOperation | SqlStatement)


def _options(operation: Operation) -> Iterator[str]:
    """Options whose canonical name says secret, whatever letter was typed."""
    for option in operation.options if isinstance(operation, ProgramCall) else ():
        if option.value is not None and _own(option.value) and variable(option.name.lstrip("-").replace("-", "_")):
            yield f"{option.name}={option.value}"


def _texts(invocation: Invocation) -> Iterator[str]:
    """The words as one would type them, and the variables set for them."""
    from agentguard.syntax.quoting import quote

    yield " ".join(quote(word.known or "") if _own(word) else "…" for word in invocation.argv)
    for name, value in invocation.env.items():
        if value is not None and _own(value):
            yield f"{name}={quote(value.known or '')}"


def _own(word: Value) -> bool:
    return word.known is not None and not any(source.startswith(_ELSEWHERE) for source in word.sources)


def _hidden(text: str) -> Iterator[str]:
    """The secrets in a text, each with the beginning that the redaction leaves to be read."""
    yield from (found[0] for found in ANY_TOKEN.finditer(text))
    for start, stop in redaction.secrets(text):
        head = start
        while head and (text[head - 1].isalnum() or text[head - 1] in "_.-"):
            head -= 1
        yield text[head:stop]
