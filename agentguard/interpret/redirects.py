"""Redirections: what standard input holds, where standard output goes, and the files this command made."""

from __future__ import annotations

import posixpath
from collections.abc import Callable

from agentguard.interpret import calls, conditions, texts
from agentguard.interpret.expansion import Aborted
from agentguard.interpret.invocation import Redirection
from agentguard.interpret.state import State
from agentguard.interpret.values import EMPTY, Origin, Unknown, Value, concat, literal, unknown
from agentguard.light import replace
from agentguard.operations import FileOverwrite, FileRead
from agentguard.syntax.nodes import Redirect, Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from agentguard.interpret.interpreter import Interpreter

#: Characters of files that are remembered, each version of them counted; what is written later is not known.
MAX_SAVED = 8_000_000


def redirections(shell: Interpreter, redirects: tuple[Redirect, ...], state: State) -> tuple[Redirection, ...]:
    result = []
    for redirect in redirects:
        if redirect.heredoc is not None:
            target = shell.expander.string(redirect.heredoc.body, state)
        elif redirect.operator == "<<<":
            target = concat((shell.expander.string(redirect.target, state), literal("\n")))
        else:
            fields = shell.expander.fields(redirect.target, state)
            target = fields[0] if len(fields) == 1 else shell.expander.string(redirect.target, state)
            if redirect.operator in (">&", "<&") and not (target.known or "-").rstrip("-").isdigit():
                texts.rescan(shell, target, state, whole=True)  # bash expands this word twice
        if isinstance(redirect.descriptor, str):
            state.put(redirect.descriptor, Value((Unknown(Origin.VARIABLE, "fd", path_safe=True),)))
        result.append(Redirection(redirect.operator, redirect.descriptor, target, redirect.span))
    return tuple(result)


def input_of(shell: Interpreter, redirections: tuple[Redirection, ...], state: State) -> Value | None:
    """What standard input holds after these redirections, or the inherited stream."""
    stdin = state.stdin
    for item in redirections:
        if item.descriptor not in (None, 0):
            continue
        if item.operator in ("<<", "<<-", "<<<"):
            stdin = item.target
        elif item.operator in ("<", "<>"):
            stdin = read_file(shell, item.target, state)
        elif item.operator == "<&":
            stdin = unknown(Origin.INPUT, str(item.target))
    return stdin


def sink_of(shell: Interpreter, redirections: tuple[Redirection, ...], state: State) -> tuple[bool, Value | None, bool]:
    """Where standard output goes: (redirected, file or None, append)."""
    redirected, path, append = False, None, False
    for item in redirections:
        if item.operator in (">", ">|", ">>", "&>", "&>>") and item.descriptor in (None, 1):
            redirected, path, append = True, absolute(shell, item.target, state), ">>" in item.operator
        elif item.operator == ">&" and item.descriptor in (None, 1):
            known = item.target.known or ""
            redirected = True
            if known.isdigit() and int(known) in state.descriptors:
                path, append = state.descriptors[int(known)], True
                continue
            path = None if known.rstrip("-").isdigit() or known == "-" else absolute(shell, item.target, state)
    return redirected, path, append


def opened(shell: Interpreter, redirections: tuple[Redirection, ...], state: State) -> None:
    """``exec 3>file``: what is written to that descriptor from now on goes there."""
    for item in redirections:
        if not isinstance(item.descriptor, int) or item.descriptor < 3:
            continue
        kept = {number: path for number, path in state.descriptors.items() if number != item.descriptor}
        if item.operator in (">", ">>", ">|", "<>"):
            kept[item.descriptor] = absolute(shell, item.target, state)
        state.descriptors = kept


def redirected(
    shell: Interpreter, redirects: tuple[Redirect, ...], state: State, body: Callable[[State], list[State]], span: Span
) -> list[State]:
    """Run ``body`` under the redirections of a compound command."""
    if not redirects:
        return body(state)
    try:
        items = redirections(shell, redirects, state)
    except Aborted:
        state.ended = "exit"
        return [state]
    around = calls.Call((), span, {}, items, state.stdin)
    started = calls.invocation(shell, around, state, tags=frozenset({"compound"}))
    calls.perform(shell, started, state)
    before = len(shell.operations)
    outer_in, outer_out = state.stdin, state.out
    redirected, path, append = sink_of(shell, items, state)
    state.stdin = input_of(shell, items, state)
    if redirected:
        state.out = []
    failed = failure(shell, items, state)
    for other in failed:
        other.stdin, other.out = outer_in, None if outer_out is None else list(outer_out)
    results = body(state)
    if path is not None and not append and _read_since(shell, before, path):
        shell.operations.append((FileOverwrite(path, replaces=True), started))
    for end in results:
        end.stdin = outer_in
        if redirected:
            if path is not None:
                save(shell, path, end.output, append, end)
            end.out = None if outer_out is None else list(outer_out)
    return results + failed


def _read_since(shell: Interpreter, before: int, path: Value) -> bool:
    """``{ cat f; } > f``: whether a command of the body reads the file that the shell emptied before it."""
    if path.known is None:
        return False
    reads = (operation.path.known for operation, _ in shell.operations[before:] if isinstance(operation, FileRead))
    return posixpath.normpath(path.known) in {posixpath.normpath(read) for read in reads if read is not None}


def failure(shell: Interpreter, items: tuple[Redirection, ...], state: State) -> list[State]:
    """The state in which a redirection could not be opened and nothing ran, where that is possible."""
    for item in items:
        if item.operator not in ("<", ">", ">>", ">|", "&>", "&>>", "<>"):
            continue
        where = absolute(shell, item.target, state).known
        if where is None or state.frame.place or where in state.written or where in state.created:
            continue
        needed = where if item.operator == "<" else where.rpartition("/")[0] or "/"
        if needed not in state.created and shell.world.kind(needed) == "missing":
            other = state.fork()
            other.success = False
            return [other]
    return []


def read_file(shell: Interpreter, path: Value, state: State) -> Value:
    where = absolute(shell, path, state).known
    if where is None:
        return unknown(Origin.FILE, str(path))
    if where in state.written:
        content = state.written[where]
        return Value(content.pieces, content.sources | {f"file:{where}"})
    if where == "/dev/null":
        return EMPTY
    if where in ("/dev/stdin", "/proc/self/fd/0", "/dev/fd/0"):
        return state.stdin if state.stdin is not None else unknown(Origin.INPUT)
    data = None if state.frame.place else shell.world.read(where)
    if data is None:
        return unknown(Origin.FILE, where, sources=(f"file:{where}",))
    return literal(data.decode("utf-8", "surrogateescape"), f"file:{where}")


def absolute(shell: Interpreter, path: Value, state: State) -> Value:
    if path.prefix.startswith("/") or not path.pieces or isinstance(path.pieces[0], Unknown):
        return path
    base = state.cwd
    known = path.known
    if known is not None and base.known is not None:
        return replace(literal(conditions.normal(f"{base.known}/{known}")), sources=path.sources)
    return concat((base, literal("" if (base.known or "").endswith("/") else "/"), path))


def save(shell: Interpreter, path: Value, content: Value | None, append: bool, state: State) -> None:
    """Remember what a file made by this command holds; feed a ``>(…)`` channel."""
    where = path.known
    if where is None or where in ("/dev/null", "/dev/stdout", "/dev/stderr", "/dev/tty"):
        return
    where = posixpath.normpath(where)
    if where.startswith("/dev/tcp/") and where.count("/") == 4 and content is not None:
        _typed(shell, where, content, state)
        return
    if where in shell.channels:
        script, at = shell.channels.pop(where)
        reader = at.fork()
        reader.stdin = content if content is not None else unknown(Origin.INPUT)
        shell.subshell_of(lambda s: shell.script(script, [s]), reader)
        return
    existed = where in state.created or shell.world.kind(where) != "missing"
    if not existed:
        state.created |= {where}
    if content is None:
        return
    if append and (where in state.written or existed):
        content = concat((state.written.get(where) or read_file(shell, path, state), content))
    shell.saved += sum(len(piece) for piece in content.pieces if isinstance(piece, str))
    if shell.saved > MAX_SAVED:
        content = unknown(Origin.FILE, where, sources=content.sources)
    state.wrote({where: content})


def _typed(shell: Interpreter, where: str, content: Value, state: State) -> None:
    """What is written to ``/dev/tcp/HOST/PORT`` is what ``nc HOST PORT`` would be given."""
    argv = tuple(map(literal, ("nc", *where.split("/")[3:])))
    calls.perform(shell, calls.invocation(shell, calls.Call(argv, (0, 0), {}, (), content), state), state)
