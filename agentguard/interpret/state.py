"""The shell's state as far as it is known: variables, functions, working directory, and what was written."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from agentguard.interpret.invocation import Step
from agentguard.interpret.values import EMPTY, NOTHING, Origin, Value, concat, literal, unknown
from agentguard.light import dataclass, field, replace
from agentguard.syntax.nodes import Command

#: More alternatives than this are joined: what differs between them becomes unknown.
MAX_STATES = 6
#: Longer values of variables are treated as unknown.
MAX_TEXT = 131_072
#: Longer outputs, and longer contents of files that a command wrote, are treated as unknown.
MAX_OUTPUT = 1_048_576
#: As so many characters of them counts a piece that is not known.
_UNKNOWN_WEIGHT = 512
#: The content of more files than this, made in one command, is not remembered.
MAX_FILES = 256


@dataclass(frozen=True, slots=True)
class Variable:
    """``array`` maps subscripts to values; ``value`` then is element 0. ``target`` is set for a name reference."""

    value: Value = EMPTY
    exported: bool = False
    array: Mapping[str, Value] | None = None
    target: str = ""
    integer: bool = False


@dataclass(frozen=True, slots=True)
class FunctionBody:
    name: str
    body: Command
    exported: bool = False


@dataclass(frozen=True, slots=True)
class Frame:
    """Where in the nesting we are; shared by all states of one shell text."""

    trail: tuple[Step, ...] = ()
    place: str = ""
    tags: frozenset[str] = NOTHING
    calls: tuple[str, ...] = ()
    depth: int = 0


@dataclass(slots=True)
class State:
    """One possible state of the shell. Mutable; ``fork`` before going two ways.

    ``out`` collects what is printed while somebody captures it (a pipe, a substitution), else None.
    ``stdin`` is the stream that commands inherit, None where it is the caller's own. ``success`` is the last exit
    status as far as evident: True, False or None. ``ended`` is ``exit``, ``return``, ``break`` or ``continue`` once
    control has left. ``levels`` counts functions, ``loops`` loops around this point (-1: one outside of a function or
    subshell, where bash itself is not clear about ``break``). ``descriptors`` are the files
    that ``exec 3>FILE`` opened. ``tainted`` says why any variable may have changed (code that could not be read).
    ``ways``: as many alternatives are kept apart, more are joined.
    """

    cwd: Value
    frame: Frame = field(default_factory=Frame)
    variables: dict[str, Variable | None] = field(default_factory=dict)
    functions: dict[str, FunctionBody] = field(default_factory=dict)
    aliases: dict[str, Value] = field(default_factory=dict)
    positionals: tuple[Value, ...] | None = ()
    script_name: Value = EMPTY
    previous: Value | None = None
    directories: tuple[Value, ...] = ()
    options: frozenset[str] = NOTHING
    traps: dict[str, Value] = field(default_factory=dict)
    tainted: str = ""
    cleared: bool = False
    written: Mapping[str, Value] = field(default_factory=dict)
    created: frozenset[str] = NOTHING
    descriptors: Mapping[int, Value] = field(default_factory=dict)
    out: list[Value] | None = None
    stdin: Value | None = None
    success: bool | None = True
    ended: str = ""
    levels: int = 0
    loops: int = 0
    ways: int = MAX_STATES

    def fork(self) -> State:
        return replace(
            self,
            variables=dict(self.variables),
            functions=dict(self.functions),
            aliases=dict(self.aliases),
            traps=dict(self.traps),
            out=None if self.out is None else list(self.out),
        )

    def child(self) -> State:
        """The state of a new shell process: what is exported goes with it."""
        state = self.fork()
        state.variables = {
            name: variable
            for name, variable in self.variables.items()
            if variable is None or (variable.exported and variable.array is None)
        }
        state.functions = {name: body for name, body in self.functions.items() if body.exported}
        state.aliases = {}
        state.traps = {}
        state.options = NOTHING
        state.ended = ""
        state.levels = state.loops = 0
        return state

    def put(self, name: str, value: Value, *, export: bool | None = None, key: str | None = None) -> None:
        """Assign a scalar, or the element ``key`` of an array; a name reference assigns its target.

        A text beyond all reason is forgotten.
        """
        if sum(len(piece) for piece in value.pieces if isinstance(piece, str)) > MAX_TEXT or len(value.pieces) > 512:
            value = unknown(Origin.EXPANSION, f"a text of over {MAX_TEXT:,} characters", sources=value.sources)
        old = self.variables.get(name)
        seen = {name}
        while old is not None and old.target and old.target not in seen:
            name = old.target
            seen.add(name)
            old = self.variables.get(name)
        exported = export if export is not None else (old.exported if old is not None else "a" in self.options)
        array: Mapping[str, Value] | None = None
        if key is not None or (old is not None and old.array is not None):
            before = {} if old is None else old.array if old.array is not None else {"0": old.value}
            array = {**before, key or "0": value}
            value = array.get("0", EMPTY)
        self.variables[name] = Variable(value, exported, array, integer=old is not None and old.integer)

    def wrote(self, contents: Mapping[str, Value]) -> None:
        """Note the content of files; the mapping itself is never changed, because invocations hold it."""
        if contents is self.written or not contents:
            return
        merged = {**self.written, **{where: bounded((content,)) for where, content in contents.items()}}
        if len(merged) > MAX_FILES:
            merged = dict(list(merged.items())[-MAX_FILES:])
        self.written = merged

    def emit(self, value: Value) -> None:
        """Text printed on standard output."""
        if self.out is not None:
            self.out.append(value)

    @property
    def output(self) -> Value:
        return bounded(self.out or ())


def bounded(values: Sequence[Value]) -> Value:
    """Texts as one; unknown where they are beyond all reason. A loop that copies a file to its own end doubles it."""
    length = sum(
        len(piece) if isinstance(piece, str) else _UNKNOWN_WEIGHT for value in values for piece in value.pieces
    )
    if length <= MAX_OUTPUT:
        return values[0] if len(values) == 1 else concat(values)
    sources = frozenset[str]().union(*(value.sources for value in values))
    return unknown(Origin.OUTPUT, f"a text of over {MAX_OUTPUT:,} characters", many=True, sources=sources)


def distinct(states: list[State]) -> list[State]:
    """Equal alternatives become one; too many are joined into one that knows less."""
    if len(states) < 2:
        return states
    unique: list[State] = []
    for state in states:
        if state not in unique:
            unique.append(state)
    ways = unique[0].ways
    if len(unique) <= ways:
        return unique
    going = [state for state in unique if not state.ended]
    gone = [state for state in unique if state.ended]
    return ([join(going)] if going else []) + gone[:ways]


def join(states: list[State]) -> State:
    """One state that stands for all: what differs is unknown."""
    result = states[0].fork()
    for other in states[1:]:
        for name in result.variables.keys() | other.variables.keys():
            ours, theirs = result.variables.get(name), other.variables.get(name)
            if ours != theirs:
                result.variables[name] = Variable(unknown(Origin.VARIABLE, name))
        result.functions = {**other.functions, **result.functions}
        result.traps = {**other.traps, **result.traps}
        if result.cwd != other.cwd:
            result.cwd = unknown(Origin.VARIABLE, "PWD")
        if result.positionals != other.positionals:
            result.positionals = None
        if result.out != other.out:
            result.out = [unknown(Origin.OUTPUT, "several ways", many=True)]
        result.created &= other.created
        result.written = {k: v for k, v in result.written.items() if other.written.get(k) == v}
        if result.success != other.success:
            result.success = None
        result.tainted = result.tainted or other.tainted
        if result.stdin != other.stdin:
            result.stdin = unknown(Origin.INPUT)
    return result


def widen(before: State, after: State, detail: str) -> State:
    """After another round of a loop: whatever a round changed may hold anything."""
    result = after.fork()
    for name in before.variables.keys() | after.variables.keys():
        if before.variables.get(name) != after.variables.get(name):
            old = after.variables.get(name)
            result.variables[name] = Variable(unknown(Origin.LOOP, name), old is not None and old.exported)
    if before.cwd != after.cwd:
        result.cwd = unknown(Origin.LOOP, detail)
    if before.positionals != after.positionals:
        result.positionals = None
    return result


def each(states: list[State], step: Callable[[State], list[State]]) -> list[State]:
    """Take ``step`` from every state in which control is still here."""
    result: list[State] = []
    for state in states:
        if state.ended:
            result.append(state)
        else:
            result.extend(step(state))
    return distinct(result)


PATH_SAFE_SPECIALS = {"$", "#", "?", "RANDOM", "SECONDS", "EPOCHSECONDS", "BASHPID", "PPID", "LINENO", "SRANDOM"}


def text_or_none(value: Value | None) -> str | None:
    return value.known if value is not None else None


def env_value(name: str, text: str) -> Value:
    return literal(text, f"env:{name}")
