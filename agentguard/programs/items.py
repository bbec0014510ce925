"""xargs and parallel: a command for each item that comes in on standard input or in the words."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence

from agentguard import regex
from agentguard.interpret.invocation import Effect, InnerCommand, InnerScript, Invocation
from agentguard.interpret.values import EMPTY, Origin, Unknown, Value, concat, literal, quoted, unknown
from agentguard.light import replace
from agentguard.operations import ProgramCall
from agentguard.programs.contract import read_text
from agentguard.programs.streams import cut, join, mapped, standard_input, words_of
from agentguard.world.protocol import World

#: Runs of the command that are followed; the rest is like them.
MAX_RUNS = 64


# ------------------------------------------------------------------------------------------- xargs


def xargs(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """``xargs COMMAND``: the items as operands, or in the place of ``{}``."""
    source = call.value("--arg-file")
    stream = read_text(source, invocation, world) if source is not None else standard_input(invocation)
    command = call.operands or (literal("echo"),)
    marker = call.value("-I", "-J")
    if marker is None and call.has("--replace"):
        marker = call.value("--replace") or literal("{}")
    whole_lines = marker is not None and not call.has("-J")
    items = _items(call, stream, lines=whole_lines)
    stdin = EMPTY if source is None else invocation.stdin
    if marker is not None and marker.known:
        name = marker.known
        for item in items[:MAX_RUNS]:
            argv = tuple(replaced(word, name, item) for word in command)
            yield InnerCommand(argv, "xargs", stdin=stdin)
        return
    if not items and not call.has("--no-run-if-empty", "-r") and stream.known is not None:
        yield InnerCommand(command, "xargs", stdin=stdin)
    for group in _groups(call, items):
        yield InnerCommand((*command, *group), "xargs", stdin=stdin)


def _items(call: ProgramCall, stream: Value, *, lines: bool) -> list[Value]:
    if call.has("--null", "-0"):
        return words_of(stream, "\0\n" if "\0" not in str(stream) else "\0")
    delimiter = call.value("--delimiter")
    if delimiter is not None:
        known = (delimiter.known or "\n").replace("\\n", "\n").replace("\\t", "\t").replace("\\0", "\0")
        return words_of(stream, known[:1] or "\n")
    if lines:
        return [mapped(item, lambda text: text.strip(" \t")) for item in words_of(stream, "\n")]
    known_text = stream.known
    if known_text is not None:
        return [Value((word,) if word else (), stream.sources) for word in _words(known_text)]
    return [_many(item) for item in words_of(stream)]


def _many(item: Value) -> Value:
    """An item with an unknown piece may be several words."""
    return Value(
        tuple(replace(p, many=True) if isinstance(p, Unknown) and not p.path_safe else p for p in item.pieces),
        item.sources,
    )


_WORD = regex.compile(r"""(?:[^\s'"\\]|\\.|'[^'\n]*'|"[^"\n]*")+""", re.DOTALL)


def _words(text: str) -> list[str]:
    """xargs' own quoting: quotes and backslashes, no expansions."""
    found = []
    for match in _WORD.finditer(text):
        found.append(re.sub(r"""\\(.)|'([^'\n]*)'|"([^"\n]*)\"""", lambda m: m[1] or m[2] or m[3] or "", match[0]))
    return found


def _groups(call: ProgramCall, items: list[Value]) -> Iterator[tuple[Value, ...]]:
    count = (call.value("--max-args") or EMPTY).known or ""
    lines = (call.value("--max-lines", "-L") or EMPTY).known or ""
    if not count.isdigit() or not int(count):
        if not lines.isdigit() and not call.has("--max-lines", "-L"):
            if items:
                yield tuple(items)
            return
        count = "1"
    size = int(count)
    for start in range(0, min(len(items), size * MAX_RUNS), size):
        yield tuple(items[start : start + size])


def replaced(word: Value, marker: str, item: Value) -> Value:
    """``word`` with every ``marker`` in its literal pieces replaced."""
    parts: list[Value] = []
    for piece in word.pieces:
        if isinstance(piece, str) and marker in piece:
            texts = piece.split(marker)
            parts.append(literal(texts[0]))
            for text in texts[1:]:
                parts += [item, literal(text)]
        else:
            parts.append(Value((piece,)))
    result = concat(parts)
    return replace(result, sources=result.sources | word.sources)


# ----------------------------------------------------------------------------------------- parallel


_FIELD = regex.compile(r"\{(?:\d*(?:\.|/|//|/\.)?|#|%)\}")


def parallel(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """``parallel COMMAND ::: ITEMS``; the command is shell text, the items are quoted into it."""
    if call.has("--dry-run"):
        return
    place = call.value("--sshlogin", "--sshloginfile", "--slf")
    where = f"ssh {place}" if place is not None and place.known not in (":", None) else None
    command, lists = _sources(call.operands, invocation, world)
    source = call.value("--arg-file")
    if source is not None:
        lists.insert(0, words_of(read_text(source, invocation, world), "\n"))
    if call.has("--pipe", "--pipepart"):
        if command:
            yield InnerScript(join(command), "parallel", stdin=standard_input(invocation), place=where)
        return
    if not lists:
        if invocation.name == "sem":
            yield InnerScript(join(command), "sem", place=where)
            return
        separator = "\0" if call.has("--null", "-0") else "\n"
        lists.append(words_of(standard_input(invocation), separator))
    runs = itertools.islice(itertools.product(*lists), MAX_RUNS)
    for items in runs:
        if not command:
            for item in items:
                yield from _whole_line(item, where)
        else:
            yield InnerScript(_filled(command, items), "parallel", place=where, stdin=EMPTY)


def _whole_line(item: Value, where: str | None) -> Iterator[Effect]:
    from agentguard.programs.shells import script_text

    for effect in script_text(item, "parallel"):
        yield replace(effect, place=where) if isinstance(effect, InnerScript) else effect


def _sources(
    words: Sequence[Value], invocation: Invocation, world: World
) -> tuple[tuple[Value, ...], list[list[Value]]]:
    """The command words before ``:::``, and the input lists (``:::`` words, ``::::`` files)."""
    command: list[Value] = []
    lists: list[list[Value]] = []
    mode = ""
    for word in words:
        known = word.known or ""
        if known in (":::", ":::+", "::::", "::::+"):
            mode = known.rstrip("+")
            if mode == ":::":
                lists.append([])
        elif mode == ":::":
            lists[-1].append(word)
        elif mode == "::::":
            lists.append(words_of(read_text(word, invocation, world), "\n"))
        else:
            command.append(word)
    return tuple(command), [found or [unknown(Origin.INPUT)] for found in lists]


def _filled(command: Sequence[Value], items: Sequence[Value]) -> Value:
    """The command line with ``{}``, ``{1}``, ``{.}`` … replaced; without any the items are appended."""
    text = join(command)
    if not any(isinstance(p, str) and _FIELD.search(p) for p in text.pieces):
        return join((text, *map(quoted, items)))
    parts: list[Value] = []
    for piece in text.pieces:
        if not isinstance(piece, str):
            parts.append(Value((piece,), text.sources))
            continue
        end = 0
        for match in _FIELD.finditer(piece):
            parts += [literal(piece[end : match.start()]), _field(match[0], items)]
            end = match.end()
        parts.append(literal(piece[end:]))
    result = concat(parts)
    return replace(result, sources=result.sources | text.sources)


def _field(field: str, items: Sequence[Value]) -> Value:
    digits = "".join(c for c in field if c.isdigit())
    if field in ("{#}", "{%}"):
        return literal("1")
    chosen = items if not digits else items[int(digits) - 1 : int(digits)]
    kind = field.strip("{}0123456789")
    values = [_part(item, kind) for item in chosen]
    return join(map(quoted, values)) if values else EMPTY


def _part(item: Value, kind: str) -> Value:
    known = item.known
    if not kind or known is None:
        return item
    base = known.rsplit("/", 1)[-1]
    if kind == "/":
        return literal(base)
    if kind == "//":
        return literal(known.rpartition("/")[0] or ".")
    stem = base.rpartition(".")[0] or base
    return literal(stem) if kind == "/." else cut(literal(known[: len(known) - len(base)] + stem), 0)
