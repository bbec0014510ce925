"""Loops: literal lists item by item, the rest by two rounds and then by forgetting what a round changes."""

from __future__ import annotations

import posixpath

from agentguard.interpret import patterns, redirects
from agentguard.interpret.invocation import Invocation
from agentguard.interpret.state import State, distinct, each, widen
from agentguard.interpret.values import Origin, Pattern, Unknown, Value, concat, literal
from agentguard.light import replace
from agentguard.operations import FileDelete
from agentguard.syntax.nodes import ArithmeticFor, Command, For, Script, While

TYPE_CHECKING = False
if TYPE_CHECKING:
    from agentguard.interpret.interpreter import Interpreter

MAX_ITEMS = 256
MAX_ROUNDS = 64
#: The rounds of a loop over a list in a script; what further items change is forgotten.
MAX_ROUNDS_ONCE = 8


def run_for(shell: Interpreter, node: For, state: State) -> list[State]:
    values: list[Value] = []
    if node.words is None:
        values = list(state.positionals) if state.positionals is not None else [_item_unknown(Origin.POSITIONAL, "@")]
    else:
        shell.spans.append(node.span)
        for word in node.words:
            values.extend(shell.expander.fields(word, state))
        shell.spans.pop()
    groups = [(value, _items(shell, value, state)) for value in values]
    items = [item for _, found in groups for item in found]
    deleted: list[tuple[FileDelete, Invocation]] = []
    loops, state.loops = state.loops, 1
    exact = len(items) <= MAX_ITEMS and not any(v.unknown for v in items) and not node.select
    states = [state]
    gone: list[State] = []
    if shell.once and not (exact and len(items) <= MAX_ROUNDS_ONCE):
        _forget(shell, (node.body,), state, node.name)
        worst = sorted(items, key=lambda item: not item.prefix.startswith("/"))  # what lies anywhere comes first
        items, exact = worst[:MAX_ROUNDS_ONCE], True
    for item in items[:MAX_ITEMS]:
        before, guesses = len(shell.operations), len(shell.guesses)
        states, left = _round(shell, node.body, states, node.name, item)
        gone += left
        deleted += _deletes(shell, before, guesses)
        if not states:
            break
    if not exact and states:
        wide = [widen(state, s, node.name) for s in states]
        for item in _summary(items):
            again, left = _round(shell, node.body, [s.fork() for s in wide], node.name, item)
            states = distinct(states + again)
            gone += left
    for value, found in groups:
        if any(isinstance(piece, Pattern) for piece in value.pieces):
            _sweep(shell, redirects.absolute(shell, value, state), found, deleted, state)
    return _after(loops, states + gone)


def _deletes(shell: Interpreter, before: int, guesses: int) -> list[tuple[FileDelete, Invocation]]:
    """What one round deletes for certain: before the first way that it only may go."""
    end = shell.guesses[guesses] if len(shell.guesses) > guesses else len(shell.operations)
    return [(done, by) for done, by in shell.operations[before:end] if isinstance(done, FileDelete)]


def _sweep(
    shell: Interpreter, whole: Value, items: list[Value], deleted: list[tuple[FileDelete, Invocation]], state: State
) -> None:
    """A loop that deletes every name a pattern gives deletes what the pattern means, ``*`` the whole directory."""
    by_path = {_path(done.path): (done, by) for done, by in deleted}
    found = [by_path.get(_path(redirects.absolute(shell, item, state))) for item in items]
    first = found[0] if found else None
    if first is not None and None not in found:
        shell.operations.append((replace(first[0], path=whole), first[1]))


def _path(path: Value) -> Value:
    return literal(posixpath.normpath(path.known)) if path.known else Value(path.pieces)


def _items(shell: Interpreter, value: Value, state: State) -> list[Value]:
    """The values a loop variable takes from one word."""
    if any(isinstance(piece, Pattern) for piece in value.pieces):
        here = not state.frame.place and not shell.once  # a script may be started in any directory
        found = patterns.glob(value, state.cwd, shell.world) if here else None
        if found:
            return [replace(concat([Value((name,))]), sources=value.sources) for name in found]
        pieces = [
            Unknown(Origin.LOOP, piece.text, path_safe=True) if isinstance(piece, Pattern) else piece
            for piece in value.pieces
        ]
        return [Value(tuple(pieces), value.sources)]
    return [replace(value, pieces=tuple(_single(p) if isinstance(p, Unknown) else p for p in value.pieces))]


def _single(piece: Unknown) -> Unknown:
    return replace(piece, many=False)


def _item_unknown(origin: Origin, detail: str) -> Value:
    return Value((Unknown(origin, detail),))


def _summary(items: list[Value]) -> list[Value]:
    """The items worth a second round: those that are not known, and the first of the rest."""
    loose = [item for item in items if item.unknown][:4]
    return loose or items[:2]


def _round(
    shell: Interpreter, body: Script, states: list[State], name: str, item: Value
) -> tuple[list[State], list[State]]:
    """One pass of the body: the states that go on, and those that left the loop."""
    for state in states:
        state.put(name, item)
    return _split(each(states, lambda s: shell.script(body, [s])))


def _split(states: list[State]) -> tuple[list[State], list[State]]:
    going: list[State] = []
    gone: list[State] = []
    for state in states:
        if state.ended == "continue":
            state.ended = ""
        (gone if state.ended else going).append(state)
    return distinct(going), gone


def _after(loops: int, states: list[State]) -> list[State]:
    """The states behind a loop: a ``break`` is over, and the count of loops is that of before."""
    for state in states:
        state.loops = loops
        if state.ended == "break":
            state.ended = ""
    return distinct(states)


def run_while(shell: Interpreter, node: While, state: State) -> list[State]:
    if shell.once:
        return _while_once(shell, node, state)
    loops, state.loops = state.loops, 1
    results: list[State] = []
    gone: list[State] = []
    states = [state]
    before = state.fork()
    for round_number in range(MAX_ROUNDS):
        ends = shell.script(node.condition, states)
        gone += [s for s in ends if s.ended]
        ends = [s for s in ends if not s.ended]
        entering: list[State] = []
        certain = True
        for end in ends:
            go_on = end.success if not node.until else (None if end.success is None else not end.success)
            if go_on is not False:
                entering.append(end.fork())
            if go_on is not True:
                results.append(end)
            certain = certain and go_on is not None
        if not entering:
            break
        states, left = _split(shell.script(node.body, distinct(entering)))
        gone += left
        if not states:
            break
        if not certain or round_number == MAX_ROUNDS - 1:
            if round_number >= 2 or (round_number and all(_same(before, s) for s in states)):
                break
            if round_number == 1 or all(_same(before, s) for s in states):
                # one more round with everything the loop changes forgotten
                states = [widen(before, s, "while") for s in states]
    results += states
    for end in results:
        end.success = True
    return _after(loops, results + gone)


def _forget(shell: Interpreter, commands: tuple[Command | Script, ...], state: State, detail: str) -> None:
    """Take from a state what the rounds of a loop may change."""
    from agentguard.interpret.changes import changes  # for scripts only: a command starts without it

    changes(shell, commands, state).forget(state, detail)


def _while_once(shell: Interpreter, node: While, state: State) -> list[State]:
    """One round that stands for all."""
    loops, state.loops = state.loops, 1
    _forget(shell, (node.condition, node.body), state, "while")
    entering, results, gone = list[State](), list[State](), list[State]()
    for end in shell.script(node.condition, [state]):
        if end.ended:
            gone.append(end)
            continue
        go_on = end.success if not node.until or end.success is None else not end.success
        if go_on is not True:
            results.append(end.fork())
        if go_on is not False:
            entering.append(end)
    going, left = _split(shell.script(node.body, distinct(entering)))
    results += going
    for end in results:
        end.success = True
    return _after(loops, results + gone + left)


def _same(before: State, after: State) -> bool:
    return before.variables == after.variables and before.cwd == after.cwd


def run_arithmetic_for(shell: Interpreter, node: ArithmeticFor, state: State) -> list[State]:
    if shell.once:
        return _arithmetic_for_once(shell, node, state)
    start, condition, step = node.clauses
    loops, state.loops = state.loops, 1
    shell.spans.append(node.span)
    shell.expander.arithmetic(start, state)
    states = [state]
    gone: list[State] = []
    results: list[State] = []
    before = state.fork()
    for round_number in range(MAX_ROUNDS):
        value = shell.expander.arithmetic(condition, states[0]).known if condition.parts else "1"
        if value == "0":
            break
        if value is None:
            results += [s.fork() for s in states]
        states, left = _split(each(states, lambda s: shell.script(node.body, [s])))
        gone += left
        if not states:
            break
        for end in states:
            shell.expander.arithmetic(step, end)
        if value is None or round_number == MAX_ROUNDS - 2:
            if any(not _same(before, s) and round_number < 2 for s in states):
                states = [widen(before, s, "for") for s in states]
            elif value is None:
                break
    shell.spans.pop()
    return _after(loops, results + states + gone)


def _arithmetic_for_once(shell: Interpreter, node: ArithmeticFor, state: State) -> list[State]:
    """One round that stands for all; each clause is expanded once, because what it substitutes runs."""
    start, condition, step = node.clauses
    loops, state.loops = state.loops, 1
    shell.spans.append(node.span)
    shell.expander.arithmetic(start, state)
    _forget(shell, (node,), state, "for")
    shell.expander.arithmetic(condition, state)
    skipped = state.fork()
    going, left = _split(shell.script(node.body, [state]))
    for end in going:
        shell.expander.arithmetic(step, end)
    shell.spans.pop()
    return _after(loops, [skipped, *going, *left])
