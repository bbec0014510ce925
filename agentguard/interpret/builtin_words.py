"""What the builtin handlers share: recording the call and reading leading options."""

from __future__ import annotations

from agentguard.interpret import calls
from agentguard.interpret.calls import Call
from agentguard.interpret.interpreter import Interpreter
from agentguard.interpret.state import State
from agentguard.interpret.values import EMPTY, Value, concat, literal
from agentguard.light import replace

Words = tuple[Value, ...]


def note(shell: Interpreter, call: Call, state: State) -> None:
    """Record the call; the programs stage may still say what it does (redirections, rules by name)."""
    if shell.passing.builtin(call.argv[0].known, call.redirections) and not call.env:
        state.success = None
        return
    calls.perform(shell, calls.invocation(shell, call, state), state, builtin=True)


def options(words: Words, with_value: str = "", signs: str = "-") -> tuple[list[tuple[str, Value]], Words]:
    """Leading options of a builtin, and the rest of its words. ``--`` ends them.

    Each letter stands by itself with its sign (``-x``); with it the value of those in ``with_value``, attached or in
    the next word, else an empty one.
    """
    found: list[tuple[str, Value]] = []
    while words and (text := words[0].prefix)[:1] in tuple(signs) and words[0].known != text[:1]:
        word, words = words[0], words[1:]
        if text == "--" == word.known:
            break
        at = next((i for i, letter in enumerate(text) if i and letter in with_value), 0)
        if not at and word.known is None:
            return found, (word, *words)  # a letter may be anything
        found += [(text[0] + letter, EMPTY) for letter in (text[1:at] if at else text[1:])]
        if at:
            attached = text[at + 1 :]
            value = replace(word, pieces=(attached, *word.pieces[1:]) if attached else word.pieces[1:])
            if not value.pieces and words:
                value, words = words[0], words[1:]
            found.append((text[0] + text[at], value))
    return found, words


def skip_options(words: Words, with_value: str = "", signs: str = "-") -> tuple[list[str], Words]:
    """The same where only the names of the options matter."""
    found, rest = options(words, with_value, signs)
    return [name for name, _ in found], rest


def split_assignment(word: Value) -> tuple[str | None, Value | None]:
    """``name=value`` split; a bare name has no value. Name None where it cannot be read."""
    head = word.prefix
    name, equals, rest = head.partition("=")
    if not equals:
        return (name, None) if word.known is not None else (None, None)
    return name, replace(concat((literal(rest), Value(word.pieces[1:]))), sources=word.sources)
