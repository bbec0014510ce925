"""Words to fields, as bash expands them, with what is unknown kept as such."""

from __future__ import annotations

import re

from agentguard.interpret import arithmetic, parameters, patterns
from agentguard.interpret.fields import BLANK, Fields, braces, quoted
from agentguard.interpret.state import State
from agentguard.interpret.values import (
    EMPTY,
    NOTHING,
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
from agentguard.syntax import quoting
from agentguard.syntax.nodes import (
    Arithmetic,
    ArrayLiteral,
    CommandSubstitution,
    Glob,
    Parameter,
    Part,
    ProcessSubstitution,
    Script,
    Text,
    Tilde,
    Word,
)
from agentguard.world.protocol import World

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol
else:
    Protocol = object


class Aborted(Exception):
    """The shell itself stops here: ``${x:?}`` or an unset variable under ``set -u``."""


class Runner(Protocol):
    """What expansion needs from the interpreter: running the scripts inside words."""

    world: World

    def substitute(self, script: Script, state: State) -> Value: ...

    def channel(self, script: Script, direction: str, state: State) -> Value: ...

    def rescan(self, text: Value, state: State) -> None:
        """Run the substitutions in text that bash expands once more (subscripts, arithmetic, prompts)."""

    def fill(self, text: str) -> Value:
        """Text with the holes of an inner script replaced by the unknown pieces they stand for."""


class Expander:
    def __init__(self, runner: Runner) -> None:
        self.runner = runner
        #: the word of ``${x:-word}`` just used, where only a part of it is to be split
        self.chosen: Word | None = None
        self._vanished: frozenset[str] = NOTHING

    # ------------------------------------------------------------------------------------- entry points

    def fields(self, word: Word, state: State) -> list[Value]:
        """The fields a word becomes as a command argument."""
        result: list[Value] = []
        for parts in braces(word):
            result.extend(self._fields(parts, state))
        return result

    def string(self, word: Word, state: State) -> Value:
        """One string, as in an assignment, a here-document or a redirection target: no splitting, no globbing."""
        return quoted(self._join(word.parts, state))

    def pattern(self, word: Word, state: State) -> Value:
        """As ``string``, with pattern operators kept (``case``, ``[[ == ]]``, ``${x#…}``)."""
        values = []
        for part in word.parts:
            value = self._join((part,), state)
            if isinstance(part, Parameter | CommandSubstitution) and not part.quoted:
                known = value.known
                value = patterns.mark(known) if known is not None else value
            values.append(value)
        return concat(values)

    # ------------------------------------------------------------------------------------------- fields

    def _fields(self, parts: tuple[Part, ...], state: State) -> list[Value]:
        fields = Fields(self.separators(state))
        for part in parts:
            if isinstance(part, Text):
                fields.add(self.runner.fill(part.value))
            elif isinstance(part, Glob):
                fields.add(self._glob(part))
            elif isinstance(part, Parameter):
                self._parameter_fields(part, state, fields)
            elif isinstance(part, CommandSubstitution | Arithmetic):
                value = self._join((part,), state)
                if part.quoted:
                    fields.add(quoted(value))
                else:
                    fields.split(value)
            elif isinstance(part, ArrayLiteral):
                fields.add(literal("(…)"))
                for element in part.elements:
                    self.fields(element.value, state)
            else:
                fields.add(self._join((part,), state))
        fields.close()
        if fields.vanished:
            self._vanished |= fields.vanished
        return fields.done

    def vanished(self) -> frozenset[str]:
        """The sources of the words that expanded to nothing since this was asked last."""
        found, self._vanished = self._vanished, NOTHING
        return found

    def _parameter_fields(self, part: Parameter, state: State, fields: Fields) -> None:
        self.chosen = None
        values, is_list = self.parameter(part, state)
        if not is_list:
            if part.quoted:
                glue = literal(self.separators(state)[:1])  # "$*" joins with the first character of IFS
                fields.add(quoted(concat([v for value in values for v in (glue, value)][1:])))
            elif self.chosen is not None:
                word, self.chosen = self.chosen, None
                for inner in word.parts:  # only what stands unquoted in the word is split
                    value = self._join((inner,), state)
                    if getattr(inner, "quoted", False):
                        fields.add(quoted(value))
                    else:
                        fields.split(value)
            else:
                for value in values:
                    fields.split(value)
            return
        for i, value in enumerate(values):
            if i:
                fields.close()
            if part.quoted:
                fields.add(quoted(value))
            else:
                fields.split(value)

    def separators(self, state: State) -> str:
        variable = state.variables.get("IFS")
        if variable is None:
            return BLANK
        known = variable.value.known
        return known if known is not None else BLANK

    # -------------------------------------------------------------------------------------------- parts

    def _join(self, parts: tuple[Part, ...], state: State) -> Value:
        return concat([self._part(part, state) for part in parts])

    def _part(self, part: Part, state: State) -> Value:
        if isinstance(part, Text):
            return self.runner.fill(part.value)
        if isinstance(part, Glob):
            return self._glob(part)
        if isinstance(part, Tilde):
            return self.tilde(part.user, state)
        if isinstance(part, Parameter):
            values, _ = self.parameter(part, state)
            joined: list[Value] = []
            for i, value in enumerate(values):
                if i:
                    joined.append(literal(" "))
                joined.append(value)
            return concat(joined)
        if isinstance(part, CommandSubstitution):
            return _without_final_newlines(self.runner.substitute(part.script, state))
        if isinstance(part, ProcessSubstitution):
            return self.runner.channel(part.script, part.direction, state)
        if isinstance(part, Arithmetic):
            return self.arithmetic(part.expression, state)
        if isinstance(part, ArrayLiteral):
            for element in part.elements:
                self.fields(element.value, state)
            return EMPTY
        texts = []
        for alternative in part.alternatives:
            texts.append(self.string(alternative, state))
        return concat(texts[:1])

    def _glob(self, part: Glob) -> Value:
        if part.pattern.isascii():
            return Value((Pattern(part.pattern),))
        filled = self.runner.fill(part.pattern)
        return filled if filled.unknown else Value((Pattern(part.pattern),))

    def tilde(self, user: str, state: State) -> Value:
        if user == "+":
            return state.cwd
        if user == "-":
            return state.previous or unknown(Origin.VARIABLE, "OLDPWD")
        if user:
            home = self.runner.world.home
            if user == home.rsplit("/", 1)[-1]:
                return literal(home)
            return literal("/root" if user == "root" else f"/home/{user}")
        value = self.runner_variable("HOME", state)
        return value if value is not None else literal(self.runner.world.home)

    def runner_variable(self, name: str, state: State) -> Value | None:
        return parameters.lookup(name, state, self.runner.world)

    # --------------------------------------------------------------------------------------- parameters

    def parameter(self, part: Parameter, state: State) -> tuple[tuple[Value, ...], bool]:
        """The values of ``${…}`` and whether they are a list (``$@``, ``${a[@]}``) rather than one string."""
        subscript: str | None = None
        if part.index is not None:
            subscript = self.subscript(part.index, state)
        if part.prefix == "!" and part.operator == "names":
            return (unknown(Origin.EXPANSION, part.name, many=True),), False
        name = part.name
        if part.prefix == "!" and subscript in ("@", "*"):
            return parameters.keys(name, state), True
        if part.prefix == "!":
            target = parameters.scalar(name, subscript, state, self.runner.world)
            if target is None or target.known is None:
                return (unknown(Origin.EXPANSION, f"!{name}", many=not part.quoted),), False
            self.runner.rescan(target, state)
            name, _, rest = target.known.partition("[")
            subscript = rest.removesuffix("]") if rest else None
        is_list = (
            name == "@"
            or subscript == "@"
            or (name == "*" and not part.quoted)
            or (subscript == "*" and not part.quoted)
        )
        values: tuple[Value, ...] | None
        if name in "@*" or subscript in ("@", "*"):
            values = parameters.elements(name, subscript, state, self.runner.world)
        else:
            single = parameters.scalar(name, subscript, state, self.runner.world)
            values = None if single is None else (single,)
        if part.prefix == "#":
            return (self._length(values, is_list or name in "@*" or subscript in ("@", "*")),), False
        return self._operate(part, name, values, is_list, state)

    def _length(self, values: tuple[Value, ...] | None, many: bool) -> Value:
        if values is None:
            return literal("0")
        if many:
            if any(v.unknown for v in values):
                return unknown(Origin.EXPANSION, "#")
            return literal(str(len(values)))
        known = values[0].known if values else ""
        return literal(str(len(known))) if known is not None else unknown(Origin.EXPANSION, "#")

    def _operate(
        self, part: Parameter, name: str, values: tuple[Value, ...] | None, is_list: bool, state: State
    ) -> tuple[tuple[Value, ...], bool]:
        operator = part.operator
        if operator in (":-", "-", ":=", "=", ":?", "?", ":+", "+"):
            return self._default(part, name, values, is_list, state)
        if values is None:
            if "u" in state.options and name not in "@*":
                raise Aborted(name)
            values = () if is_list else (Value((), frozenset((f"env:{name}",))),)
        if not operator:
            return values, is_list
        if operator == ":":
            numbers = [self._number(word, state) for word in part.words]
            if is_list or name in "@*":
                return parameters.slice_list(values, numbers, name in "@*", state), is_list
            return tuple(parameters.substring(v, numbers) for v in values), is_list
        if operator == "@":
            letter = self.string(part.words[0], state).known or ""
            return tuple(self._transform(v, letter, state) for v in values), is_list
        words = [self.pattern(word, state) for word in part.words]
        return tuple(parameters.operate(v, operator, words) for v in values), is_list

    def _default(
        self, part: Parameter, name: str, values: tuple[Value, ...] | None, is_list: bool, state: State
    ) -> tuple[tuple[Value, ...], bool]:
        colon = part.operator.startswith(":")
        action = part.operator[-1]
        joined = concat(values) if values is not None else None
        present: bool | None = joined is not None
        if joined is not None and colon:
            if joined.known is not None:
                present = joined.known != ""
            elif not any(isinstance(p, str) for p in joined.pieces):
                present = None
        elif is_list and values == ():
            present = False
        if action == "+":
            if present is False:
                return (), False
            alternative = self._argument(part, state)
            if not present:
                self.chosen = None
            return (alternative if present else (_maybe(alternative),)), False
        if present and values is not None:
            return values, is_list
        if action == "?":
            for word in part.words:
                self.string(word, state)
            if present is False:
                raise Aborted(name)
            return values or (), is_list
        alternative = self._argument(part, state)
        if action == "=" and present is False:
            key = self.subscript(part.index, state) if part.index is not None else None
            state.put(name, concat(alternative), key=key)
        if present is None and values is not None:
            self.chosen = None
            return (_maybe(alternative),), False
        return alternative, False

    def _argument(self, part: Parameter, state: State) -> tuple[Value, ...]:
        if not part.words:
            return ()
        if part.quoted:
            return (self.string(part.words[0], state),)
        if any(isinstance(p, Text) and p.quoted for p in part.words[0].parts):
            self.chosen = part.words[0]
        return (self._join(part.words[0].parts, state),)

    def _number(self, word: Word, state: State) -> int | None:
        known = self.arithmetic(word, state).known
        return int(known) if known is not None else None

    def _transform(self, value: Value, letter: str, state: State) -> Value:
        known = value.known
        if letter == "P":
            self.runner.rescan(value, state)
            return (
                unknown(Origin.EXPANSION, "@P", sources=value.sources)
                if known is None or any(c in known for c in "\\$`")
                else value
            )
        if known is None:
            return value
        if letter == "Q":
            return replace(literal(quoting.quoted(known)), sources=value.sources)
        if letter in ("U", "L", "u"):
            text = known.upper() if letter == "U" else known.lower() if letter == "L" else known[:1].upper() + known[1:]
            return replace(literal(text), sources=value.sources)
        if letter == "E":
            return replace(literal(parameters.ansi(known)), sources=value.sources)
        return unknown(Origin.EXPANSION, f"@{letter}", sources=value.sources)

    # --------------------------------------------------------------------------------------- arithmetic

    def subscript(self, word: Word, state: State) -> str | None:
        """An array subscript: ``@``, ``*``, a key, or None where it cannot be known."""
        value = self.string(word, state)
        self.runner.rescan(value, state)
        return value.known

    def arithmetic(self, expression: Word, state: State) -> Value:
        text = self.string(expression, state)
        self.runner.rescan(text, state)
        return self.arithmetic_text(text, state)

    def arithmetic_text(self, text: Value, state: State, depth: int = 0) -> Value:
        known = text.known
        if known is None or depth > 8:
            for name in arithmetic.assigned(str(text)):
                state.put(name, unknown(Origin.ARITHMETIC, name))
            return Value((Unknown(Origin.ARITHMETIC, path_safe=True),), text.sources)

        def lookup(name: str) -> int | None:
            value = self.runner_variable(name, state)
            if value is None:
                return 0
            if value.known is None:
                return None
            if re.fullmatch(r"[-+]?\d{1,18}", value.known):
                return int(value.known)
            self.runner.rescan(value, state)
            inner = self.arithmetic_text(value, state, depth + 1).known
            return int(inner) if inner is not None else None

        def assign(name: str, number: int | None) -> None:
            state.put(name, literal(str(number)) if number is not None else unknown(Origin.ARITHMETIC, name))

        result = arithmetic.evaluate(known, lookup, assign)
        if result is None:
            for name in set(re.findall(r"[A-Za-z_]\w*", known)):
                value = self.runner_variable(name, state)
                if value is not None:
                    self.runner.rescan(value, state)
            return Value((Unknown(Origin.ARITHMETIC, path_safe=True),), text.sources)
        return literal(str(result))


def _maybe(values: tuple[Value, ...]) -> Value:
    """Either these or something else that is not known."""
    joined = concat(values)
    return unknown(Origin.EXPANSION, str(joined), many=True, sources=joined.sources)


def _without_final_newlines(value: Value) -> Value:
    pieces: list[Piece] = list(value.pieces)
    while pieces and isinstance(pieces[-1], str):
        stripped = pieces[-1].rstrip("\n")
        if stripped:
            pieces[-1] = stripped
            break
        pieces.pop()
    return Value(tuple(pieces), value.sources)
