"""find and fd: what they delete, and the commands they start for each name found."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from agentguard.interpret.invocation import Effect, InnerCommand, Invocation, Output
from agentguard.interpret.values import Origin, Unknown, Value, concat, literal
from agentguard.operations import FileDelete, FileOverwrite, FileRead, ProgramCall
from agentguard.programs.contract import absolute
from agentguard.world.protocol import World

_NAMES = frozenset({"-name", "-iname", "-path", "-ipath", "-wholename", "-regex", "-iregex", "-lname"})
_ONE = _NAMES | frozenset({
    "-type", "-xtype", "-size", "-mtime", "-atime", "-ctime", "-mmin", "-amin", "-cmin", "-newer", "-anewer", "-cnewer",
    "-perm", "-user", "-group", "-uid", "-gid", "-maxdepth", "-mindepth", "-links", "-inum", "-samefile", "-fstype",
    "-printf", "-regextype", "-used", "-context", "-newermt", "-newerct", "-newerat", "-ilname", "-files0-from",
})  # fmt: skip
_EXEC = frozenset({"-exec", "-execdir", "-ok", "-okdir"})


@dataclass(slots=True)
class _Search:
    """The expression read so far: where, which names, how deep."""

    starts: list[Value] = field(default_factory=list)
    only: str = ""
    negated: bool = False
    shallow: int | None = None
    deep: int = 0
    empty: bool = False
    kind: str = ""


def find(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    words = list(invocation.argv[1:])
    search = _Search()
    i = 0
    while i < len(words):
        text = words[i].known
        if text in ("-H", "-L", "-P", "-E", "-X", "-x", "-s", "-d") or (text or "").startswith(("-O", "-D")):
            i += 2 if text == "-D" else 1
        elif text is not None and (text.startswith("-") or text in ("(", "!", ",")):
            break
        else:
            search.starts.append(words[i])
            i += 1
    search.starts = search.starts or [literal(".")]
    printed = True
    while i < len(words):
        text = words[i].known or ""
        following = words[i + 1] if i + 1 < len(words) else literal("")
        if text in _NAMES and not search.negated:
            search.only = search.only or str(following).rpartition("/")[2]
        elif text == "-maxdepth":
            search.shallow = int(following.known) if (following.known or "").isdigit() else None
        elif text == "-mindepth":
            search.deep = int(following.known) if (following.known or "").isdigit() else 0
        elif text == "-type":
            search.kind = following.known or ""
        search.empty = search.empty or text == "-empty"
        search.negated = text in ("!", "-not")
        if text == "-delete":
            printed = False
            yield from _deletes(search, invocation)
        elif text in _EXEC:
            printed = False
            end = next((k for k in range(i + 1, len(words)) if words[k].known in (";", "+")), len(words))
            yield from _starts(search, words[i + 1 : end], text, invocation)
            i = end
        elif text in ("-fprint", "-fprintf", "-fls", "-fprint0"):
            yield FileOverwrite(absolute(following, invocation))
            i += 2 if text == "-fprintf" else 1
        elif text in _ONE or text.startswith("-newer"):
            i += 1
        i += 1
    for start in search.starts:
        yield FileRead(absolute(start, invocation), True) if _hunting(search) else FileRead(absolute(start, invocation))
    if printed:
        yield Output(concat([v for start in search.starts for v in (_found(start, search, many=True), literal("\n"))][:-1]))


def _hunting(search: _Search) -> bool:
    return bool(re.search(r"env|key|secret|token|cred|\.pem|passw|id_", search.only, re.IGNORECASE))


def _deletes(search: _Search, invocation: Invocation) -> Iterator[Effect]:
    for start in search.starts:
        path = absolute(start, invocation)
        if search.empty:
            continue  # only what is empty goes
        if search.shallow == 0:
            yield FileDelete(path, False)
            continue
        if search.only:
            yield FileDelete(_found(path, search, many=True), search.kind != "f", only=search.only)
        else:
            yield FileDelete(path, True, contents_only=search.deep > 0 or search.kind == "f")


def _found(start: Value, search: _Search, *, many: bool) -> Value:
    """A name that find prints: the start itself, or something below it."""
    if search.shallow == 0:
        return start
    separator = "" if (start.known or "").endswith("/") else "/"
    tail = search.only.lstrip("*") if search.only.startswith("*") and not re.search(r"[*?\[]", search.only[1:]) else ""
    plain = search.only if search.only and not re.search(r"[*?\[]", search.only) else ""
    below = Unknown(Origin.OUTPUT, "find", many=many, path_safe=True)
    end = f"/{plain}" if plain else tail
    return concat((start, literal(separator), Value((below,)), literal(end)))


def _starts(search: _Search, words: list[Value], option: str, invocation: Invocation) -> Iterator[Effect]:
    """``-exec``: the command for a name below each start, and for the start itself where it can be found."""
    if not words:
        return
    for start in search.starts:
        place = absolute(start, invocation) if option.endswith("dir") else start
        names = [_found(place, search, many=False)]
        if search.shallow != 0 and search.deep == 0 and not search.only and search.kind != "f":
            names.append(place)
        for name in names:
            argv = tuple(_filled(word, name) for word in words)
            yield InnerCommand(argv, f"{invocation.name} {option}", cwd=place if option.endswith("dir") else None)


def _filled(word: Value, name: Value) -> Value:
    known = word.known
    if known is None or "{}" not in known:
        return word
    parts = known.split("{}")
    return concat([v for i, part in enumerate(parts) for v in ((name, literal(part)) if i else (literal(part),))])


def fd(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """fd PATTERN [PATH…] -x CMD: the command for each name below the paths."""
    words = list(invocation.argv[1:])
    at = next((k for k, w in enumerate(words) if w.known in ("-x", "--exec", "-X", "--exec-batch")), None)
    search = _Search(starts=list(call.operands[1:]) or [literal(".")], only=str(call.operands[0]) if call.operands else "")
    search.only = f"*{search.only}*" if search.only and search.only != "." else ""
    if at is None:
        yield Output(concat([_found(start, search, many=True) for start in search.starts]))
        return
    inner = words[at + 1 :]
    if not any("{}" in str(word) for word in inner):
        inner.append(literal("{}"))
    yield from _starts(search, inner, "-exec", invocation)
