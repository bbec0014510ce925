"""Builtins that run other code or end control flow, and the table of all that change the shell's own state."""

from __future__ import annotations

from agentguard.interpret import calls, conditions, declaring, directories, reading, redirects, texts
from agentguard.interpret.builtin_words import note, options, skip_options
from agentguard.interpret.calls import Call
from agentguard.interpret.interpreter import Builtin, Interpreter
from agentguard.interpret.state import FunctionBody, State
from agentguard.interpret.values import EMPTY, Unknown, concat, literal, quoted
from agentguard.light import replace
from agentguard.operations import Opaque


def _eval(shell: Interpreter, call: Call, state: State) -> list[State]:
    note(shell, call, state)
    _, words = skip_options(call.argv[1:])
    text = concat([v for word in words for v in (literal(" "), word)][1:])
    if text.known is None and all(isinstance(p, Unknown) for p in text.pieces):
        state.tainted = state.tainted or "eval of text that is not known"
    return texts.run(shell, text, state, "eval", call.span)


def _source(shell: Interpreter, call: Call, state: State) -> list[State]:
    note(shell, call, state)
    _, words = skip_options(call.argv[1:])
    if not words and call.stdin is None:
        return [state]
    content = redirects.read_file(shell, words[0], state) if words else call.stdin or EMPTY  # fish: ``curl | source``
    if content.unknown:
        state.tainted = f"{words[0] if words else 'standard input'} could not be read"
    positionals = state.positionals
    if len(words) > 1:
        state.positionals = words[1:]
    ends = texts.run(shell, content, state, "source", call.span)
    for end in ends:
        if len(words) > 1:
            end.positionals = positionals
        if end.ended == "return":
            end.ended = ""
    return ends


def _command(shell: Interpreter, call: Call, state: State) -> list[State]:
    letters, words = skip_options(call.argv[1:])
    if not words or not {"-v", "-V"}.isdisjoint(letters):
        note(shell, call, state)
        return [state]
    return shell.dispatch(replace(call, argv=words), state, functions=False)


def _exec(shell: Interpreter, call: Call, state: State) -> list[State]:
    _, words = skip_options(call.argv[1:], with_value="a")
    if not words:
        note(shell, call, state)
        state.stdin = call.stdin
        redirects.opened(shell, call.redirections, state)
        return [state]
    calls.start_program(shell, replace(call, argv=words), state)
    state.ended = "exit"
    return [state]


def _hash(shell: Interpreter, call: Call, state: State) -> list[State]:
    """``hash -p PATH NAME``: from now on NAME starts the program at PATH, as a function of that name would."""
    note(shell, call, state)
    found, names = options(call.argv[1:], with_value="pdt")
    path = dict(found).get("-p")
    if path is None:
        return [state]
    body = texts.parsed(shell, concat((quoted(path), literal(' "$@"'))), state, "hash -p", call.span)
    for name in names if body is not None else ():
        if body is not None and name.known:
            state.functions[name.known] = FunctionBody(name.known, body.statements[0].command)
    return [state]


def _trap(shell: Interpreter, call: Call, state: State) -> list[State]:
    note(shell, call, state)
    letters, words = skip_options(call.argv[1:])
    if not letters and len(words) >= 2 and words[0].known != "-":
        for signal in words[1:]:
            state.traps[str(signal)] = words[0]
    elif words:
        for signal in words:
            state.traps.pop(str(signal), None)
    return [state]


def _test(shell: Interpreter, call: Call, state: State) -> list[State]:
    note(shell, call, state)
    words = list(call.argv[1:])
    if call.argv[0].known == "[" and words and words[-1].known == "]":
        words.pop()
    for i, word in enumerate(words):
        if word.known in ("-v", "-R") and i + 1 < len(words):
            shell.rescan(words[i + 1], state)
    negate = bool(words) and words[0].known == "!"
    outcome = conditions.evaluate(words[negate:], [w.known or "" for w in words[negate:]])
    if any(w.known in ("-a", "-o", "(") for w in words):
        outcome = None
    state.success = None if outcome is None else outcome != negate
    return [state]


def _leave(how: str) -> Builtin:
    def handler(shell: Interpreter, call: Call, state: State) -> list[State]:
        status = call.argv[1].known if len(call.argv) > 1 else None
        note(shell, call, state)
        if how in ("exit", "return") and status is not None:
            state.success = status == "0"
        inside = state.loops if how in ("break", "continue") else 1 if how == "exit" or state.levels else -1
        if inside == 0:
            return [state]  # outside of a loop these do nothing
        stays = [] if inside > 0 else [state.fork()]
        state.ended = how
        return [state, *stays]

    return handler


def _status(success: bool) -> Builtin:
    def handler(shell: Interpreter, call: Call, state: State) -> list[State]:
        note(shell, call, state)
        state.success = success
        return [state]

    return handler


def _complete(shell: Interpreter, call: Call, state: State) -> list[State]:
    """``compgen -C text`` runs the text at once, ``complete -C`` at the next completion; ``-F`` names a function, and
    the words of ``-W`` are expanded once more."""
    note(shell, call, state)
    found, _ = options(call.argv[1:], with_value="oAGWFCXPS", signs="-+")
    for name, value in found:
        if name in ("-C", "-F"):
            texts.run(shell, value, state.fork(), f"{call.argv[0]} {name}", call.span)
        elif name == "-W":
            texts.rescan(shell, value, state, whole=True)
    return [state]


def _enable(shell: Interpreter, call: Call, state: State) -> list[State]:
    note(shell, call, state)
    if any((w.known or "").startswith("-f") for w in call.argv[1:]):
        last = shell.invocations[-1]
        shell.operations.append((Opaque("enable -f loads a compiled builtin"), last))
    return [state]


BUILTINS: dict[str, Builtin] = {
    "eval": _eval,
    "source": _source,
    ".": _source,
    "command": _command,
    "builtin": _command,
    "exec": _exec,
    "hash": _hash,
    "trap": _trap,
    "cd": directories.cd,
    "pushd": directories.pushd,
    "popd": directories.popd,
    "set": declaring.set_options,
    "shopt": declaring.shopt,
    "shift": declaring.shift,
    "declare": declaring.declare,
    "typeset": declaring.declare,
    "local": declaring.declare,
    "export": declaring.declare,
    "readonly": declaring.declare,
    "unset": declaring.unset,
    "read": reading.read,
    "mapfile": reading.mapfile,
    "readarray": reading.mapfile,
    "printf": reading.printf,
    "getopts": reading.getopts,
    "let": reading.let,
    "test": _test,
    "[": _test,
    "alias": declaring.alias,
    "unalias": declaring.unalias,
    "exit": _leave("exit"),
    "return": _leave("return"),
    "break": _leave("break"),
    "continue": _leave("continue"),
    "true": _status(True),
    ":": _status(True),
    "false": _status(False),
    "enable": _enable,
    "complete": _complete,
    "compgen": _complete,
}
