"""Commands that a walk may pass over, because they only look or print and nothing takes what they print.

Which programs these are is for the caller to say: it depends on what the walk is for. The guard of a command line
passes over none. In a script they are most of the commands, and to expand and ask about each is most of the time.
"""

from __future__ import annotations

from collections.abc import Iterable

from agentguard.interpret.invocation import Redirection
from agentguard.interpret.state import State
from agentguard.interpret.values import NOTHING
from agentguard.syntax.nodes import Command, Glob, Parameter, Pipeline, Redirect, Simple, Text, Tilde, Word

#: Expansions that assign a variable or end the shell.
_ACTING = frozenset({"=", ":=", "?", ":?"})
#: Builtins that a walk is asked about: one sets what runs at the end, one loads code.
_HEARD = frozenset({"trap", "enable"})
_INTO_FILES = frozenset({">", ">>", ">|", ">&", "&>", "&>>", "<", "<&"})


class Passing:
    """``names`` are the programs and builtins that may be passed over. What a tree says is kept by its nodes."""

    def __init__(self, names: frozenset[str] = NOTHING) -> None:
        self.names = names
        self._kept: dict[int, frozenset[str]] = {}

    def over(self, node: Simple | Pipeline, state: State) -> bool:
        """Whether a command can be passed over in a state."""
        if not self.names or state.out is not None:
            return False
        key = id(node)  # the tree outlives the walk
        used = self._kept.get(key)
        if used is None:
            used = self._kept[key] = self._programs(node)
        return bool(used) and used.isdisjoint(state.functions) and used.isdisjoint(state.aliases)

    def builtin(self, name: str | None, redirections: tuple[Redirection, ...]) -> bool:
        """Whether nobody needs to hear of a builtin; what it changes in its shell is a matter of its own."""
        return bool(self.names) and name not in _HEARD and all(_nowhere(item.target.known) for item in redirections)

    def _programs(self, node: Command) -> frozenset[str]:
        """The programs of a command that may be passed over; empty for any other command."""
        if isinstance(node, Pipeline):
            each = [self._programs(command) for command in node.commands]
            return frozenset().union(*each) if all(each) else NOTHING
        if not isinstance(node, Simple) or node.assignments or not node.words:
            return NOTHING
        parts = node.words[0].parts
        name = parts[0].value if len(parts) == 1 and isinstance(parts[0], Text) else ""
        plain = name in self.names and _plain(node.words) and all(map(_harmless, node.redirects))
        return frozenset((name,)) if plain else NOTHING


def _plain(words: Iterable[Word]) -> bool:
    """Whether expanding words runs and changes nothing."""
    for word in words:
        for part in word.parts:
            if isinstance(part, Text | Glob | Tilde):
                continue
            if not isinstance(part, Parameter) or part.operator in _ACTING:
                return False
            if not _plain(part.words) or (part.index is not None and not _plain((part.index,))):
                return False
    return True


def _harmless(redirect: Redirect) -> bool:
    if redirect.heredoc is not None:
        return _plain((redirect.heredoc.body,))
    parts = redirect.target.parts
    known = parts[0].value if len(parts) == 1 and isinstance(parts[0], Text) else None
    return redirect.operator in _INTO_FILES and not isinstance(redirect.descriptor, str) and _nowhere(known)


def _nowhere(target: str | None) -> bool:
    return target is not None and (target in ("/dev/null", "-") or target.isdigit())
