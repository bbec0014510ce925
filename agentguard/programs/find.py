"""find and fd: what they delete, and the commands they start for each name found."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agentguard import regex
from agentguard.interpret.invocation import Effect, InnerCommand, Invocation, Output
from agentguard.interpret.values import Origin, Unknown, Value, concat, literal
from agentguard.light import dataclass, field
from agentguard.operations import FileDelete, FileOverwrite, FileRead, ProgramCall
from agentguard.programs.contract import absolute
from agentguard.world.protocol import World

_NAMES = frozenset({"-name", "-iname", "-path", "-ipath", "-wholename", "-iwholename"})
_ONE = _NAMES | frozenset({
    "-type", "-xtype", "-size", "-mtime", "-atime", "-ctime", "-mmin", "-amin", "-cmin", "-newer", "-anewer", "-cnewer",
    "-perm", "-user", "-group", "-uid", "-gid", "-maxdepth", "-mindepth", "-links", "-inum", "-samefile", "-fstype",
    "-printf", "-regex", "-iregex", "-regextype", "-used", "-context", "-lname", "-ilname", "-files0-from",
})  # fmt: skip
_EXEC = frozenset({"-exec", "-execdir", "-ok", "-okdir"})
_WRITES = {"-fprint": 1, "-fprint0": 1, "-fls": 1, "-fprintf": 2}
_MAGIC = regex.compile(r"[*?\[]")


@dataclass(slots=True)
class _Search:
    """The expression read so far: where, which names, how deep.

    ``names`` are the alternatives before the last ``-o``; ``name`` is the pattern of the last component in the
    current one ("" for any). What other tests leave out is not looked at.
    """

    starts: list[Value] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    name: str = ""
    negated: bool = False
    pruned: bool = False
    shallow: int | None = None
    deep: int = 0
    empty: bool = False
    kind: str = ""

    def read(self, test: str, value: str) -> None:
        """One word of the expression with the word behind it."""
        if test in _NAMES and not self.negated:
            self.name = self.name or value.rstrip("/").rpartition("/")[2]
        elif test in ("-regex", "-iregex") and not self.negated:
            end = re.search(r"\\\.(\w+)\$?$", value)
            self.name = self.name or (f"*.{end[1]}" if end else "")
        elif test == "-maxdepth" and value.isdigit():
            self.shallow = int(value)
        elif test == "-mindepth" and value.isdigit():
            self.deep = int(value)
        elif test == "-type":
            self.kind = value
        elif test in ("-o", "-or", ","):
            if self.pruned:
                self.names.clear()
            elif self.name or not self.empty:
                self.names.append(self.name)
            self.name, self.pruned, self.empty = "", False, False
        self.pruned = self.pruned or test == "-prune"
        self.empty = self.empty or (test == "-empty" and not self.negated)
        self.negated = test in ("!", "-not")

    def patterns(self) -> list[str]:
        """The names that an action here can get; "" stands for any."""
        found = list(dict.fromkeys([*self.names, self.name]))
        return [""] if "" in found else found


def find(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    words = list(invocation.argv[1:])
    search = _Search()
    i = _starting_points(words, search)
    printed = True
    while i < len(words):
        text = words[i].known or ""
        following = words[i + 1] if i + 1 < len(words) else literal("")
        search.read(text, str(following))
        if text == "-delete":
            printed = False
            yield from _deletes(search, invocation)
        elif text in _EXEC:
            printed = False
            end = next((k for k in range(i + 1, len(words)) if words[k].known in (";", "+")), len(words))
            yield from _starts(search, words[i + 1 : end], text, invocation)
            i = end
        elif text in _WRITES:
            yield FileOverwrite(absolute(following, invocation))
            i += _WRITES[text]
        elif text in _ONE or text.startswith("-newer"):
            i += 1
        i += 1
    for start in search.starts:
        yield FileRead(absolute(start, invocation), _hunting(search))
    if printed:
        yield Output(_listing(search))


def _starting_points(words: list[Value], search: _Search) -> int:
    """Reads the options and directories in front; the index of the first word of the expression."""
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
    return i


def _hunting(search: _Search) -> bool:
    wanted = r"env|key|secret|token|cred|\.pem|passw|id_"
    return any(re.search(wanted, name, re.IGNORECASE) for name in search.patterns())


def _listing(search: _Search) -> Value:
    """What is printed: names below the starting points."""
    lines = [_found(start, search, name, many=True) for start in search.starts for name in search.patterns()]
    return concat([value for line in lines for value in (line, literal("\n"))][:-1])


def _deletes(search: _Search, invocation: Invocation) -> Iterator[Effect]:
    if search.empty:
        return  # only what holds nothing goes
    for start in search.starts:
        path = absolute(start, invocation)
        for name in search.patterns():
            if search.shallow == 0:
                yield FileDelete(path, False)
            elif name:
                yield FileDelete(_found(path, search, name, many=True), search.kind != "f", only=name)
            else:
                yield FileDelete(path, True, contents_only=search.deep > 0 or search.kind == "f")


def _found(start: Value, search: _Search, name: str, *, many: bool) -> Value:
    """A name that find prints: the start itself, or something below it."""
    if search.shallow == 0:
        return start
    separator = "" if (start.known or "").endswith("/") else "/"
    tail = name.lstrip("*") if name.startswith("*") and not _MAGIC.search(name.lstrip("*")) else ""
    end = f"/{name}" if name and not _MAGIC.search(name) else tail
    below = Unknown(Origin.OUTPUT, "find", many=many, path_safe=True)
    return concat((start, literal(separator), Value((below,)), literal(end)))


def _starts(search: _Search, words: list[Value], option: str, invocation: Invocation) -> Iterator[Effect]:
    """``-exec``: the command for the names below each start, and for the start itself where it can be found."""
    if not words or search.empty:
        return
    for start in search.starts:
        place = absolute(start, invocation) if option.endswith("dir") else start
        names = [_found(place, search, name, many=not name) for name in search.patterns()]
        if search.shallow != 0 and search.deep == 0 and search.patterns() == [""] and search.kind != "f":
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
    at = next((k for k, w in enumerate(words) if w.known in ("-x", "--exec", "-X", "--exec-batch")), len(words))
    own = [word for word in call.operands if any(word is other for other in words[:at])]
    search = _Search(starts=own[1:] or [literal(".")], deep=1)
    search.kind = (call.value("-t", "--type") or literal("")).known or ""
    search.names = [f"*.{value}" for value in call.values("-e", "--extension")]
    pattern = own[0].known if own else ""
    if search.names:
        search.name = search.names.pop()
    elif pattern and pattern != ".":
        plain = re.fullmatch(r"[\w-]+", pattern)
        search.name = pattern if call.has("-g", "--glob") else f"*{pattern}*" if plain else ""
    inner = words[at + 1 :]
    if not inner:
        yield Output(_listing(search))
        return
    if not any("{" in str(word) for word in inner):
        inner.append(literal("{}"))
    yield from _starts(search, inner, "-exec", invocation)
