"""``declare`` and its family, ``set``, ``shopt``, ``shift``, ``unset``, ``alias``."""

from __future__ import annotations

from agentguard.interpret.builtin_words import note, skip_options, split_assignment
from agentguard.interpret.calls import Call
from agentguard.interpret.interpreter import Interpreter
from agentguard.interpret.state import State, Variable
from agentguard.interpret.values import EMPTY, Origin, concat, unknown
from agentguard.light import replace

_LONG_OPTIONS = {"nounset": "u", "errexit": "e", "noglob": "f", "xtrace": "x", "allexport": "a"}


def set_options(shell: Interpreter, call: Call, state: State) -> list[State]:
    note(shell, call, state)
    words = call.argv[1:]
    if not words:
        state.emit(unknown(Origin.OUTPUT, "the environment", many=True, sources=("env:*",)))
    options = set(state.options)
    i = 0
    replaced = False
    while i < len(words):
        known = words[i].known
        if known == "--" or known is None or known[:1] not in ("-", "+") or known == "-":
            replaced = True
            i += known in ("--", "-")
            break
        names = list(known[1:].replace("o", ""))
        if "o" in known and i + 1 < len(words):  # also at the end of a cluster: ``-euo pipefail``
            i += 1
            names.append(_LONG_OPTIONS.get(words[i].known or "", words[i].known or ""))
        for name in names:
            (options.add if known[0] == "-" else options.discard)(name)
        i += 1
    state.options = frozenset(options)
    if replaced:
        state.positionals = words[i:]
    state.success = True
    return [state]


def shopt(shell: Interpreter, call: Call, state: State) -> list[State]:
    note(shell, call, state)
    letters, words = skip_options(call.argv[1:])
    names = {w.known or "" for w in words}
    if "-s" in letters:
        state.options |= names
    elif "-u" in letters:
        state.options -= names
    return [state]


def shift(shell: Interpreter, call: Call, state: State) -> list[State]:
    note(shell, call, state)
    count = call.argv[1].known if len(call.argv) > 1 else "1"
    if state.positionals is not None:
        if count is not None and count.isdigit():
            state.success = int(count) <= len(state.positionals)
            state.positionals = state.positionals[int(count) :] if state.success else state.positionals
        else:
            state.positionals = None
    return [state]


def declare(shell: Interpreter, call: Call, state: State) -> list[State]:
    note(shell, call, state)
    name_of_builtin = call.argv[0].known
    options, words = skip_options(call.argv[1:], signs="-+")
    letters = "".join(o[1:] for o in options if o[0] == "-")
    cleared = "".join(o[1:] for o in options if o[0] == "+")
    if "f" in letters:
        for word in words:
            body = state.functions.get(word.known or "")
            if body is not None and (name_of_builtin == "export" or "x" in letters) and "n" not in letters:
                state.functions[body.name] = replace(body, exported=True)
        return [state]
    if not words:
        state.emit(unknown(Origin.OUTPUT, "the environment", many=True, sources=("env:*",)))
    for word in words:
        name, value = split_assignment(word)
        if name is None:
            shell.rescan(word, state)
            continue
        shell.rescan(word, state) if "[" in name or "i" in letters else None
        append = name.endswith("+")
        name = name.removesuffix("+").partition("[")[0]
        exported = name_of_builtin == "export" or "x" in letters
        old = state.variables.get(name)
        if state.levels and (name_of_builtin in ("local", "declare", "typeset")) and "g" not in letters:
            state.variables["\0local " + name] = None
        if "n" in letters and name_of_builtin != "export":
            shell.rescan(word, state)
            state.variables[name] = Variable(target=(value.known or "") if value is not None else "")
            continue
        if value is not None:
            if "i" in letters or (old is not None and old.integer):
                value = shell.expander.arithmetic_text(value, state)
            elif "a" in letters or "A" in letters:
                shell.rescan(value, state)
            if append:
                value = concat((shell.expander.runner_variable(name, state) or EMPTY, value))
            state.put(name, value, export=True if exported else None)
        else:
            current = shell.expander.runner_variable(name, state)
            if old is not None:
                state.variables[name] = replace(old, exported=old.exported or exported)
            elif current is not None and exported:
                state.variables[name] = Variable(current, exported=True)
        now = state.variables.get(name)
        if now is not None and "i" in letters:
            state.variables[name] = replace(now, integer=True)
        if now is not None and ("x" in cleared or (name_of_builtin == "export" and "n" in letters)):
            state.variables[name] = replace(now, exported=False)
    state.success = True
    return [state]


def unset(shell: Interpreter, call: Call, state: State) -> list[State]:
    note(shell, call, state)
    options, words = skip_options(call.argv[1:])
    for word in words:
        shell.rescan(word, state)
        name = word.known
        if name is None:
            state.tainted = state.tainted or "unset of an unknown name"
            continue
        if "-f" in options:
            state.functions.pop(name, None)
        elif name in state.variables or name in shell.world.env:
            state.variables[name] = None
        elif "-v" not in options:
            state.functions.pop(name, None)
    return [state]


def alias(shell: Interpreter, call: Call, state: State) -> list[State]:
    note(shell, call, state)
    for word in call.argv[1:]:
        name, value = split_assignment(word)
        if name and value is not None:
            state.aliases[name] = value
    return [state]


def unalias(shell: Interpreter, call: Call, state: State) -> list[State]:
    note(shell, call, state)
    for word in call.argv[1:]:
        state.aliases.pop(word.known or "", None)
    if any(w.known == "-a" for w in call.argv[1:]):
        state.aliases = {}
    return [state]
