"""``cd``, ``pushd``, ``popd``: where the following commands run, also where that may have failed."""

from __future__ import annotations

from agentguard.interpret import conditions, redirects
from agentguard.interpret.builtin_words import note, skip_options
from agentguard.interpret.calls import Call
from agentguard.interpret.interpreter import Interpreter
from agentguard.interpret.state import State
from agentguard.interpret.values import Origin, Pattern, Unknown, Value, literal, unknown
from agentguard.light import replace


def cd(shell: Interpreter, call: Call, state: State) -> list[State]:
    note(shell, call, state)
    _, words = skip_options(call.argv[1:])
    target = words[0] if words else shell.expander.tilde("", state)
    if target.known == "-":
        return _go(shell, state, state.previous or unknown(Origin.VARIABLE, "OLDPWD"))
    return _go(shell, state, target, _search_path(shell, call, state))


def _search_path(shell: Interpreter, call: Call, state: State) -> Value | None:
    """The value of ``CDPATH`` for one ``cd``, None where it is not set. Code that cannot be read is not taken to set
    it: hardly any does, and no ``cd`` after it would be known."""
    if "CDPATH" in call.env:
        return call.env["CDPATH"]
    variable = state.variables.get("CDPATH")
    if variable is not None:
        return variable.value
    text = shell.world.env.get("CDPATH") if "CDPATH" not in state.variables and not state.cleared else None
    return literal(text, "env:CDPATH") if text else None


def _searched(shell: Interpreter, target: Value, state: State, search: Value | None) -> Value:
    """Where ``CDPATH`` leads a relative name to: the first of its directories that holds it."""
    known = target.known
    if search is None or not known or state.frame.place or known.split("/")[0] in ("", ".", ".."):
        return target
    if search.known is None:
        return unknown(Origin.VARIABLE, "CDPATH")
    for entry in search.known.split(":"):
        place = literal(f"{entry.rstrip('/')}/{known}" if entry else known, *search.sources)
        where = redirects.absolute(shell, place, state).known
        if where is not None and (where in state.created or shell.world.kind(where) in ("directory", "link")):
            return place
    return target


def _go(shell: Interpreter, state: State, target: Value, search: Value | None = None) -> list[State]:
    """The states after changing directory: one where it worked, and one where it may have failed."""
    failed: list[State] = []
    where = redirects.absolute(shell, _searched(shell, target, state, search), state)
    if any(isinstance(p, Pattern) for p in where.pieces):
        some = Unknown(Origin.EXPANSION, "*", path_safe=True)
        where = replace(where, pieces=tuple(some if isinstance(p, Pattern) else p for p in where.pieces))
    known = where.known
    if known is not None:
        known = conditions.normal(known) if known else state.cwd.known or ""
        where = replace(literal(known), sources=where.sources)
    exists = known is not None and (known in state.created or shell.world.kind(known) in ("directory", "link"))
    if not exists and not state.frame.place:
        other = state.fork()
        other.success = False
        failed.append(other)
    state.previous, state.cwd = state.cwd, where
    state.success = True
    return [state, *failed]


def pushd(shell: Interpreter, call: Call, state: State) -> list[State]:
    note(shell, call, state)
    _, words = skip_options(call.argv[1:], "")
    if not words:
        return [state]
    state.directories = (state.cwd, *state.directories)
    return _go(shell, state, words[0], _search_path(shell, call, state))


def popd(shell: Interpreter, call: Call, state: State) -> list[State]:
    note(shell, call, state)
    if not state.directories:
        return [state]
    target, state.directories = state.directories[0], state.directories[1:]
    return _go(shell, state, target)
