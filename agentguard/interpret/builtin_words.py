"""What the builtin handlers share: recording the call and reading leading options."""

from __future__ import annotations

from agentguard.interpret import calls
from agentguard.interpret.calls import Call
from agentguard.interpret.interpreter import Interpreter
from agentguard.interpret.state import State
from agentguard.interpret.values import Value, concat, literal
from agentguard.light import replace

Words = tuple[Value, ...]


def note(shell: Interpreter, call: Call, state: State) -> None:
    """Record the call; the programs stage may still say what it does (redirections, rules by name)."""
    calls.perform(shell, calls.invocation(shell, call, state), state, builtin=True)


def skip_options(words: Words, with_value: str = "", signs: str = "-") -> tuple[list[str], Words]:
    """Leading ``-x`` words of a builtin (clusters as written), and the rest. ``--`` ends them."""
    options: list[str] = []
    i = 0
    while i < len(words):
        known = words[i].known
        if known == "--":
            i += 1
            break
        if known is None or len(known) < 2 or known[0] not in signs:
            break
        options.append(known)
        i += 1
        if known[-1] in with_value and i < len(words):
            options.append(words[i].known or "")
            i += 1
    return options, words[i:]


def split_assignment(word: Value) -> tuple[str | None, Value | None]:
    """``name=value`` split; a bare name has no value. Name None where it cannot be read."""
    head = word.prefix
    name, equals, rest = head.partition("=")
    if not equals:
        return (name, None) if word.known is not None else (None, None)
    return name, replace(concat((literal(rest), Value(word.pieces[1:]))), sources=word.sources)
