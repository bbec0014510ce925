"""Clients of file servers, and the commands they are given as text: ftp, lftp, sftp, ncftp, smbclient, ``curl -Q``.

Each command becomes a call of ``file-server``, so that one rule judges them all.
"""

from __future__ import annotations

from collections.abc import Iterator

from agentguard import regex
from agentguard.interpret.invocation import Effect, Invocation
from agentguard.interpret.values import Value, literal
from agentguard.operations import Opaque, ProgramCall
from agentguard.programs.contract import read_text
from agentguard.programs.streams import cut
from agentguard.world.protocol import World

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

NAME: Final = "file-server"
_ENDS: Final = regex.compile(r"[;\n]|&&|\|\|")
_MAX_COMMANDS: Final = 2_000


def commands(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """Commands in options, in files that options name, and on standard input."""
    texts = list(call.values("-c", "-e", "--command"))
    for path in call.values("-b", "-f"):
        if path.known == "-":
            continue
        text = read_text(path, invocation, world)
        if text.known is None:
            yield Opaque(f"the commands in {path} are not read")
        else:
            texts.append(text)
    if invocation.stdin is not None:
        texts.append(invocation.stdin)
    for text in texts:
        yield from _commands(text)


def quoted(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """``curl -Q COMMAND`` and ``curl -X COMMAND`` with an address of a file server."""
    for text in call.values("--quote"):
        yield from _commands(cut(text, 1) if text.prefix[:1] in ("-", "+", "*") else text)
    if any(
        word.prefix.startswith(("ftp://", "ftps://", "sftp://")) for word in (*call.operands, *call.values("--url"))
    ):
        for text in call.values("--request"):
            yield from _commands(text)


def _commands(text: Value) -> Iterator[ProgramCall]:
    for line in _ENDS.split(str(text))[:_MAX_COMMANDS]:
        words = [word.strip("\"'") for word in line.split()]
        while words and words[0].lower() in ("glob", "@", "quote", "site", "-", "*", "*dele", "repeat"):
            words = words[1:]
        if words and not words[0].startswith(("#", "!")):
            verb, *rest = words
            yield ProgramCall(
                NAME, (verb.lower().lstrip("-*@"),), (), tuple(literal(word, *text.sources) for word in rest)
            )
