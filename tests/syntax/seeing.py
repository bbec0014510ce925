"""What the tree shows of a script: the marked names a reader of the tree would find."""

from __future__ import annotations

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

#: Builtins that start what their words say.
_STARTING = frozenset(("command", "builtin", "exec", "source", ".", "env", "alias", "enable", "hash"))
#: Builtins that evaluate the text of a subscript.
_EVALUATING = frozenset(("let", "declare", "typeset", "local", "test", "[", "printf", "read", "unset", "mapfile", "wait"))


def in_tree(text: str, depth: int = 0) -> set[str] | None:
    """The marked command names in the tree of ``text``; None where it is refused or where a name is known only later."""
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
