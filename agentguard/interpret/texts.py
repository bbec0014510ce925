"""Shell text that is reached on the way: ``eval``, ``source``, ``bash -c``, text that bash expands twice."""

from __future__ import annotations

from agentguard.interpret.invocation import Invocation, Step
from agentguard.interpret.state import Frame, State
from agentguard.interpret.values import Truth, Unknown, Value, concat, literal
from agentguard.light import replace
from agentguard.operations import CodeExecution, Opaque
from agentguard.syntax.errors import ShellSyntaxError
from agentguard.syntax.nodes import Script, Simple, Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from agentguard.interpret.interpreter import Interpreter

#: Deeper nesting of shells, functions and wrappers is refused.
MAX_DEPTH = 24
#: Characters that stand for the unknown pieces of an inner text while it is parsed (plane 15, private use).
FIRST_HOLE = 0xF0000
MAX_HOLES = 65_000


def run(shell: Interpreter, text: Value, state: State, label: str, span: Span) -> list[State]:
    """Run shell text in the same shell (``eval``, ``source``, ``trap``)."""
    script = parsed(shell, text, state, label, span)
    if script is None:
        return [state]
    outer = state.frame
    state.frame = deeper(outer, label, span)
    results = shell.script(script, [state])
    for result in results:
        result.frame = outer
    return results


def parsed(shell: Interpreter, text: Value, state: State, label: str, span: Span) -> Script | None:
    """Parse text that is reached on the way; what is not known in it becomes holes. None: it was reported."""
    here = Invocation((literal(label),), span, state.frame.trail, {}, state.cwd, place=state.frame.place)
    for source in text.sources:
        if source.startswith("net:"):
            shell.operations.append((CodeExecution("network", label), here))
    if "decoded" in text.sources and label in ("eval", "source", "trap"):
        shell.operations.append((CodeExecution("decoded", label), here))
    if text.unknown:
        shell.operations.append((Opaque(f"part of the text that {label} runs is known only when it runs"), here))
        if not any(isinstance(piece, str) and piece.strip() for piece in text.pieces):
            return None
    source_text = pierce(shell, text)
    if not source_text.strip():
        return None
    try:
        return shell.host.parse(source_text)
    except ShellSyntaxError as error:
        from_file = any(s.startswith("file:") for s in text.sources)
        if from_file or text.unknown or shell.once:  # in a script the rest is still worth reading
            risk = Truth.NO if from_file else Truth.MAYBE
            shell.operations.append(
                (Opaque(f"the text that {label} runs is not understood: {error.reason}", risk), here)
            )
            return None
        raise ShellSyntaxError(error.kind, f"in the text that {label} runs: {error.reason}", span) from error


def pierce(shell: Interpreter, text: Value) -> str:
    out = []
    for piece in text.pieces:
        if isinstance(piece, str):
            out.append(piece)
        elif isinstance(piece, Unknown):
            if len(shell.holes) >= MAX_HOLES:
                reason = f"more than {MAX_HOLES:,} parts of what runs are known only then"
                raise ShellSyntaxError("limit", reason, shell.spans[-1])
            out.append(chr(FIRST_HOLE + len(shell.holes)))
            shell.holes.append(Value((piece,), text.sources))
        else:
            out.append(piece.text)
    return "".join(out)


def fill(shell: Interpreter, text: str) -> Value:
    if not shell.holes or text.isascii():
        return literal(text)
    values: list[Value] = []
    run = ""
    for c in text:
        index = ord(c) - FIRST_HOLE
        if 0 <= index < len(shell.holes):
            values += [literal(run), shell.holes[index]]
            run = ""
        else:
            run += c
    return concat([*values, literal(run)]) if values else literal(text)


def rescan(shell: Interpreter, text: Value, state: State, *, whole: bool = False) -> None:
    """Expand text that bash expands once more (subscripts, arithmetic, prompts): its substitutions run.

    ``whole``: as a word of its own, in which process substitutions run too.
    """
    if "(" not in str(text) and "`" not in str(text):
        return
    source = pierce(shell, text)
    if "$(" not in source and "`" not in source and not (whole and ("<(" in source or ">(" in source)):
        return
    quoteless = source.replace("'", "").replace('"', "")
    try:
        parsed = shell.host.parse(f": {source}" if whole else f": $(({quoteless}))")
    except ShellSyntaxError:
        parsed = shell.host.parse(f': "{quoteless}"')
    inner = state.fork()
    inner.out = None
    inner.frame = deeper(inner.frame, "expansion", shell.spans[-1])
    for statement in parsed.statements:
        if isinstance(statement.command, Simple):
            for word in statement.command.words:
                shell.expander.string(word, inner)
        else:
            shell.statement(statement, inner)


def deeper(frame: Frame, label: str, span: Span) -> Frame:
    """The frame inside of something that is reached from ``span``."""
    if frame.depth >= MAX_DEPTH:
        raise ShellSyntaxError("limit", f"commands are nested more than {MAX_DEPTH} levels deep", span)
    return replace(frame, trail=(*frame.trail, Step(label, span)), depth=frame.depth + 1)
