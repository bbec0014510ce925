"""Builtins that change the shell's own state. Each handler returns the states that go on."""

from __future__ import annotations

from dataclasses import replace

from agentguard.interpret import conditions
from agentguard.interpret.interpreter import Builtin, Call, Interpreter
from agentguard.interpret.invocation import Output
from agentguard.interpret.state import State, Variable
from agentguard.interpret.values import (
    EMPTY,
    Origin,
    Pattern,
    Unknown,
    Value,
    concat,
    literal,
    unknown,
)
from agentguard.operations import Opaque

Words = tuple[Value, ...]


def _note(shell: Interpreter, call: Call, state: State) -> None:
    """Record the call; the programs stage may still say what it does (redirections, rules by name)."""
    shell.perform(shell.invocation(call, state), state, builtin=True)


def _skip_options(words: Words, with_value: str = "") -> tuple[list[str], Words]:
    """Leading ``-x`` words of a builtin (clusters as written), and the rest. ``--`` ends them."""
    options: list[str] = []
    i = 0
    while i < len(words):
        known = words[i].known
        if known == "--":
            i += 1
            break
        if known is None or len(known) < 2 or known[0] not in "-+":
            break
        options.append(known)
        i += 1
        if known[-1] in with_value and i < len(words):
            options.append(words[i].known or "")
            i += 1
    return options, words[i:]


# ------------------------------------------------------------------------------------ running other code


def _eval(shell: Interpreter, call: Call, state: State) -> list[State]:
    _note(shell, call, state)
    _, words = _skip_options(call.argv[1:])
    text = concat([v for word in words for v in (literal(" "), word)][1:])
    if text.known is None and all(isinstance(p, Unknown) for p in text.pieces):
        state.tainted = state.tainted or "eval of text that is not known"
    return shell.text(text, state, "eval", call.span)


def _source(shell: Interpreter, call: Call, state: State) -> list[State]:
    _note(shell, call, state)
    _, words = _skip_options(call.argv[1:])
    if not words:
        return [state]
    content = shell.read_file(words[0], state)
    if content.unknown:
        state.tainted = f"{words[0]} could not be read"
    positionals = state.positionals
    if len(words) > 1:
        state.positionals = words[1:]
    ends = shell.text(content, state, "source", call.span)
    for end in ends:
        if len(words) > 1:
            end.positionals = positionals
        if end.ended == "return":
            end.ended = ""
    return ends


def _command(shell: Interpreter, call: Call, state: State) -> list[State]:
    options, words = _skip_options(call.argv[1:])
    if not words or any("v" in o or "V" in o for o in options):
        _note(shell, call, state)
        return [state]
    return shell.dispatch(replace(call, argv=words), state, functions=False)


def _exec(shell: Interpreter, call: Call, state: State) -> list[State]:
    _, words = _skip_options(call.argv[1:], with_value="a")
    if not words:
        _note(shell, call, state)
        state.stdin = call.stdin
        return [state]
    shell.start_program(replace(call, argv=words), state)
    state.ended = "exit"
    return [state]


def _trap(shell: Interpreter, call: Call, state: State) -> list[State]:
    _note(shell, call, state)
    options, words = _skip_options(call.argv[1:])
    if not options and len(words) >= 2 and words[0].known != "-":
        for signal in words[1:]:
            state.traps[str(signal)] = words[0]
    elif words:
        for signal in words:
            state.traps.pop(str(signal), None)
    state.success = True
    return [state]


# --------------------------------------------------------------------------------------- directories


def _cd(shell: Interpreter, call: Call, state: State) -> list[State]:
    _note(shell, call, state)
    _, words = _skip_options(call.argv[1:])
    target = words[0] if words else shell.expander.tilde("", state)
    if target.known == "-":
        target = state.previous or unknown(Origin.VARIABLE, "OLDPWD")
    return _go(shell, state, target)


def _go(shell: Interpreter, state: State, target: Value) -> list[State]:
    """The states after changing directory: one where it worked, and one where it may have failed."""
    failed: list[State] = []
    where = shell.absolute(target, state)
    if any(isinstance(p, Pattern) for p in where.pieces):
        where = concat([Value((Unknown(Origin.EXPANSION, "*", path_safe=True),)) if isinstance(p, Pattern) else Value((p,))
                        for p in where.pieces])  # fmt: skip
    elif where.pieces and isinstance(where.pieces[0], Unknown) and state.cwd.known:
        pass
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


def _pushd(shell: Interpreter, call: Call, state: State) -> list[State]:
    _note(shell, call, state)
    _, words = _skip_options(call.argv[1:], "")
    if not words:
        return [state]
    state.directories = (state.cwd, *state.directories)
    return _go(shell, state, words[0])


def _popd(shell: Interpreter, call: Call, state: State) -> list[State]:
    _note(shell, call, state)
    if not state.directories:
        return [state]
    target, state.directories = state.directories[0], state.directories[1:]
    return _go(shell, state, target)


# ----------------------------------------------------------------------------------------- variables


def _set(shell: Interpreter, call: Call, state: State) -> list[State]:
    _note(shell, call, state)
    words = call.argv[1:]
    options = set(state.options)
    i = 0
    replaced = False
    while i < len(words):
        known = words[i].known
        if known == "--" or known is None or known[:1] not in ("-", "+") or known == "-":
            replaced = True
            i += known in ("--", "-")
            break
        if known[1:] == "o" and i + 1 < len(words):
            long = words[i + 1].known or ""
            letters = {"nounset": "u", "errexit": "e", "noglob": "f", "xtrace": "x", "allexport": "a"}.get(long, long)
            i += 1
        else:
            letters = known[1:]
        for letter in [letters] if len(letters) > 3 else letters:
            (options.add if known[0] == "-" else options.discard)(letter)
        i += 1
    state.options = frozenset(options)
    if replaced:
        state.positionals = words[i:]
    state.success = True
    return [state]


def _shopt(shell: Interpreter, call: Call, state: State) -> list[State]:
    _note(shell, call, state)
    options, words = _skip_options(call.argv[1:])
    names = {w.known or "" for w in words}
    if any("s" in o for o in options):
        state.options |= names
    elif any("u" in o for o in options):
        state.options -= names
    return [state]


def _shift(shell: Interpreter, call: Call, state: State) -> list[State]:
    _note(shell, call, state)
    count = call.argv[1].known if len(call.argv) > 1 else "1"
    if state.positionals is not None:
        if count is not None and count.isdigit():
            state.success = int(count) <= len(state.positionals)
            state.positionals = state.positionals[int(count) :] if state.success else state.positionals
        else:
            state.positionals = None
    return [state]


def _declare(shell: Interpreter, call: Call, state: State) -> list[State]:
    _note(shell, call, state)
    name_of_builtin = call.argv[0].known
    options, words = _skip_options(call.argv[1:])
    letters = "".join(o[1:] for o in options if o[0] == "-")
    cleared = "".join(o[1:] for o in options if o[0] == "+")
    if "f" in letters:
        for word in words:
            body = state.functions.get(word.known or "")
            if body is not None and (name_of_builtin == "export" or "x" in letters) and "n" not in letters:
                state.functions[body.name] = replace(body, exported=True)
        return [state]
    for word in words:
        name, value = _assignment(word)
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


def _assignment(word: Value) -> tuple[str | None, Value | None]:
    """``name=value`` split; a bare name has no value. Name None where it cannot be read."""
    head = word.prefix
    name, equals, rest = head.partition("=")
    if not equals:
        return (name, None) if word.known is not None else (None, None)
    return name, replace(concat((literal(rest), Value(word.pieces[1:]))), sources=word.sources)


def _unset(shell: Interpreter, call: Call, state: State) -> list[State]:
    _note(shell, call, state)
    options, words = _skip_options(call.argv[1:])
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


def _read(shell: Interpreter, call: Call, state: State) -> list[State]:
    _note(shell, call, state)
    options, words = _skip_options(call.argv[1:], with_value="dnNptu a".replace(" ", ""))
    for word in words:
        shell.rescan(word, state)
    delimiter = "\n"
    for i, option in enumerate(options):
        if option.endswith("d") and i + 1 < len(options):
            delimiter = options[i + 1][:1] or "\0"
        if option.endswith("a") and i + 1 < len(options):
            words = (literal(options[i + 1]),)
    raw = any("r" in o for o in options)
    names = [w.known or "?" for w in words] or ["REPLY"]
    stream = call.stdin
    line, rest, success = _next_line(stream, delimiter)
    state.success = success
    values = _into_fields(line, len(names), shell.expander.separators(_with_env(call, state)), raw)
    for name, value in zip(names, values, strict=True):
        state.put(name.partition("[")[0], value)
    if any(o.endswith("a") for o in options):
        fields = _into_fields(line, 64, shell.expander.separators(state), raw)
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


def _into_fields(line: Value, count: int, separators: str, raw: bool) -> list[Value]:
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


def _mapfile(shell: Interpreter, call: Call, state: State) -> list[State]:
    _note(shell, call, state)
    options, words = _skip_options(call.argv[1:], with_value="dnOsucC")
    for i, option in enumerate(options):
        if option == "-C" and i + 1 < len(options):
            shell.text(literal(options[i + 1]), state.fork(), "mapfile -C", call.span)
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


def _printf(shell: Interpreter, call: Call, state: State) -> list[State]:
    words = call.argv[1:]
    if not words or words[0].known != "-v" or len(words) < 3:
        shell.perform(shell.invocation(call, state), state)
        return [state]
    shell.rescan(words[1], state)
    _note(shell, call, state)
    plain = shell.invocation(replace(call, argv=(call.argv[0], *words[2:])), state)
    texts = [e.text for e in shell.host.effects(plain) if isinstance(e, Output)]
    value = concat(texts) if texts else unknown(Origin.EXPANSION, "printf", sources=concat(words[2:]).sources)
    name = words[1].known
    if name is None:
        state.tainted = state.tainted or "printf -v into an unknown name"
    else:
        state.put(name.partition("[")[0], value)
    return [state]


def _getopts(shell: Interpreter, call: Call, state: State) -> list[State]:
    _note(shell, call, state)
    if len(call.argv) > 2:
        state.put(call.argv[2].known or "?", unknown(Origin.POSITIONAL, "option"))
        state.put("OPTARG", unknown(Origin.POSITIONAL, "option"))
        state.put("OPTIND", unknown(Origin.ARITHMETIC, "OPTIND"))
    state.success = None
    if state.positionals == ():
        state.success = False
    return [state]


def _let(shell: Interpreter, call: Call, state: State) -> list[State]:
    _note(shell, call, state)
    last: Value = literal("0")
    for word in call.argv[1:]:
        shell.rescan(word, state)
        last = shell.expander.arithmetic_text(word, state)
    state.success = None if last.known is None else last.known != "0"
    return [state]


def _test(shell: Interpreter, call: Call, state: State) -> list[State]:
    _note(shell, call, state)
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


def _alias(shell: Interpreter, call: Call, state: State) -> list[State]:
    _note(shell, call, state)
    for word in call.argv[1:]:
        name, value = _assignment(word)
        if name and value is not None:
            state.aliases[name] = value
    return [state]


def _unalias(shell: Interpreter, call: Call, state: State) -> list[State]:
    _note(shell, call, state)
    for word in call.argv[1:]:
        state.aliases.pop(word.known or "", None)
    if any(w.known == "-a" for w in call.argv[1:]):
        state.aliases = {}
    return [state]


# ----------------------------------------------------------------------------------------- control flow


def _leave(how: str) -> Builtin:
    def handler(shell: Interpreter, call: Call, state: State) -> list[State]:
        status = call.argv[1].known if len(call.argv) > 1 else None
        _note(shell, call, state)
        if how in ("exit", "return") and status is not None:
            state.success = status == "0"
        state.ended = how
        return [state]

    return handler


def _status(success: bool) -> Builtin:
    def handler(shell: Interpreter, call: Call, state: State) -> list[State]:
        _note(shell, call, state)
        state.success = success
        return [state]

    return handler


def _enable(shell: Interpreter, call: Call, state: State) -> list[State]:
    _note(shell, call, state)
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
    "trap": _trap,
    "cd": _cd,
    "pushd": _pushd,
    "popd": _popd,
    "set": _set,
    "shopt": _shopt,
    "shift": _shift,
    "declare": _declare,
    "typeset": _declare,
    "local": _declare,
    "export": _declare,
    "readonly": _declare,
    "unset": _unset,
    "read": _read,
    "mapfile": _mapfile,
    "readarray": _mapfile,
    "printf": _printf,
    "getopts": _getopts,
    "let": _let,
    "test": _test,
    "[": _test,
    "alias": _alias,
    "unalias": _unalias,
    "exit": _leave("exit"),
    "return": _leave("return"),
    "break": _leave("break"),
    "continue": _leave("continue"),
    "true": _status(True),
    ":": _status(True),
    "false": _status(False),
    "enable": _enable,
}
