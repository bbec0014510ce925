"""What ``$name`` and ``${…}`` stand for in a state, and the string operators on them."""

from __future__ import annotations

import re

from agentguard import regex
from agentguard.interpret import patterns
from agentguard.interpret.state import PATH_SAFE_SPECIALS, State, Variable
from agentguard.interpret.values import (
    EMPTY,
    Origin,
    Pattern,
    Piece,
    Unknown,
    Value,
    concat,
    literal,
    unknown,
)
from agentguard.light import replace
from agentguard.world.protocol import World

#: Variables that bash sets by itself; their values are not modelled.
_SHELL_SET = {"HOSTNAME", "BASH_VERSION", "OSTYPE", "MACHTYPE", "HOSTTYPE", "SHLVL", "UID", "EUID", "_", "OPTIND",
              "OPTARG", "REPLY", "COLUMNS", "LINES", "BASH_VERSINFO", "PIPESTATUS", "GROUPS", "BASH_REMATCH",
              "FUNCNAME", "BASH_SOURCE", "DIRSTACK", "COPROC", "EPOCHREALTIME", "MAPFILE"}  # fmt: skip


def lookup(name: str, state: State, world: World) -> Value | None:
    """The value of a parameter as ``$name`` sees it; None where it is unset."""
    if name.isdigit():
        return _positional(int(name), state)
    if name in ("@", "*"):
        values = elements(name, None, state, world)
        return concat([v for pair in ((literal(" "), v) for v in values) for v in pair][1:]) if values else None
    if name in PATH_SAFE_SPECIALS and name not in state.variables:
        if name == "#":
            return literal(str(len(state.positionals))) if state.positionals is not None else _safe(name)
        if name == "?":
            return literal("0") if state.success else _safe(name)
        return _safe(name)
    if name == "!":
        return unknown(Origin.VARIABLE, "!", sources=("cmd:background",))
    if name == "-":
        return unknown(Origin.VARIABLE, "-")
    name = final(name, state)
    variable = state.variables.get(name)
    if variable is not None:
        return variable.value
    if name in state.variables:
        return None
    if name == "PWD":
        return state.cwd
    if name == "OLDPWD":
        return state.previous
    if not state.cleared and name in world.env:
        return literal(world.env[name], f"env:{name}")
    if state.tainted:
        return unknown(Origin.VARIABLE, name, many=True, sources=(f"env:{name}",))
    if name in _SHELL_SET:
        return unknown(Origin.VARIABLE, name)
    if name == "IFS":
        return literal(" \t\n")
    return None


def _safe(name: str) -> Value:
    return Value((Unknown(Origin.VARIABLE, name, path_safe=True),))


def _positional(number: int, state: State) -> Value | None:
    if number == 0:
        return state.script_name if state.script_name.pieces else literal("bash")
    if state.positionals is None:
        return unknown(Origin.POSITIONAL, str(number), many=True)
    return state.positionals[number - 1] if number <= len(state.positionals) else None


def final(name: str, state: State) -> str:
    """The name behind a name, name references followed."""
    seen: set[str] = set()
    variable = state.variables.get(name)
    while variable is not None and variable.target and name not in seen:
        seen.add(name)
        name = variable.target
        variable = state.variables.get(name)
    return name


def variable_of(name: str, state: State) -> Variable | None:
    """The variable behind a name, name references followed."""
    return state.variables.get(final(name, state))


def scalar(name: str, subscript: str | None, state: State, world: World) -> Value | None:
    if subscript is None:
        return lookup(name, state, world)
    variable = variable_of(name, state)
    if variable is None or variable.array is None:
        if variable is not None and subscript == "0":
            return variable.value
        return unknown(Origin.VARIABLE, name, many=True) if state.tainted or name in _SHELL_SET else None
    key = subscript
    if key not in variable.array and re.fullmatch(r"-\d+", key):
        numbers = sorted(int(k) for k in variable.array if k.isdigit())
        key = str(numbers[int(key)]) if numbers and -int(key) <= len(numbers) else key
    if key in variable.array:
        return variable.array[key]
    if not key.isdigit() and re.fullmatch(r"\w+", key):
        index = lookup(key, state, world)
        if index is not None and index.known in variable.array:
            return variable.array[index.known or "0"]
    if any(v.unknown for v in variable.array.values()) or not re.fullmatch(r"\w+", key):
        return unknown(Origin.VARIABLE, name, many=True)
    return None


def elements(name: str, subscript: str | None, state: State, world: World) -> tuple[Value, ...]:
    """The values of ``$@`` or ``${a[@]}``."""
    if name in ("@", "*"):
        if state.positionals is None:
            return (unknown(Origin.POSITIONAL, "@", many=True),)
        return state.positionals
    variable = variable_of(name, state)
    if variable is None:
        if state.tainted or name in _SHELL_SET:
            return (unknown(Origin.VARIABLE, name, many=True),)
        value = lookup(name, state, world)
        return (value,) if value is not None else ()
    if variable.array is None:
        return (variable.value,)
    return tuple(variable.array.values())


def keys(name: str, state: State) -> tuple[Value, ...]:
    variable = variable_of(name, state)
    if variable is None or variable.array is None:
        return () if variable is None else (literal("0"),)
    return tuple(literal(key) for key in variable.array)


def slice_list(
    values: tuple[Value, ...], numbers: list[int | None], positional: bool, state: State
) -> tuple[Value, ...]:
    """``${a[@]:o:n}`` and ``${@:o:n}`` (where offset 0 is ``$0``)."""
    if any(n is None for n in numbers) or any(isinstance(p, Unknown) and p.many for v in values for p in v.pieces):
        return (unknown(Origin.EXPANSION, ":", many=True),)
    offset = numbers[0] or 0
    if positional:
        values = ((state.script_name or literal("bash")), *values)
    if offset < 0:
        offset += len(values)
    end = len(values) if len(numbers) < 2 else offset + (numbers[1] or 0)
    return values[max(0, offset) : max(0, end)]


def substring(value: Value, numbers: list[int | None]) -> Value:
    known = value.known
    if known is None or any(n is None for n in numbers):
        return _blurred(value)
    offset = numbers[0] or 0
    if offset < 0:
        offset += len(known)
        if offset < 0:
            return replace(EMPTY, sources=value.sources)
    end = len(known)
    if len(numbers) > 1:
        length = numbers[1] or 0
        end = offset + length if length >= 0 else len(known) + length
    return replace(literal(known[offset : max(offset, end)]), sources=value.sources)


def operate(value: Value, operator: str, words: list[Value]) -> Value:
    """``# ## % %% / // /# /% ^ ^^ , ,,`` on one value."""
    known = value.known
    pattern = words[0] if words else Value((Pattern("?"),))
    if operator in ("#", "##", "%", "%%"):
        source = patterns.source_of(pattern)
        if known is not None and source is not None:
            return replace(literal(patterns.remove(known, source, operator)), sources=value.sources)
        if operator[0] == "%" and value.prefix:
            return Value((value.prefix, Unknown(Origin.EXPANSION, operator)), value.sources)
        if operator == "##" and pattern.pieces and pattern.pieces[-1] == "/":
            return Value((Unknown(Origin.EXPANSION, operator, path_safe=True),), value.sources)
        return _blurred(value)
    if operator in ("^", "^^", ",", ",,", "~", "~~"):
        return _change_case(value, operator, words)
    source = patterns.source_of(pattern)
    replacement = words[1] if len(words) > 1 else EMPTY
    new = patterns.as_text(replacement)
    if known is None or source is None or new is None:
        return _blurred(value, replacement)
    if operator == "/#":
        source, count = "^(?:" + source + ")", 1
    elif operator == "/%":
        source, count = "(?:" + source + ")$", 1
    else:
        count = 0 if operator == "//" else 1
    if not source:
        return value
    text = patterns.compiled(source).sub(lambda _: new, known, count=count)
    return replace(literal(text), sources=value.sources | replacement.sources)


def _change_case(value: Value, operator: str, words: list[Value]) -> Value:
    known = value.known
    if known is None:
        return _blurred(value)
    source = patterns.source_of(words[0]) if words and words[0].pieces else "."
    if source is None:
        return _blurred(value)
    rule = patterns.compiled(source)
    change = {"^": str.upper, ",": str.lower, "~": str.swapcase}[operator[0]]
    limit = len(known) if len(operator) == 2 else 1
    text = "".join(change(c) if i < limit and rule.fullmatch(c) else c for i, c in enumerate(known))
    return replace(literal(text), sources=value.sources)


def _blurred(value: Value, *others: Value) -> Value:
    """A value after an operator that cannot be followed: unknown, with the same origins."""
    origin: Piece = next((p for p in value.pieces if isinstance(p, Unknown)), Unknown(Origin.EXPANSION))
    kept = replace(origin, many=False) if isinstance(origin, Unknown) else Unknown(Origin.EXPANSION)
    sources = value.sources.union(*(other.sources for other in others)) if others else value.sources
    return Value((kept,), sources)


_ANSI = regex.compile(r"\\(?:x([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{1,4})|U([0-9a-fA-F]{1,8})|([0-7]{1,3})|(.))", re.DOTALL)
_ANSI_LETTERS = {"a": "\a", "b": "\b", "e": "\x1b", "E": "\x1b", "f": "\f", "n": "\n", "r": "\r", "t": "\t",
                 "v": "\v"}  # fmt: skip


def ansi(text: str) -> str:
    """Backslash escapes as in ``$'…'``."""

    def one(found: re.Match[str]) -> str:
        hexadecimal = found[1] or found[2] or found[3]
        if hexadecimal:
            number = int(hexadecimal, 16)
            return chr(number) if number < 0x110000 else ""
        if found[4]:
            return chr(int(found[4], 8) & 0xFF)
        return _ANSI_LETTERS.get(found[5], found[5] if found[5] in "\\'\"?" else "\\" + found[5])

    return _ANSI.sub(one, text)
