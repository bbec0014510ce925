"""``[[ … ]]`` and ``test``: the few forms whose outcome is evident, and what bash runs inside them."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence

from agentguard.interpret import patterns
from agentguard.interpret.state import State
from agentguard.interpret.values import Truth, Value
from agentguard.syntax.nodes import Conditional, Text, Word

TYPE_CHECKING = False
if TYPE_CHECKING:
    from agentguard.interpret.interpreter import Interpreter

_ARITHMETIC = frozenset({"-eq", "-ne", "-lt", "-le", "-gt", "-ge"})
_COMPARE = frozenset({"=", "==", "!=", "=~", "<", ">", "-nt", "-ot", "-ef"})


def normal(path: str) -> str:
    """An absolute path without ``.``, ``..`` and doubled slashes (links are not looked at)."""
    clean = posixpath.normpath(path)
    return clean[1:] if clean.startswith("//") else clean


def _operator(word: Word) -> str:
    """The text of an unquoted word that may be an operator."""
    if len(word.parts) == 1 and isinstance(word.parts[0], Text) and not word.parts[0].quoted:
        return word.parts[0].value
    return ""


def conditional(shell: Interpreter, node: Conditional, state: State) -> None:
    """Evaluate ``[[ … ]]``; every word in it is expanded, so that what bash runs there is seen."""
    shell.spans.append(node.span)
    words: list[tuple[str, Value]] = []
    right_of_match = False
    for word in node.words:
        operator = _operator(word)
        value = shell.expander.pattern(word, state) if right_of_match else shell.expander.string(word, state)
        right_of_match = operator in ("=", "==", "!=")
        words.append((operator, value))
    for i, (operator, _) in enumerate(words):
        if operator in _ARITHMETIC:
            for j in (i - 1, i + 1):
                if 0 <= j < len(words):
                    shell.rescan(words[j][1], state)
                    shell.expander.arithmetic_text(words[j][1], state)
        elif operator in ("-v", "-R") and i + 1 < len(words):
            shell.rescan(words[i + 1][1], state)
    shell.spans.pop()
    state.success = _or(words, state)


def _split_at(words: Sequence[tuple[str, Value]], operator: str) -> list[Sequence[tuple[str, Value]]]:
    parts: list[Sequence[tuple[str, Value]]] = []
    start = 0
    for i, (text, _) in enumerate(words):
        if text == operator:
            parts.append(words[start:i])
            start = i + 1
    return [*parts, words[start:]]


def _or(words: Sequence[tuple[str, Value]], state: State) -> bool | None:
    if any(text in ("(", ")") for text, _ in words):
        return None
    outcomes = [_and(part, state) for part in _split_at(words, "||")]
    if True in outcomes:
        return True
    return None if None in outcomes else False


def _and(words: Sequence[tuple[str, Value]], state: State) -> bool | None:
    outcomes = [_primary(part, state) for part in _split_at(words, "&&")]
    if False in outcomes:
        return False
    return None if None in outcomes else True


def _primary(words: Sequence[tuple[str, Value]], state: State) -> bool | None:
    if words and words[0][0] == "!":
        inner = _primary(words[1:], state)
        return None if inner is None else not inner
    return evaluate([value for _, value in words], [text for text, _ in words])


def evaluate(values: Sequence[Value], operators: Sequence[str]) -> bool | None:
    """``-z s``, ``-n s``, ``s``, ``a = b``, ``a != b`` on known text; None for everything else."""
    if len(values) == 1:
        known = values[0].known
        return None if known is None else known != ""
    if len(values) == 2 and operators[0] in ("-z", "-n"):
        known = values[1].known
        if known is None:
            return None
        return (known == "") == (operators[0] == "-z")
    if len(values) == 3 and operators[1] in ("=", "==", "!="):
        truth = patterns.matches(values[0], values[2])
        if truth is Truth.MAYBE:
            return None
        return (truth is Truth.YES) == (operators[1] != "!=")
    if len(values) == 3 and operators[1] in _ARITHMETIC:
        left, right = values[0].known, values[2].known
        if left is None or right is None or not (_number(left) and _number(right)):
            return None
        a, b = int(left), int(right)
        return {"-eq": a == b, "-ne": a != b, "-lt": a < b, "-le": a <= b, "-gt": a > b, "-ge": a >= b}[operators[1]]
    return None


def _number(text: str) -> bool:
    return text.removeprefix("-").isdigit() and len(text) < 19
