"""Starting functions and programs, and walking what programs start in turn."""

from __future__ import annotations

from collections.abc import Mapping

from agentguard.interpret import patterns, redirects, texts
from agentguard.interpret.invocation import InnerCommand, InnerScript, Invocation, Output, Redirection, Written
from agentguard.interpret.state import FunctionBody, State, Variable, distinct
from agentguard.interpret.values import EMPTY, Origin, Value, literal, unknown
from agentguard.light import dataclass, replace
from agentguard.operations import Opaque, ProcessBomb
from agentguard.syntax.nodes import Command, Script, Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from agentguard.interpret.interpreter import Interpreter

#: The tag of an invocation whose output is not shown.
_CAPTURED = frozenset({"captured"})
_FUNCTION = frozenset({"function"})
#: Programs and builtins that print nothing when they succeed.
_SILENT = frozenset({
    ":", ".", "[", "alias", "cd", "chmod", "chown", "cp", "declare", "eval", "exit", "export", "false", "kill", "let",
    "ln", "local", "mkdir", "mv", "popd", "pushd", "read", "readonly", "return", "rm", "rmdir", "set", "shift",
    "shopt", "sleep", "source", "test", "touch", "trap", "true", "typeset", "umask", "unalias", "unset", "wait",
})  # fmt: skip


#: Builtins that only start another command.
_PREFIXES = frozenset({"command", "builtin", "exec", "eval"})


@dataclass(frozen=True, slots=True)
class Call:
    """A simple command ready to run: its expanded words and where it stands.

    ``gone`` are the sources of words that expanded to nothing (an unset variable)."""

    argv: tuple[Value, ...]
    span: Span
    env: Mapping[str, Value | None]
    redirections: tuple[Redirection, ...]
    stdin: Value | None
    gone: frozenset[str] = frozenset()


@dataclass(slots=True)
class Walks:
    """How often the body of a function is walked at most in a script, was walked, and whether it always ends the shell.

    A body that takes no arguments says the same each time.
    """

    most: int = 1
    count: int = 0
    leaves: bool = False


def call_function(shell: Interpreter, function: FunctionBody, call: Call, state: State) -> list[State]:
    frame = state.frame
    body = f"{function.name} {function.body.span}"  # a function may define another of its own name
    times = frame.calls.count(body)
    started = None
    if times and frame.tags & {"background", "piped"}:
        started = invocation(shell, call, state, tags=_FUNCTION)
        shell.operations.append((ProcessBomb(function.name), started))
    walks = shell.walks.get(id(function.body))
    if walks is None:
        most = shell.enough if shell.once and _takes_arguments(function.body) else 1
        walks = shell.walks[id(function.body)] = Walks(most)
    if shell.once and walks.count >= walks.most:
        state.emit(unknown(Origin.OUTPUT, function.name, many=True))
        state.success = None
        state.ended = "exit" if walks.leaves else ""
        return [state]
    walks.count += 1
    started = started or invocation(shell, call, state, tags=_FUNCTION)
    shell.record(started)
    if times >= 3:
        shell.operations.append((Opaque(f"{function.name} calls itself again and again"), started))
        state.emit(unknown(Origin.OUTPUT, function.name, many=True))
        return [state]
    inner = texts.deeper(frame, f"function {function.name}", call.span)
    state.frame = replace(inner, calls=(*frame.calls, body))
    positionals, state.positionals = state.positionals, call.argv[1:]
    saved = dict(state.variables)
    for name, value in call.env.items():
        state.put(name, value or EMPTY, export=True)
    state.levels += 1
    loops, state.loops = state.loops, -1 if state.loops else 0
    ends = shell.command(function.body, state)
    walks.leaves = bool(ends) and all(end.ended == "exit" for end in ends)
    for end in ends:
        end.loops = loops
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


def _takes_arguments(body: Command) -> bool:
    from agentguard.interpret.changes import takes_arguments  # for scripts only: a command starts without it

    return takes_arguments(body)


def uncalled(shell: Interpreter, script: Script, state: State) -> None:
    """Walk the functions of a script that nothing in it called, with arguments that are not known."""
    from agentguard.syntax.walk import functions

    for node in functions(script):
        if id(node.body) not in shell.walks:
            shell.walks[id(node.body)] = Walks(count=1)
            inner = state.fork()
            inner.frame = replace(
                texts.deeper(inner.frame, f"function {node.name}", node.span), calls=(f"{node.name} {node.body.span}",)
            )
            inner.positionals = None
            inner.ended = ""
            inner.levels, inner.loops = 1, 0
            shell.command(node.body, inner)


def exports(shell: Interpreter, state: State) -> dict[str, Value | None]:
    """How the environment of a program differs from the world's."""
    overlay: dict[str, Value | None] = dict.fromkeys(shell.world.env) if state.cleared else {}
    for name, variable in state.variables.items():
        if name[:1] == "\0":
            continue
        if variable is None:
            if name in shell.world.env:
                overlay[name] = None
        elif variable.exported or (name in shell.world.env and not state.cleared):
            overlay[name] = variable.value
    return overlay


def invocation(shell: Interpreter, call: Call, state: State, tags: frozenset[str] = frozenset()) -> Invocation:
    if state.out is not None:
        tags |= _CAPTURED
    if call.gone:
        tags |= {f"gone {source}" for source in call.gone}
    return Invocation(
        call.argv, call.span, state.frame.trail, {**exports(shell, state), **call.env}, state.cwd, call.stdin,
        call.redirections, state.frame.place, state.frame.tags | tags, state.created, state.written,
    )  # fmt: skip


def perform(shell: Interpreter, invocation: Invocation, state: State, *, builtin: bool = False) -> None:
    """Ask the host what an invocation does, walk what it starts, and note what it prints and writes."""
    shell.step(invocation.span)
    shell.weigh(invocation)
    shell.record(invocation)
    printed = False
    for effect in shell.host.effects(invocation):
        if isinstance(effect, Output):
            printed = True
            state.emit(effect.text)
        elif isinstance(effect, Written):
            redirects.save(shell, effect.path, effect.content, effect.append, state)
        elif isinstance(effect, InnerCommand | InnerScript):
            if not builtin:
                printed = True
                inner(shell, effect, invocation, state)
        else:
            shell.operations.append((effect, invocation))
    state.success = None
    name = invocation.name
    if not printed and state.out is not None and invocation.argv and name not in _SILENT:
        sources = {f"cmd:{name or '?'}"}
        state.emit(unknown(Origin.OUTPUT, name or "", many=True, sources=sources))


def inner(shell: Interpreter, effect: InnerCommand | InnerScript, invocation: Invocation, state: State) -> None:
    """Walk a command or script that a program starts, in a shell of its own."""
    child = state.child()
    child.frame = texts.deeper(state.frame, effect.step, invocation.span)
    child.frame = replace(
        child.frame,
        place=effect.place if effect.place is not None else state.frame.place,
        tags=child.frame.tags | effect.tags,
    )
    if effect.clear_env or (effect.place is not None and effect.place != state.frame.place):
        child.variables = {}
        child.functions = {}
        child.cleared = True
        if effect.place:  # what is set over there is not known; home is called home there too
            child.tainted = f"the environment of {effect.place}"
            child.variables["HOME"] = Variable(literal(shell.world.home), exported=True)
    if "injected" in effect.tags:
        child.tainted = f"{effect.step} sets variables"
    for name, value in {**({} if effect.clear_env else _prefix_env(invocation, state)), **effect.env}.items():
        child.variables[name] = Variable(value, exported=True) if value is not None else None
    child.cwd = effect.cwd if effect.cwd is not None else invocation.cwd
    if effect.place is not None and effect.place != state.frame.place and effect.cwd is None:
        child.cwd = unknown(Origin.VARIABLE, "PWD")
        child.positionals = ()
    child.stdin = effect.stdin if effect.stdin is not None else invocation.stdin
    child.out = None if state.out is None else []
    if isinstance(effect, InnerScript):
        parsed = texts.parsed(shell, effect.text, state, effect.step, invocation.span)
        if parsed is None:
            state.emit(unknown(Origin.OUTPUT, effect.step, many=True))
            return
        if shell.once and id(parsed) in shell.walking:  # a script that starts itself says nothing new
            state.emit(unknown(Origin.OUTPUT, effect.step, many=True))
            return
        if effect.arguments:
            child.script_name = effect.arguments[0]
        child.positionals = effect.arguments[1:]
        shell.walking.append(id(parsed))
        ends = shell.finish(shell.script(parsed, [child]))
        shell.walking.pop()
    elif effect.argv:
        call = Call(effect.argv, invocation.span, {}, (), child.stdin)
        shell.spans.append(invocation.span)
        ends = start_program(shell, call, child)
        shell.spans.pop()
    else:
        return
    outputs: list[Value] = []
    for end in ends:
        if not child.frame.place or child.frame.place == state.frame.place:
            state.created |= end.created
            state.wrote(end.written)
        if end.out is not None and end.output not in outputs:
            outputs.append(end.output)
    if len(outputs) == 1:
        state.emit(outputs[0])
    elif outputs:
        state.emit(
            unknown(Origin.OUTPUT, effect.step, many=True, sources=frozenset().union(*(o.sources for o in outputs)))
        )


def start_program(shell: Interpreter, call: Call, state: State) -> list[State]:
    """A program started by another program: no functions, aliases or shell builtins."""
    if call.argv[0].known is None and not call.argv[0].unknown:
        found = patterns.glob(call.argv[0], state.cwd, shell.world)
        if found:
            call = replace(call, argv=(*(literal(f) for f in found), *call.argv[1:]))
    if call.argv[0].known in _PREFIXES:  # some systems have these builtins as programs too
        from agentguard.interpret.builtins import BUILTINS

        return BUILTINS[call.argv[0].known or ""](shell, call, state)
    perform(shell, invocation(shell, call, state), state)
    return [state]


def _prefix_env(invocation: Invocation, state: State) -> dict[str, Value | None]:
    """The assignments that stood before the command word itself."""
    return {
        name: value
        for name, value in invocation.env.items()
        if (variable := state.variables.get(name)) is None or variable.value != value
    }
