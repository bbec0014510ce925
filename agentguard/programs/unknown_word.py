"""Commands whose first word only running would tell."""

from __future__ import annotations

from collections.abc import Iterator

from agentguard import regex
from agentguard.interpret.invocation import Effect, InnerCommand, Invocation
from agentguard.interpret.values import NOTHING, Origin, Unknown, Value, literal
from agentguard.programs.unlisted import GUESSED, Described, is_program

#: Where the detail of what is not known is the name of a variable.
_VARIABLES = (Origin.VARIABLE, Origin.LOOP)
#: Shorter names of variables say nothing.
_SHORT = 2
#: How names of variables end that hold a program.
_ENDING = regex.compile(r"_?(?:cmd|command|bin|binary|exe|executable|path|prog|program|cli|tool)$")


def unknown(invocation: Invocation, described: Described, *, sure: bool) -> Iterator[Effect]:
    """What a command comes to whose first word only running would tell.

    ``$SUDO rm x`` runs what stands behind it, ``$KUBECTL delete pod x`` the program that the variable is called
    after. Guessed, but for a script (``sure``), whose author wrote the names for a reader.
    """
    word, *rest = invocation.argv
    tags = NOTHING if sure else frozenset({GUESSED})
    named = _called_after(word, described)
    if named:
        yield InnerCommand((literal(named), *rest), f"{word} for {named}", tags=tags)
    elif rest and is_program(rest[0], described):
        yield InnerCommand(tuple(rest), f"{word} …", tags=tags)


def _called_after(word: Value, described: Described) -> str:
    """The program that the variable of a command word is called after: ``$KUBECTL``, ``${PSQL_CMD}``; "" for none."""
    variables = [source[4:] for source in word.sources if source.startswith("env:")]
    variables += [piece.detail for piece in word.pieces if isinstance(piece, Unknown) and piece.origin in _VARIABLES]
    for variable in variables if len(word.pieces) == 1 else ():
        name = _ENDING.sub("", variable.lower().strip("_"))
        if name in ("rm", "mv", "cp") or (len(name) > _SHORT and is_program(literal(name), described)):
            return name
    return ""
