"""A forward walk over the tree that tells which programs would be started, with which words.

Nothing runs. Where a condition is not evident both ways are taken; where a value is not known it stays an unknown
piece. What a program does with its words is asked from the ``Host`` (the programs stage); the inner commands and
scripts it names are walked here again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from agentguard.interpret import conditions, loops, patterns
from agentguard.interpret.expansion import Aborted, Expander
from agentguard.interpret.invocation import (
    Effect,
    InnerCommand,
    InnerScript,
    Invocation,
    Output,
    Redirection,
    Step,
    Written,
)
from agentguard.interpret.state import Frame, FunctionBody, State, Variable, distinct, each
from agentguard.interpret.values import EMPTY, Origin, Truth, Unknown, Value, concat, literal, unknown
from agentguard.operations import CodeExecution, Opaque, Operation, ProcessBomb
from agentguard.syntax.errors import ShellSyntaxError
from agentguard.syntax.nodes import (
    AndOr,
    ArithmeticCommand,
    ArithmeticFor,
    ArrayLiteral,
    Assignment,
    Case,
    Command,
    Conditional,
    Coproc,
    For,
    Function,
    Group,
    If,
    Pipeline,
    Redirect,
    Script,
    Simple,
    Span,
    Statement,
    Subshell,
    While,
    Word,
)
from agentguard.world.protocol import World

MAX_STEPS = 20_000
MAX_DEPTH = 24
MAX_STREAMS = 6
#: Names that stand for the unknown pieces of an inner script while it is parsed (plane 15, private use).
FIRST_HOLE = 0xF0000

_DECLARATIONS = frozenset({"declare", "typeset", "local", "export", "readonly"})
_SILENT = frozenset(
    "cd : true false export local readonly unset set shift mkdir rmdir rm mv cp ln touch chmod chown kill sleep wait "
    "test [ source . eval trap exit return alias unalias shopt umask read let git-add popd pushd declare typeset".split()
)
#: Assignments that bash expands and runs by itself.
_RUN_BY_BASH = frozenset({"PS4", "PROMPT_COMMAND", "PS1", "PS0", "PS2"})


class Host(Protocol):
    def parse(self, text: str) -> Script: ...

    def effects(self, invocation: Invocation) -> Iterable[Effect]: ...


@dataclass(frozen=True, slots=True)
class Call:
    """A simple command ready to run: its expanded words and where it stands."""

    argv: tuple[Value, ...]
    span: Span
    env: Mapping[str, Value | None]
    redirections: tuple[Redirection, ...]
    stdin: Value | None


Builtin = Callable[["Interpreter", Call, State], list[State]]


class Interpreter:
    """Walks one command line. ``invocations`` and ``operations`` are filled in the order bash would reach them."""

    def __init__(self, world: World, host: Host) -> None:
        self.world = world
        self.host = host
        self.expander = Expander(self)
        self.invocations: list[Invocation] = []
        self.operations: list[tuple[Operation, Invocation]] = []
        self.steps = 0
        self.holes: list[Value] = []
        self.channels: dict[str, tuple[Script, State]] = {}
        self.spans: list[Span] = [(0, 0)]

    # --------------------------------------------------------------------------------------- whole texts

    def start(self, script: Script, state: State | None = None) -> list[State]:
        """Walk a whole command line from the beginning."""
        return self.finish(self.script(script, [state or State(literal(self.world.cwd))]))

    def finish(self, states: list[State]) -> list[State]:
        """The end of a shell: its traps run."""
        result = []
        for state in states:
            traps, state.traps = state.traps, {}
            state.ended = ""
            ends = [state]
            for text in traps.values():
                ends = each(ends, lambda s, text=text: self.text(text, s, "trap", self.spans[-1]))  # type: ignore[misc]  # lambda default
            result.extend(ends)
        return distinct(result)

    def script(self, script: Script, states: list[State]) -> list[State]:
        for statement in script.statements:
            if all(state.ended for state in states):
                break
            states = each(states, lambda state, statement=statement: self.statement(statement, state))  # type: ignore[misc]  # lambda default
        return states

    def text(self, text: Value, state: State, label: str, span: Span) -> list[State]:
        """Run shell text in the same shell (``eval``, ``source``, ``trap``)."""
        parsed = self.parsed(text, state, label, span)
        if parsed is None:
            return [state]
        outer = state.frame
        state.frame = self.deeper(outer, label, span)
        results = self.script(parsed, [state])
        for result in results:
            result.frame = outer
        return results

    def deeper(self, frame: Frame, label: str, span: Span) -> Frame:
        if frame.depth >= MAX_DEPTH:
            raise ShellSyntaxError("limit", f"commands are nested more than {MAX_DEPTH} levels deep", span)
        return replace(frame, trail=(*frame.trail, Step(label, span)), depth=frame.depth + 1)

    def parsed(self, text: Value, state: State, label: str, span: Span) -> Script | None:
        """Parse text that is reached on the way; what is not known in it becomes holes. None: it was reported."""
        here = Invocation((literal(label),), span, state.frame.trail, {}, state.cwd, place=state.frame.place)
        for source in text.sources:
            if source.startswith("net:"):
                self.operations.append((CodeExecution("network", label), here))
        if "decoded" in text.sources and label in ("eval", "source", "trap"):
            self.operations.append((CodeExecution("decoded", label), here))
        if text.unknown:
            self.operations.append((Opaque(f"part of the text that {label} runs is known only when it runs"), here))
            if not any(isinstance(piece, str) and piece.strip() for piece in text.pieces):
                return None
        source_text = self.pierce(text)
        if not source_text.strip():
            return None
        try:
            return self.host.parse(source_text)
        except ShellSyntaxError as error:
            from_file = any(s.startswith("file:") for s in text.sources)
            if from_file or text.unknown:
                risk = Truth.NO if from_file else Truth.MAYBE
                self.operations.append((Opaque(f"the text that {label} runs is not understood: {error.reason}", risk), here))
                return None
            raise ShellSyntaxError(error.kind, f"in the text that {label} runs: {error.reason}", span) from error

    def pierce(self, text: Value) -> str:
        out = []
        for piece in text.pieces:
            if isinstance(piece, str):
                out.append(piece)
            elif isinstance(piece, Unknown):
                out.append(chr(FIRST_HOLE + len(self.holes)))
                self.holes.append(Value((piece,), text.sources))
            else:
                out.append(piece.text)
        return "".join(out)

    def fill(self, text: str) -> Value:
        if not self.holes or text.isascii():
            return literal(text)
        values: list[Value] = []
        run = ""
        for c in text:
            index = ord(c) - FIRST_HOLE
            if 0 <= index < len(self.holes):
                values += [literal(run), self.holes[index]]
                run = ""
            else:
                run += c
        return concat([*values, literal(run)]) if values else literal(text)

    def step(self, span: Span) -> None:
        self.steps += 1
        if self.steps > MAX_STEPS:
            raise ShellSyntaxError("limit", f"following this command takes more than {MAX_STEPS:,} steps", span)

    # ------------------------------------------------------------------------------------------ commands

    def statement(self, statement: Statement, state: State) -> list[State]:
        if not statement.background:
            return self.command(statement.command, state)
        inner = state.fork()
        inner.frame = replace(inner.frame, tags=inner.frame.tags | {"background"})
        ends = self.finish(self.command(statement.command, inner))
        for end in ends:
            state.created |= end.created
            state.written.update(end.written)
        state.success = True
        return [state]

    def command(self, node: Command, state: State) -> list[State]:
        self.step(node.span)
        if isinstance(node, Simple):
            return self.simple(node, state)
        if isinstance(node, Pipeline):
            return self.pipeline(node, state)
        if isinstance(node, AndOr):
            return self.and_or(node, state)
        if isinstance(node, Function):
            state.functions[node.name] = FunctionBody(node.name, node.body)
            state.success = True
            return [state]
        if isinstance(node, Coproc):
            self.subshell_of(lambda s: self.command(node.command, s), state)
            state.variables[node.name or "COPROC"] = Variable(unknown(Origin.VARIABLE, "coproc"))
            return [state]
        return self.redirected(node.redirects, state, lambda s: self.compound(node, s), node.span)

    def compound(self, node: Command, state: State) -> list[State]:
        if isinstance(node, Subshell):
            return self.subshell_of(lambda s: self.script(node.body, [s]), state)
        if isinstance(node, Group):
            return self.script(node.body, [state])
        if isinstance(node, If):
            return self.condition_chain(node, state)
        if isinstance(node, For):
            return loops.run_for(self, node, state)
        if isinstance(node, While):
            return loops.run_while(self, node, state)
        if isinstance(node, ArithmeticFor):
            return loops.run_arithmetic_for(self, node, state)
        if isinstance(node, Case):
            return self.case(node, state)
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

    def and_or(self, node: AndOr, state: State) -> list[State]:
        states = self.command(node.commands[0], state)
        for operator, command in zip(node.operators, node.commands[1:], strict=True):
            wanted = operator == "&&"

            def step(s: State, command: Command = command, wanted: bool = wanted) -> list[State]:
                if s.success is not None:
                    return self.command(command, s) if s.success == wanted else [s]
                skipped = s.fork()
                skipped.success = not wanted
                s.success = wanted
                return [*self.command(command, s), skipped]

            states = each(states, step)
        return states

    def condition_chain(self, node: If, state: State) -> list[State]:
        pending = [state]
        done: list[State] = []
        for condition, body in node.branches:
            if not pending:
                break
            taken: list[State] = []
            failed: list[State] = []
            for end in self.script(condition, pending):
                if end.ended:
                    done.append(end)
                    continue
                if end.success is not False:
                    taken.append(end.fork())
                if end.success is not True:
                    failed.append(end)
            done += self.script(body, distinct(taken)) if taken else []
            pending = distinct(failed)
        if pending and node.otherwise is not None:
            done += self.script(node.otherwise, pending)
        else:
            for end in pending:
                end.success = True
            done += pending
        return distinct(done)

    def case(self, node: Case, state: State) -> list[State]:
        subject = self.expander.string(node.subject, state)
        done: list[State] = []
        waiting = [state]
        falling: list[State] = []
        for arm in node.arms:
            entered = falling
            falling = []
            if waiting:
                truth = Truth.NO
                for pattern in arm.patterns:
                    truth = max(truth, patterns.matches(subject, self.expander.pattern(pattern, waiting[0])))
                if truth is Truth.YES:
                    entered, waiting = entered + waiting, []
                elif truth is Truth.MAYBE:
                    entered = entered + [s.fork() for s in waiting]
            if not entered:
                continue
            ends = self.script(arm.body, distinct(entered))
            if arm.terminator == ";;":
                done += ends
            elif arm.terminator == ";&":
                falling = ends
            else:
                waiting = distinct(waiting + ends)
        return distinct(done + falling + waiting)

    def pipeline(self, node: Pipeline, state: State) -> list[State]:
        if len(node.commands) == 1:
            states = self.command(node.commands[0], state)
        else:
            states = self._pipe(node, state)
        if node.negated:
            for end in states:
                end.success = None if end.success is None else not end.success
        return states

    def _pipe(self, node: Pipeline, state: State) -> list[State]:
        streams: list[Value | None] = [state.stdin]
        last = len(node.commands) - 1
        outer = state.frame
        piped = replace(outer, tags=outer.tags | {"piped"})
        ends: list[State] = []
        for i, command in enumerate(node.commands):
            following: list[Value | None] = []
            ends = []
            for stream in streams[:MAX_STREAMS]:
                inner = state.fork()
                inner.frame = piped
                inner.stdin = stream
                if i < last:
                    inner.out = []
                for end in self.finish(self.command(command, inner)):
                    state.created |= end.created
                    state.written.update(end.written)
                    if i == last:
                        ends.append(end)
                    elif end.output not in following:
                        following.append(end.output)
            streams = following
        results = []
        for end in ends:
            after = state.fork()
            after.out = end.out
            after.success = end.success
            results.append(after)
        return distinct(results)

    # ------------------------------------------------------------------------------------- redirections

    def redirections(self, redirects: tuple[Redirect, ...], state: State) -> tuple[Redirection, ...]:
        result = []
        for redirect in redirects:
            if redirect.heredoc is not None:
                target = self.expander.string(redirect.heredoc.body, state)
            elif redirect.operator == "<<<":
                target = concat((self.expander.string(redirect.target, state), literal("\n")))
            else:
                fields = self.expander.fields(redirect.target, state)
                target = fields[0] if len(fields) == 1 else self.expander.string(redirect.target, state)
                if redirect.operator in (">&", "<&") and not (target.known or "-").rstrip("-").isdigit():
                    self.rescan(target, state)  # bash expands this word twice
            if isinstance(redirect.descriptor, str):
                state.put(redirect.descriptor, Value((Unknown(Origin.VARIABLE, "fd", path_safe=True),)))
            result.append(Redirection(redirect.operator, redirect.descriptor, target, redirect.span))
        return tuple(result)

    def input_of(self, redirections: tuple[Redirection, ...], state: State) -> Value | None:
        """What standard input holds after these redirections, or the inherited stream."""
        stdin = state.stdin
        for item in redirections:
            if item.descriptor not in (None, 0):
                continue
            if item.operator in ("<<", "<<-", "<<<"):
                stdin = item.target
            elif item.operator in ("<", "<>"):
                stdin = self.read_file(item.target, state)
            elif item.operator == "<&":
                stdin = unknown(Origin.INPUT, str(item.target))
        return stdin

    def read_file(self, path: Value, state: State) -> Value:
        where = self.absolute(path, state).known
        if where is None:
            return unknown(Origin.FILE, str(path))
        if where in state.written:
            content = state.written[where]
            return Value(content.pieces, content.sources | {f"file:{where}"})
        if where == "/dev/null":
            return EMPTY
        if where in ("/dev/stdin", "/proc/self/fd/0", "/dev/fd/0"):
            return state.stdin if state.stdin is not None else unknown(Origin.INPUT)
        data = None if state.frame.place else self.world.read(where)
        if data is None:
            return unknown(Origin.FILE, where, sources=(f"file:{where}",))
        return literal(data.decode("utf-8", "surrogateescape"), f"file:{where}")

    def absolute(self, path: Value, state: State) -> Value:
        if path.prefix.startswith("/") or not path.pieces or isinstance(path.pieces[0], Unknown):
            return path
        base = state.cwd
        known = path.known
        if known is not None and base.known is not None:
            return replace(literal(conditions.normal(f"{base.known}/{known}")), sources=path.sources)
        return concat((base, literal("" if (base.known or "").endswith("/") else "/"), path))

    def sink_of(self, redirections: tuple[Redirection, ...], state: State) -> tuple[bool, Value | None, bool]:
        """Where standard output goes: (redirected, file or None, append)."""
        redirected, path, append = False, None, False
        for item in redirections:
            if item.operator in (">", ">|", ">>", "&>", "&>>") and item.descriptor in (None, 1):
                redirected, path, append = True, self.absolute(item.target, state), ">>" in item.operator
            elif item.operator == ">&" and item.descriptor in (None, 1):
                known = item.target.known or ""
                redirected = True
                path = None if known.rstrip("-").isdigit() or known == "-" else self.absolute(item.target, state)
        return redirected, path, append

    def redirected(
        self, redirects: tuple[Redirect, ...], state: State, body: Callable[[State], list[State]], span: Span
    ) -> list[State]:
        """Run ``body`` under the redirections of a compound command."""
        if not redirects:
            return body(state)
        try:
            items = self.redirections(redirects, state)
        except Aborted:
            state.ended = "exit"
            return [state]
        self.perform(self.invocation(Call((), span, {}, items, None), state), state)
        outer_in, outer_out = state.stdin, state.out
        redirected, path, append = self.sink_of(items, state)
        state.stdin = self.input_of(items, state)
        if redirected:
            state.out = []
        results = body(state)
        for end in results:
            end.stdin = outer_in
            if redirected:
                if path is not None:
                    self.save(path, end.output, append, end)
                end.out = None if outer_out is None else list(outer_out)
        return results

    def save(self, path: Value, content: Value | None, append: bool, state: State) -> None:
        """Remember what a file made by this command holds; feed a ``>(…)`` channel."""
        where = path.known
        if where is None or where in ("/dev/null", "/dev/stdout", "/dev/stderr", "/dev/tty"):
            return
        if where in self.channels:
            script, at = self.channels.pop(where)
            reader = at.fork()
            reader.stdin = content if content is not None else unknown(Origin.INPUT)
            self.subshell_of(lambda s: self.script(script, [s]), reader)
            return
        existed = where in state.created or self.world.kind(where) != "missing"
        if not existed:
            state.created |= {where}
        if content is None:
            return
        if append and (where in state.written or existed):
            content = concat((state.written.get(where) or self.read_file(path, state), content))
        state.written[where] = content

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
        for word in node.words:
            if argv and argv[0].known in _DECLARATIONS and self._declared_array(word, state):
                argv.append(literal(_array_name(word)))
            else:
                argv.extend(self.expander.fields(word, state))
        items = self.redirections(node.redirects, state)
        self.spans.pop()
        if not argv:
            state.success = True
            for assignment in node.assignments:
                self.assign(assignment, state)
            if items:
                self.perform(self.invocation(Call((), node.span, {}, items, None), state), state)
                redirected, path, append = self.sink_of(items, state)
                if redirected and path is not None:
                    self.save(path, EMPTY, append, state)
                elif state.out is not None and any(i.operator == "<" for i in items):
                    state.emit(self.input_of(items, state) or EMPTY)  # $(< file)
            return [state]
        env: dict[str, Value | None] = {}
        for assignment in node.assignments:
            value = self.expander.string(assignment.value, state)
            env[assignment.name] = value
            if assignment.name in _RUN_BY_BASH:
                self.rescan(value, state)
        call = Call(tuple(argv), node.span, env, items, self.input_of(items, state))
        redirected, path, append = self.sink_of(items, state)
        outer_in, outer_out = state.stdin, state.out
        state.stdin = call.stdin
        if redirected:
            state.out = []
        results = self.dispatch(call, state)
        for end in results:
            if call.stdin is not outer_in or items:
                end.stdin = outer_in
            if redirected:
                if path is not None:
                    self.save(path, end.output, append, end)
                end.out = None if outer_out is None else list(outer_out)
        return results

    def dispatch(self, call: Call, state: State, *, functions: bool = True) -> list[State]:
        """Find out what the command word is: alias, function, builtin or program."""
        name = self.command_name(call, state)
        if name is None:
            self.perform(self.invocation(call, state), state)
            return [state]
        if name != call.argv[0].known:
            expanded = patterns.glob(call.argv[0], state.cwd, self.world)
            words = tuple(literal(word) for word in expanded or (name,))
            call = replace(call, argv=(*words, *call.argv[1:]))
            name = words[0].known or name
        if functions and name in state.functions:
            return self.call_function(state.functions[name], call, state)
        if functions and name in state.aliases and "expand_aliases" in state.options:
            rest = [literal(" ")] + [v for a in call.argv[1:] for v in (literal(" "), shell_quoted(a))]
            text = concat((state.aliases[name], *rest))
            aliases, state.aliases = state.aliases, {k: v for k, v in state.aliases.items() if k != name}
            ends = self.text(text, state, f"alias {name}", call.span)
            for end in ends:
                end.aliases = aliases
            return ends
        from agentguard.interpret.builtins import BUILTINS

        handler = BUILTINS.get(name)
        if handler is not None:
            return handler(self, call, state)
        self.perform(self.invocation(call, state), state)
        return [state]

    def command_name(self, call: Call, state: State) -> str | None:
        word = call.argv[0]
        known = word.known
        if known is not None or word.unknown:
            return known
        found = patterns.glob(word, state.cwd, self.world)
        return found[0] if found else None

    def call_function(self, function: FunctionBody, call: Call, state: State) -> list[State]:
        invocation = self.invocation(call, state, tags=frozenset({"function"}))
        self.invocations.append(invocation)
        frame = state.frame
        times = frame.calls.count(function.name)
        if times and frame.tags & {"background", "piped"}:
            self.operations.append((ProcessBomb(function.name), invocation))
        if times >= 3 or frame.depth >= MAX_DEPTH - 2:
            state.emit(unknown(Origin.OUTPUT, function.name, many=True))
            return [state]
        inner = self.deeper(frame, f"function {function.name}", call.span)
        state.frame = replace(inner, calls=(*frame.calls, function.name))
        positionals, state.positionals = state.positionals, call.argv[1:]
        saved = dict(state.variables)
        for name, value in call.env.items():
            state.put(name, value or EMPTY, export=True)
        state.levels += 1
        ends = self.command(function.body, state)
        for end in ends:
            end.frame = frame
            end.positionals = positionals
            end.levels -= 1
            if end.ended == "return":
                end.ended = ""
            for name in [*call.env, *(k[7:] for k in end.variables if k.startswith("\0local "))]:
                end.variables.pop("\0local " + name, None)
                if name in saved:
                    end.variables[name] = saved[name]
                else:
                    end.variables.pop(name, None)
        return distinct(ends)

    # ---------------------------------------------------------------------------------- programs

    def exports(self, state: State) -> dict[str, Value | None]:
        """How the environment of a program differs from the world's."""
        overlay: dict[str, Value | None] = dict.fromkeys(self.world.env) if state.cleared else {}
        for name, variable in state.variables.items():
            if name[0] == "\0":
                continue
            if variable is None:
                if name in self.world.env:
                    overlay[name] = None
            elif variable.exported or (name in self.world.env and not state.cleared):
                overlay[name] = variable.value
        return overlay

    def invocation(self, call: Call, state: State, tags: frozenset[str] = frozenset()) -> Invocation:
        return Invocation(
            call.argv, call.span, state.frame.trail, {**self.exports(state), **call.env}, state.cwd, call.stdin,
            call.redirections, state.frame.place, state.frame.tags | tags, state.created, dict(state.written),
        )  # fmt: skip

    def perform(self, invocation: Invocation, state: State, *, builtin: bool = False) -> None:
        """Ask the host what an invocation does, walk what it starts, and note what it prints and writes."""
        self.step(invocation.span)
        self.invocations.append(invocation)
        printed = False
        for effect in self.host.effects(invocation):
            if isinstance(effect, Output):
                printed = True
                state.emit(effect.text)
            elif isinstance(effect, Written):
                self.save(effect.path, effect.content, effect.append, state)
            elif isinstance(effect, InnerCommand | InnerScript):
                if not builtin:
                    printed = True
                    self.inner(effect, invocation, state)
            else:
                self.operations.append((effect, invocation))
        state.success = None
        name = invocation.name
        if not printed and state.out is not None and invocation.argv and name not in _SILENT:
            sources = {f"cmd:{name or '?'}"}
            state.emit(unknown(Origin.OUTPUT, name or "", many=True, sources=sources))

    def inner(self, effect: InnerCommand | InnerScript, invocation: Invocation, state: State) -> None:
        """Walk a command or script that a program starts, in a shell of its own."""
        child = state.child()
        child.frame = self.deeper(state.frame, effect.step, invocation.span)
        child.frame = replace(
            child.frame,
            place=effect.place if effect.place is not None else state.frame.place,
            tags=child.frame.tags | effect.tags,
        )
        if effect.clear_env or (effect.place is not None and effect.place != state.frame.place):
            child.variables = {}
            child.functions = {}
            child.cleared = True
        for name, value in {**({} if effect.clear_env else invocation_env(invocation, state)), **effect.env}.items():
            child.variables[name] = Variable(value, exported=True) if value is not None else None
        child.cwd = effect.cwd if effect.cwd is not None else invocation.cwd
        if effect.place is not None and effect.place != state.frame.place and effect.cwd is None:
            child.cwd = unknown(Origin.VARIABLE, "PWD")
            child.positionals = ()
        child.stdin = effect.stdin if effect.stdin is not None else invocation.stdin
        child.out = None if state.out is None else []
        if isinstance(effect, InnerScript):
            parsed = self.parsed(effect.text, state, effect.step, invocation.span)
            if parsed is None:
                state.emit(unknown(Origin.OUTPUT, effect.step, many=True))
                return
            if effect.arguments:
                child.script_name = effect.arguments[0]
            child.positionals = effect.arguments[1:]
            ends = self.finish(self.script(parsed, [child]))
        elif effect.argv:
            call = Call(effect.argv, invocation.span, {}, (), child.stdin)
            self.spans.append(invocation.span)
            ends = self.start_program(call, child)
            self.spans.pop()
        else:
            return
        outputs: list[Value] = []
        for end in ends:
            if not child.frame.place or child.frame.place == state.frame.place:
                state.created |= end.created
                state.written.update(end.written)
            if end.out is not None and end.output not in outputs:
                outputs.append(end.output)
        if len(outputs) == 1:
            state.emit(outputs[0])
        elif outputs:
            state.emit(unknown(Origin.OUTPUT, effect.step, many=True, sources=frozenset().union(*(o.sources for o in outputs))))

    def start_program(self, call: Call, state: State) -> list[State]:
        """A program started by another program: no functions, aliases or shell builtins."""
        if call.argv[0].known is None and not call.argv[0].unknown:
            found = patterns.glob(call.argv[0], state.cwd, self.world)
            if found:
                call = replace(call, argv=(*(literal(f) for f in found), *call.argv[1:]))
        self.perform(self.invocation(call, state), state)
        return [state]

    # --------------------------------------------------------------------------------- inside of words

    def substitute(self, script: Script, state: State) -> Value:
        inner = state.fork()
        inner.out = []
        inner.frame = self.deeper(inner.frame, "$(…)", self.spans[-1])
        inner.frame = replace(inner.frame, trail=state.frame.trail)
        ends = self.subshell_of(lambda s: self.script(script, [s]), inner)
        outputs: list[Value] = []
        for end in ends:
            state.created |= end.created
            state.written.update(end.written)
            if end.output not in outputs:
                outputs.append(end.output)
        if len({end.success for end in ends}) == 1:
            state.success = ends[0].success
        else:
            state.success = None
        if len(outputs) == 1:
            return outputs[0]
        return unknown(Origin.OUTPUT, "several ways", many=True, sources=frozenset().union(*(o.sources for o in outputs)))

    def channel(self, script: Script, direction: str, state: State) -> Value:
        name = f"/dev/fd/{63 + len(self.channels) + len(state.written)}"
        if direction == "<":
            state.written[name] = self.substitute(script, state)
            return literal(name)
        self.channels[name] = (script, state.fork())
        reader = state.fork()
        reader.stdin = unknown(Origin.INPUT)
        self.subshell_of(lambda s: self.script(script, [s]), reader)
        return literal(name)

    def rescan(self, text: Value, state: State) -> None:
        source = self.pierce(text) if "(" in str(text) or "`" in str(text) else ""
        if "$(" not in source and "`" not in source:
            return
        try:
            parsed = self.host.parse(": $((" + source.replace("'", "").replace('"', "") + "))")
        except ShellSyntaxError:
            parsed = self.host.parse(': "' + source.replace('"', "") + '"')
        inner = state.fork()
        inner.out = None
        inner.frame = self.deeper(inner.frame, "expansion", self.spans[-1])
        self.script(parsed, [inner])

    # ---------------------------------------------------------------------------------- assignments

    def assign(self, assignment: Assignment, state: State) -> None:
        parts = assignment.value.parts
        name = assignment.name
        if parts and isinstance(parts[-1], ArrayLiteral):
            self.assign_array(name, parts[-1], assignment.append, state)
            return
        value = self.expander.string(assignment.value, state)
        variable = state.variables.get(name)
        if variable is not None and variable.integer:
            self.rescan(value, state)
            value = self.expander.arithmetic_text(value, state)
        if assignment.index is not None:
            key = self.expander.subscript(assignment.index, state)
            array = dict(variable.array or {}) if variable is not None else {}
            if key is None:
                array[f"?{len(array)}"] = value
            else:
                array[key] = concat((array.get(key, EMPTY), value)) if assignment.append else value
            exported = variable is not None and variable.exported
            state.variables[name] = Variable(array.get("0", EMPTY), exported, array)
            return
        if assignment.append:
            value = concat((self.expander.runner_variable(name, state) or EMPTY, value))
        state.put(name, value)
        if name in _RUN_BY_BASH:
            self.rescan(value, state)
            if name == "PROMPT_COMMAND":
                self.text(value, state.fork(), name, assignment.span)

    def assign_array(self, name: str, literal_array: ArrayLiteral, append: bool, state: State) -> None:
        old = state.variables.get(name)
        array: dict[str, Value] = dict(old.array or {}) if append and old is not None else {}
        position = 1 + max((int(k) for k in array if k.isdigit()), default=-1)
        for element in literal_array.elements:
            if element.index is not None:
                key = self.expander.subscript(element.index, state)
                array[key if key is not None else f"?{len(array)}"] = self.expander.string(element.value, state)
                position = int(key) + 1 if key is not None and key.isdigit() else position
                continue
            for value in self.expander.fields(element.value, state):
                array[str(position)] = value
                position += 1
        state.variables[name] = Variable(array.get("0", EMPTY), old is not None and old.exported, array)

    def _declared_array(self, word: Word, state: State) -> bool:
        if not word.parts or not isinstance(word.parts[-1], ArrayLiteral):
            return False
        name = _array_name(word)
        self.assign_array(name.removesuffix("+"), word.parts[-1], name.endswith("+"), state)
        return True


def _array_name(word: Word) -> str:
    return "".join(getattr(part, "value", "") for part in word.parts[:-1]).removesuffix("=")


def invocation_env(invocation: Invocation, state: State) -> dict[str, Value | None]:
    """The assignments that stood before the command word itself."""
    return {
        name: value
        for name, value in invocation.env.items()
        if (variable := state.variables.get(name)) is None or variable.value != value
    }


def shell_quoted(value: Value) -> Value:
    """A word as one literal word of shell text; unknown pieces stay."""
    known = value.known
    if known is None:
        return value
    return replace(literal("'" + known.replace("'", "'\\''") + "'"), sources=value.sources)
