"""Programs that print a name or a number: basename, pwd, mktemp, date, which, seq …"""

from __future__ import annotations

import os.path
import re
from collections.abc import Iterator

from agentguard.interpret.invocation import Effect, Invocation, Output, Written
from agentguard.interpret.values import EMPTY, Origin, Pattern, Unknown, Value, concat, literal
from agentguard.operations import ProgramCall
from agentguard.programs.contract import absolute, environment
from agentguard.programs.streams import contents, join
from agentguard.programs.text import MAX_LINES, derived
from agentguard.world.protocol import World

_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


def _line(value: Value) -> Output:
    return Output(concat((value, literal("\n"))))


def basename(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    words = call.operands if call.has("-a", "--multiple", "-s", "--suffix") else call.operands[:1]
    suffix = call.value("-s", "--suffix") or (call.operands[1] if len(call.operands) > 1 else EMPTY)
    for word in words:
        known = word.known
        if known is None:
            tail = word.pieces[-1]
            if isinstance(tail, str) and "/" in tail.rstrip("/"):
                known = tail
            else:
                yield _line(derived(invocation, word, path_safe=True))
                continue
        name = known.rstrip("/").rsplit("/", 1)[-1] or ("/" if known else "")
        end = suffix.known or ""
        yield _line(literal(name.removesuffix(end) if name != end else name, *word.sources))


def dirname(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    for word in call.operands:
        known = word.known
        if known is not None:
            yield _line(
                literal(os.path.dirname(known.rstrip("/")) or ("/" if known.startswith("/") else "."), *word.sources)
            )
        elif isinstance(word.pieces[-1], str) and "/" in word.pieces[-1].rstrip("/"):
            tail = word.pieces[-1].rstrip("/").rpartition("/")[0]
            yield _line(Value((*word.pieces[:-1], *((tail,) if tail else ())), word.sources))
        elif "/" in word.prefix.rstrip("/") and len(word.pieces) == 2 and getattr(word.pieces[1], "path_safe", False):
            yield _line(literal(word.prefix.rpartition("/")[0]))
        else:
            yield _line(derived(invocation, word))


def realpath(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """realpath and ``readlink -f``."""
    if call.program == "readlink" and not call.has("-f", "-e", "-m", "--canonicalize", "--canonicalize-existing"):
        yield Output(derived(invocation, join(call.operands)))
        return
    for word in call.operands:
        known = absolute(word, invocation).known
        if known is None or call.has("--relative-to", "--relative-base"):
            yield _line(derived(invocation, word))
        else:
            path = os.path.normpath(known)
            yield _line(literal(path if invocation.place else world.resolve(path), *word.sources))


def pwd(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    yield _line(invocation.cwd)


def mktemp(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """A fresh path; the random letters are made from where the command stands, so that later words can name it."""
    template = call.operands[0] if call.operands else literal("tmp.XXXXXXXXXX")
    folder = environment("TMPDIR", invocation, world)
    base = call.value("-p", "--tmpdir") or (folder if folder is not None and folder.pieces else literal("/tmp"))
    known = template.known
    if known is None:
        path: Value = template
    else:
        seed = sum((i + 1) * (start + 1) for i, start in enumerate((*invocation.span, len(invocation.trail))))
        letters = "".join(_LETTERS[(seed * (i + 3) + i) % len(_LETTERS)] for i in range(40))
        name = re.sub(r"X{3,}(?=[^X/]*$)", lambda m: letters[: len(m[0])], known)
        path = literal(name)
    if not call.operands or call.has("-t", "-p", "--tmpdir"):
        path = path if path.prefix.startswith("/") else concat((base, literal("/"), path))
    where = absolute(path, invocation)
    if not call.has("-u", "--dry-run"):
        yield Written(where, None if call.has("-d", "--directory") else EMPTY)
    yield _line(path)


def number(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """Programs that print something short without a slash: date, wc, nproc, id, uname, hostname, whoami …"""
    sources = invocation.stdin.sources if invocation.stdin is not None else frozenset()
    slash = any("/" in word.prefix for word in call.operands)
    piece = Unknown(Origin.OUTPUT, call.program, many=not call.operands, path_safe=not slash)
    yield Output(Value((piece,), sources | {f"cmd:{call.program}"}))


def ls(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """Names in a directory, which hold no slash; operands that are no directories are printed as they are."""
    some = Unknown(Origin.OUTPUT, "ls", many=True, path_safe=True)
    sources = frozenset({"cmd:ls"})
    if call.has(*_LONG):
        yield Output(Value((Unknown(Origin.OUTPUT, "ls", many=True),), sources))
        return
    for word in call.operands or (literal("."),):
        known = absolute(word, invocation).known
        entries = not call.has("-d", "--directory") and known is not None and world.kind(known) != "file"
        shown = (some,) if entries else tuple(some if isinstance(p, Pattern) else p for p in word.pieces)
        yield _line(Value(shown, sources | word.sources))


#: Options with which a line of ``ls`` is more than a name, or a name is more than one component.
_LONG = frozenset(("-l", "-n", "-o", "-g", "-s", "-i", "-R", "-Z", "-m", "-Q", "--recursive", "--size", "--inode"))


def seq(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    numbers = [word.known or "" for word in call.operands]
    if not numbers or not all(re.fullmatch(r"-?\d{1,9}", text) for text in numbers) or call.has("-f", "--format"):
        yield from number(call, invocation, world)
        return
    values = [int(text) for text in numbers]
    first, step, last = (
        (1, 1, values[0]) if len(values) == 1 else (values[0], 1, values[1]) if len(values) == 2 else values[:3]
    )
    step = step or 1
    count = max(0, (last - first) // step + 1)
    if count > MAX_LINES:
        yield from number(call, invocation, world)
        return
    separator = (call.value("-s", "--separator") or literal("\n")).known or "\n"
    texts = [str(first + i * step) for i in range(count)]
    if call.has("-w", "--equal-width"):
        width = max(map(len, texts), default=0)
        texts = [text.zfill(width) for text in texts]
    yield Output(literal(separator.join(texts) + "\n") if texts else EMPTY)


def yes(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """Without end; a few lines stand for all."""
    line = concat((join(call.operands) if call.operands else literal("y"), literal("\n")))
    yield Output(concat([line] * 3))


def printenv(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    if not call.operands:
        yield Output(Value((Unknown(Origin.OUTPUT, "the environment", many=True),), frozenset({"env:*"})))
        return
    for word in call.operands:
        name = word.known
        value = environment(name, invocation, world) if name else None
        if name is None:
            yield Output(derived(invocation, word))
        elif value is not None:
            yield _line(Value(value.pieces, value.sources | {f"env:{name}"}))


def which(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """which, ``command -v``, ``type -p``: a program's name stays its own behind any directory."""
    words = [word for word in call.operands if not word.prefix.startswith("-")]
    if call.program == "type" and not call.has("-p", "-P"):
        yield Output(derived(invocation, join(words)))
        return
    for word in words:
        known = word.known
        if known is None:
            yield _line(concat((literal("/usr/bin/"), word)))
        elif known:
            yield _line(literal(known if "/" in known else f"/usr/bin/{known}"))


def nothing(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """Programs that print nothing."""
    yield Output(EMPTY)


def paste(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """``paste -s -d X``: the lines of one input joined."""
    text = contents(call.operands, invocation, world)
    known = text.known
    separator = (call.value("-d", "--delimiters") or literal("\t")).known
    if known is None or separator is None or not call.has("-s", "--serial") or len(call.operands) > 1:
        yield Output(derived(invocation, text))
        return
    glue = separator.replace("\\n", "\n").replace("\\0", "")[:1]
    yield Output(literal(glue.join(known.removesuffix("\n").split("\n")) + "\n", *text.sources))
