"""What agentguard sees of a script: the names of the programs in its tree, and in its analysis."""

from __future__ import annotations

from functools import lru_cache

from agentguard.analysis import analyse
from agentguard.rulebook.load import Rulebook, load
from agentguard.syntax.errors import ShellSyntaxError
from agentguard.syntax.nodes import (
    Arithmetic,
    ArithmeticCommand,
    ArithmeticFor,
    Assignment,
    Conditional,
    Parameter,
    Script,
    Simple,
    Text,
    Word,
)
from agentguard.syntax.parser import parse
from agentguard.syntax.walk import commands, nodes
from tests.fakes import FakeWorld

#: Builtins that start what their words say.
_STARTING = frozenset(("command", "builtin", "exec", "source", ".", "env", "alias", "enable", "hash"))
#: Builtins that evaluate the text of a subscript.
_EVALUATING = frozenset(
    ("let", "declare", "typeset", "local", "test", "[", "printf", "read", "unset", "mapfile", "wait")
)


def in_tree(text: str, depth: int = 0) -> set[str] | None:
    """The command names in the tree of ``text``; None where it is refused or a name is known only later."""
    try:
        script = parse(text)
    except ShellSyntaxError:
        return None
    if depth > 20 or _evaluates_quoted_code(script):
        return None
    found: set[str] = set()
    for _, command in commands(script):
        if not command.words:
            continue
        name = literal(command.words[0])
        if name is None or name in _STARTING:
            return None
        found.add(name)
        if name in ("eval", "trap"):
            inner = _evaluated(command, name)
            if inner is None:
                return None
            seen = in_tree(inner, depth + 1)
            if seen is None:
                return None
            found |= seen
    return found


def literal(word: Word) -> str | None:
    if all(isinstance(part, Text) for part in word.parts):
        return "".join(part.value for part in word.parts if isinstance(part, Text))
    return None


def _evaluated(command: Simple, name: str) -> str | None:
    words = [literal(word) for word in command.words[1:]]
    if words[:1] == ["--"]:
        words = words[1:]
    if name == "trap":
        words = words[:1]
    if any(word is None for word in words):
        return None
    return " ".join(word for word in words if word is not None)


def _evaluates_quoted_code(script: Script) -> bool:
    """Whether text that looks like code stands where bash may read it once more, which a tree alone cannot tell."""
    code = evaluating = False
    for node in nodes(script):
        if isinstance(node, Word):
            quoted = "".join(part.value for part in node.parts if isinstance(part, Text))
            code = code or any(start in quoted for start in ("$(", "`", "${", "$["))
        elif isinstance(node, Arithmetic | ArithmeticCommand | ArithmeticFor | Conditional):
            evaluating = True
        elif isinstance(node, Parameter):
            evaluating = evaluating or node.prefix == "!" or node.operator in ("@", ":") or node.index is not None
        elif isinstance(node, Assignment):
            evaluating = evaluating or node.index is not None
        elif isinstance(node, Simple) and node.words:
            evaluating = evaluating or literal(node.words[0]) in _EVALUATING
    return code and evaluating


def in_analysis(text: str) -> set[str] | None:
    """The programs that the analysis would have started; None where it says itself that it cannot know them all."""
    analysis = analyse(text, FakeWorld(), _rulebook())
    if analysis.problem is not None or any("known only when" in why for why in analysis.opaque):
        return None
    names = [invocation.argv[0].known for invocation in analysis.invocations if invocation.argv]
    return None if None in names else {name for name in names if name is not None}


@lru_cache(maxsize=1)
def _rulebook() -> Rulebook:
    return load()
