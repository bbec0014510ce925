"""A forward walk over the tree that tells which programs would be started, with which words.

Nothing runs. Where a condition is not evident both ways are taken; where a value is not known it stays an unknown
piece. What a program does with its words is asked from the ``Host`` (the programs stage); the inner commands and
scripts it names are walked here again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from agentguard.interpret import assignments, branches, calls, conditions, loops, patterns, redirects, texts
from agentguard.interpret.assignments import RUN_BY_BASH
from agentguard.interpret.calls import Call, Walks
from agentguard.interpret.expansion import Aborted, Expander
from agentguard.interpret.invocation import (
    Effect,
    Invocation,
)
from agentguard.interpret.passing import Passing
from agentguard.interpret.state import FunctionBody, State, Variable, distinct, each
from agentguard.interpret.values import EMPTY, NOTHING, Origin, Value, concat, literal, quoted, unknown
from agentguard.light import replace
from agentguard.operations import Opaque, Operation
from agentguard.syntax.errors import ShellSyntaxError
from agentguard.syntax.nodes import (
    AndOr,
    ArithmeticCommand,
    ArithmeticFor,
    Case,
    Command,
    Conditional,
    Coproc,
    For,
    Function,
    Group,
    If,
    Pipeline,
    Script,
    Simple,
    Span,
    Statement,
    Subshell,
    While,
)
from agentguard.world.protocol import World

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    from agentguard.interpret.changes import Changes
else:
    Protocol = object

MAX_STEPS = 20_000
MAX_VOLUME = 16_000_000
MAX_TRAPS = 4

_DECLARATIONS = frozenset({"declare", "typeset", "local", "export", "readonly"})


class Host(Protocol):
    def parse(self, text: str) -> Script: ...

    def effects(self, invocation: Invocation) -> Iterable[Effect]: ...


Builtin = Callable[["Interpreter", Call, State], list[State]]


class Interpreter:
    """Walks one command line. ``invocations`` and ``operations`` are filled in the order bash would reach them."""

    def __init__(self, world: World, host: Host, budget: int = MAX_STEPS) -> None:
        self.budget = budget
        self.world = world
        self.host = host
        self.expander = Expander(self)
        self.invocations: list[Invocation] = []
        self.operations: list[tuple[Operation, Invocation]] = []
        #: how many operations there were each time that ``&&``, ``||``, ``if`` or ``case`` took a way without knowing
        #: whether bash takes it (a loop inside a loop counts as gone through)
        self.guesses: list[int] = []
        #: what is known of the bodies of functions by their ids, and how often one is walked at most (0: always)
        self.walks: dict[int, Walks] = {}
        self.enough = 0
        #: the ids of the texts that are being walked, the outermost first
        self.walking: list[int] = []
        #: what commands change in their shell, by the ids of their nodes
        self.changes: dict[int, tuple[Changes, frozenset[str]]] = {}
        self.passing = Passing()
        self._recorded: set[object] = set()
        self.steps = 0
        self.volume = 0
        self.saved = 0
        self.holes: list[Value] = []
        self.channels: dict[str, tuple[Script, State]] = {}
        self.spans: list[Span] = [(0, 0)]

    @property
    def once(self) -> bool:
        """Whether one round stands for all rounds of a loop whose number is not known."""
        return self.enough > 0

    # --------------------------------------------------------------------------------------- whole texts

    def start(self, script: Script, state: State | None = None) -> list[State]:
        """Walk a whole command line from the beginning."""
        return self.finish(self.script(script, [state or State(literal(self.world.cwd))]))

    def finish(self, states: list[State]) -> list[State]:
        """The end of a shell: its traps run."""
        for _ in range(MAX_TRAPS):  # a trap may set another
            if not any(state.traps for state in states):
                break
            result: list[State] = []
            for state in states:
                traps, state.traps = state.traps, {}
                state.ended = ""
                ends = [state]
                for text in dict.fromkeys(traps.values()):  # one text for many signals
                    ends = each(ends, partial(self._run_trap, text))
                result.extend(ends)
            states = distinct(result)
        for state in states:
            state.ended = ""
        return distinct(states)

    def _run_trap(self, text: Value, state: State) -> list[State]:
        return texts.run(self, text, state, "trap", self.spans[-1])

    def script(self, script: Script, states: list[State]) -> list[State]:
        for statement in script.statements:
            if all(state.ended for state in states):
                break
            if len(states) > 1:  # how the last command ended matters no more: fewer ways to follow
                for state in states:
                    state.success = None if not state.ended else state.success
                states = distinct(states)
            states = each(states, partial(self.statement, statement))
        return states

    def record(self, invocation: Invocation) -> None:
        """List an invocation once, however many ways lead to it."""
        key = (invocation.argv, invocation.span, invocation.trail, invocation.cwd)
        if key not in self._recorded:
            self._recorded.add(key)
            self.invocations.append(invocation)

    def fill(self, text: str) -> Value:
        return texts.fill(self, text)

    def rescan(self, text: Value, state: State) -> None:
        texts.rescan(self, text, state)

    def weigh(self, invocation: Invocation) -> None:
        """Bound the text that expansions may make out of a short command."""
        self.volume += sum(len(p) for word in invocation.argv for p in word.pieces if isinstance(p, str))
        if self.volume > MAX_VOLUME:
            raise ShellSyntaxError("limit", f"this command expands to over {MAX_VOLUME:,} characters", invocation.span)

    def step(self, span: Span, weight: int = 0) -> None:
        """Count one step; ``weight`` is what has to be carried along (variables, files)."""
        self.steps += 1 + weight // 64
        if self.steps > self.budget:
            raise ShellSyntaxError("limit", f"following this command takes more than {self.budget:,} steps", span)

    # ------------------------------------------------------------------------------------------ commands

    def statement(self, statement: Statement, state: State) -> list[State]:
        if not statement.background:
            return self.command(statement.command, state)
        inner = state.fork()
        inner.traps = {}
        inner.frame = replace(inner.frame, tags=inner.frame.tags | {"background"})
        ends = self.finish(self.command(statement.command, inner))
        for end in ends:
            state.created |= end.created
            state.wrote(end.written)
        state.success = True
        return [state]

    def command(self, node: Command, state: State) -> list[State]:
        self.step(node.span, len(state.variables) + len(state.written) + len(state.created))
        if isinstance(node, Simple | Pipeline) and self.passing.over(node, state):
            state.success = None
            return [state]
        if isinstance(node, Simple):
            return self.simple(node, state)
        if isinstance(node, Pipeline):
            return branches.pipeline(self, node, state)
        if isinstance(node, AndOr):
            return branches.and_or(self, node, state)
        if isinstance(node, Function):
            state.functions[node.name] = FunctionBody(node.name, node.body)
            state.success = True
            return [state]
        if isinstance(node, Coproc):
            self.subshell_of(lambda s: self.command(node.command, s), state)
            state.success = None
            state.variables[node.name or "COPROC"] = Variable(unknown(Origin.VARIABLE, "coproc"))
            return [state]
        return redirects.redirected(self, node.redirects, state, lambda s: self.compound(node, s), node.span)

    def compound(self, node: Command, state: State) -> list[State]:
        if isinstance(node, Subshell):
            return self.subshell_of(lambda s: self.script(node.body, [s]), state)
        if isinstance(node, Group):
            return self.script(node.body, [state])
        if isinstance(node, If):
            return branches.condition_chain(self, node, state)
        if isinstance(node, For):
            return loops.run_for(self, node, state)
        if isinstance(node, While):
            return loops.run_while(self, node, state)
        if isinstance(node, ArithmeticFor):
            return loops.run_arithmetic_for(self, node, state)
        if isinstance(node, Case):
            return branches.case(self, node, state)
        if isinstance(node, Conditional):
            conditions.conditional(self, node, state)
            return [state]
        assert isinstance(node, ArithmeticCommand)
        value = self.expander.arithmetic(node.expression, state).known
        state.success = None if value is None else value != "0"
        return [state]

    def subshell_of(self, body: Callable[[State], list[State]], state: State) -> list[State]:
        """Run in a copy; only output, files and status come back."""
        inner = state.fork()
        inner.traps = {}
        inner.loops = -1 if state.loops else 0
        results = []
        for end in self.finish(body(inner)):
            after = state.fork()
            after.out = end.out
            after.created |= end.created
            after.written = end.written
            after.success = end.success
            after.stdin = end.stdin
            results.append(after)
        return distinct(results)

    # ------------------------------------------------------------------------------------- redirections

    # ----------------------------------------------------------------------------------- simple commands

    def simple(self, node: Simple, state: State) -> list[State]:
        try:
            return self._simple(node, state)
        except Aborted:
            state.ended = "exit"
            state.success = False
            return [state]

    def _simple(self, node: Simple, state: State) -> list[State]:
        self.spans.append(node.span)
        argv: list[Value] = []
        gone: frozenset[str] = NOTHING
        self.expander.vanished()
        for word in node.words:
            if argv and argv[0].known in _DECLARATIONS and assignments.declared_array(self, word, state):
                argv.append(literal(assignments.array_name(word)))
            else:
                argv.extend(self.expander.fields(word, state))
                gone |= self.expander.vanished()
        items = redirects.redirections(self, node.redirects, state)
        self.spans.pop()
        if not argv:
            if gone:
                names = ", ".join(sorted(source[4:] for source in gone))
                nothing = calls.invocation(self, Call((), node.span, {}, (), None), state)
                self.operations.append((Opaque(f"nothing runs, because {names} is not set here"), nothing))
            state.success = True
            for assignment in node.assignments:
                assignments.assign(self, assignment, state)
            if items:
                calls.perform(self, calls.invocation(self, Call((), node.span, {}, items, None), state), state)
                redirected, path, append = redirects.sink_of(self, items, state)
                if redirected and path is not None:
                    redirects.save(self, path, EMPTY, append, state)
                elif state.out is not None and any(i.operator == "<" for i in items):
                    state.emit(redirects.input_of(self, items, state) or EMPTY)  # $(< file)
            return [state]
        env: dict[str, Value | None] = {}
        for assignment in node.assignments:
            value = self.expander.string(assignment.value, state)
            env[assignment.name] = value
            if assignment.name in RUN_BY_BASH:
                self.rescan(value, state)
        call = Call(tuple(argv), node.span, env, items, redirects.input_of(self, items, state), gone)
        redirected, path, append = redirects.sink_of(self, items, state)
        outer_in, outer_out = state.stdin, state.out
        state.stdin = call.stdin
        if redirected:
            state.out = []
        failed = redirects.failure(self, items, state) if items else []
        for other in failed:
            other.stdin, other.out = outer_in, None if outer_out is None else list(outer_out)
        results = self.dispatch(call, state)
        for end in results:
            if call.stdin is not outer_in or items:
                end.stdin = outer_in
            if redirected:
                if path is not None:
                    redirects.save(self, path, end.output, append, end)
                end.out = None if outer_out is None else list(outer_out)
        return results + failed

    def dispatch(self, call: Call, state: State, *, functions: bool = True) -> list[State]:
        """Find out what the command word is: alias, function, builtin or program."""
        name = self.command_name(call, state)
        if name is None:
            calls.perform(self, calls.invocation(self, call, state), state)
            return [state]
        if name != call.argv[0].known:
            expanded = patterns.glob(call.argv[0], state.cwd, self.world)
            words = tuple(literal(word) for word in expanded or (name,))
            for other in words[1:]:  # elsewhere the pattern may fit this one alone
                shadow = state.fork()
                calls.perform(self, calls.invocation(self, replace(call, argv=(other, *call.argv[1:])), shadow), shadow)
            call = replace(call, argv=(*words, *call.argv[1:]))
            name = words[0].known or name
        if functions and name in state.functions:
            return calls.call_function(self, state.functions[name], call, state)
        if functions and name in state.aliases and "expand_aliases" in state.options:
            rest = [literal(" ")] + [v for a in call.argv[1:] for v in (literal(" "), quoted(a))]
            text = concat((state.aliases[name], *rest))
            aliases, state.aliases = state.aliases, {k: v for k, v in state.aliases.items() if k != name}
            ends = texts.run(self, text, state, f"alias {name}", call.span)
            for end in ends:
                end.aliases = aliases
            return ends
        from agentguard.interpret.builtins import BUILTINS

        handler = BUILTINS.get(name)
        if handler is not None:
            return handler(self, call, state)
        calls.perform(self, calls.invocation(self, call, state), state)
        return [state]

    def command_name(self, call: Call, state: State) -> str | None:
        word = call.argv[0]
        known = word.known
        if known is not None or word.unknown:
            return known
        found = patterns.glob(word, state.cwd, self.world)
        return found[0] if found else None

    # ---------------------------------------------------------------------------------- programs

    # --------------------------------------------------------------------------------- inside of words

    def substitute(self, script: Script, state: State) -> Value:
        inner = state.fork()
        inner.out = []
        inner.frame = texts.deeper(inner.frame, "$(…)", self.spans[-1])
        inner.frame = replace(inner.frame, trail=state.frame.trail)
        ends = self.subshell_of(lambda s: self.script(script, [s]), inner)
        outputs: list[Value] = []
        for end in ends:
            state.created |= end.created
            state.wrote(end.written)
            if end.output not in outputs:
                outputs.append(end.output)
        if len({end.success for end in ends}) == 1:
            state.success = ends[0].success
        else:
            state.success = None
        if len(outputs) == 1:
            return outputs[0]
        return unknown(
            Origin.OUTPUT, "several ways", many=True, sources=frozenset().union(*(o.sources for o in outputs))
        )

    def channel(self, script: Script, direction: str, state: State) -> Value:
        name = f"/dev/fd/{63 + len(self.channels) + len(state.written)}"
        if direction == "<":
            content = self.substitute(script, state)
            state.wrote({name: content})
            return literal(name)
        self.channels[name] = (script, state.fork())
        reader = state.fork()
        reader.stdin = unknown(Origin.INPUT)
        self.subshell_of(lambda s: self.script(script, [s]), reader)
        return literal(name)

    # ---------------------------------------------------------------------------------- assignments
