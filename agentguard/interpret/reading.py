"""``read``, ``mapfile``, ``getopts``, ``printf -v``, ``let``: builtins that fill variables from data."""

from __future__ import annotations

from agentguard.interpret import calls, texts
from agentguard.interpret.builtin_words import note, options
from agentguard.interpret.calls import Call
from agentguard.interpret.interpreter import Interpreter
from agentguard.interpret.invocation import Output
from agentguard.interpret.state import State, Variable
from agentguard.interpret.values import EMPTY, Origin, Unknown, Value, concat, literal, unknown
from agentguard.light import replace


def read(shell: Interpreter, call: Call, state: State) -> list[State]:
    note(shell, call, state)
    found, words = options(call.argv[1:], with_value="adinNptu")
    given = dict(found)
    for word in words:
        shell.rescan(word, state)
    delimiter = "\n"
    if "-d" in given:
        delimiter = (given["-d"].known or "")[:1] or "\0"
    if "-a" in given:
        words = (given["-a"],)
    names = [w.known or "?" for w in words] or ["REPLY"]
    stream = call.stdin
    line, rest, success = _next_line(stream, delimiter)
    state.success = success
    values = _into_fields(line, len(names), shell.expander.separators(_with_env(call, state)))
    for name, value in zip(names, values, strict=True):
        state.put(name.partition("[")[0], value)
    if "-a" in given:
        fields = _into_fields(line, 64, shell.expander.separators(state))
        array = {str(i): v for i, v in enumerate(f for f in fields if f.pieces)}
        state.variables[names[0]] = Variable(array.get("0", EMPTY), False, array)
    if rest is not None and not call.redirections:
        state.stdin = rest
    return [state]


def _with_env(call: Call, state: State) -> State:
    if "IFS" not in call.env:
        return state
    other = state.fork()
    other.put("IFS", call.env["IFS"] or EMPTY)
    return other


def _next_line(stream: Value | None, delimiter: str) -> tuple[Value, Value | None, bool | None]:
    """The next line of a stream, what is left, and whether ``read`` succeeds."""
    if stream is None:
        return unknown(Origin.INPUT, "read"), None, None
    line: list[Value] = []
    for i, piece in enumerate(stream.pieces):
        if isinstance(piece, str):
            head, found, tail = piece.partition(delimiter)
            line.append(replace(literal(head), sources=stream.sources))
            if found:
                rest = Value(((tail,) if tail else ()) + stream.pieces[i + 1 :], stream.sources)
                return concat(line), rest, True
        elif isinstance(piece, Unknown):
            line.append(Value((replace(piece, many=False),), stream.sources))
            if piece.many:  # lines of one shape: each is this line
                return concat(line), stream, None
        else:
            line.append(literal(piece.text))
    if any(v.unknown for v in line):
        return concat(line), None, None
    return concat(line) if line else EMPTY, EMPTY, False


def _into_fields(line: Value, count: int, separators: str) -> list[Value]:
    if count == 1:
        known = line.known
        return [replace(literal(known.strip(" \t") if separators else known), sources=line.sources)
                if known is not None else line]  # fmt: skip
    known = line.known
    if known is None:
        return [Value((Unknown(Origin.INPUT, "read", path_safe=False),), line.sources)] * count
    parts = known.split(None, count - 1) if separators == " \t\n" else known.split(separators[:1] or "\0", count - 1)
    parts += [""] * (count - len(parts))
    return [replace(literal(p.strip(" \t")), sources=line.sources) for p in parts[:count]]


def mapfile(shell: Interpreter, call: Call, state: State) -> list[State]:
    note(shell, call, state)
    found, words = options(call.argv[1:], with_value="dnOsucC")
    for name, value in found:
        if name == "-C":
            texts.run(shell, value, state.fork(), "mapfile -C", call.span)
    for word in words:
        shell.rescan(word, state)
    name = (words[0].known or "?") if words else "MAPFILE"
    stream = call.stdin
    if stream is not None and stream.known is not None:
        lines = [replace(literal(t), sources=stream.sources) for t in stream.known.splitlines()]
    elif stream is not None and any(isinstance(p, Unknown) and p.many for p in stream.pieces):
        lines = [stream]
    else:
        lines = [unknown(Origin.INPUT, "mapfile", many=True)]
    array = {str(i): line for i, line in enumerate(lines[:2_000])}
    state.variables[name] = Variable(array.get("0", EMPTY), False, array)
    return [state]


def printf(shell: Interpreter, call: Call, state: State) -> list[State]:
    words = call.argv[1:]
    if not words or words[0].known != "-v" or len(words) < 3:
        calls.perform(shell, calls.invocation(shell, call, state), state)
        return [state]
    shell.rescan(words[1], state)
    note(shell, call, state)
    plain = calls.invocation(shell, replace(call, argv=(call.argv[0], *words[2:])), state)
    printed = [e.text for e in shell.host.effects(plain) if isinstance(e, Output)]
    value = concat(printed) if printed else unknown(Origin.EXPANSION, "printf", sources=concat(words[2:]).sources)
    name = words[1].known
    if name is None:
        state.tainted = state.tainted or "printf -v into an unknown name"
    else:
        state.put(name.partition("[")[0], value)
    return [state]


def getopts(shell: Interpreter, call: Call, state: State) -> list[State]:
    note(shell, call, state)
    if len(call.argv) > 2:
        state.put(call.argv[2].known or "?", unknown(Origin.POSITIONAL, "option"))
        state.put("OPTARG", unknown(Origin.POSITIONAL, "option"))
        state.put("OPTIND", unknown(Origin.ARITHMETIC, "OPTIND"))
    state.success = None
    if state.positionals == ():
        state.success = False
    return [state]


def let(shell: Interpreter, call: Call, state: State) -> list[State]:
    note(shell, call, state)
    last: Value = literal("0")
    for word in call.argv[1:]:
        shell.rescan(word, state)
        last = shell.expander.arithmetic_text(word, state)
    state.success = None if last.known is None else last.known != "0"
    return [state]
