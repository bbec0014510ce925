"""Programs that remove, move, copy and overwrite files: what each of their operands loses."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence

from agentguard import regex
from agentguard.interpret.invocation import Effect, Invocation, Written
from agentguard.interpret.values import EMPTY, Origin, Unknown, Value, literal
from agentguard.operations import (
    DeviceWrite,
    FileDelete,
    FileMove,
    FileOverwrite,
    FileRead,
    PermissionChange,
    ProgramCall,
)
from agentguard.programs.contract import absolute, read_text, written
from agentguard.programs.streams import flowing, opened
from agentguard.world import paths
from agentguard.world.path_names import soft_device
from agentguard.world.protocol import World


def overwrite(
    path: Value,
    invocation: Invocation,
    world: World,
    *,
    append: bool = False,
    secure: bool = False,
    replaces: bool = False,
    through: bool = True,
) -> Iterator[Effect]:
    """Writing to a path: a raw device, nothing at all for the null device, or a file (``through`` a link)."""
    known = path.known
    if known and _is_soft(known):  # these are links to what is open, and nothing of their own
        return
    if through and known and not invocation.place and world.kind(known) == "link":
        path = literal(world.resolve(known), *path.sources)
    head, _, tail = posixpath.normpath(path.known or path.prefix or ".").partition("/dev/")
    if not head and tail:
        name = tail.split("/")[0]
        if name != "shm":
            if not soft_device(name):
                yield DeviceWrite(path)
            return
    yield FileOverwrite(path, append=append, secure=secure, replaces=replaces)


def _is_soft(path: str) -> bool:
    head, _, tail = posixpath.normpath(path).partition("/dev/")
    name = tail.split("/")[0]
    return not head and name != "shm" and soft_device(name)


def named(call: ProgramCall, invocation: Invocation) -> list[Value]:
    """The operands as absolute paths."""
    return [absolute(word, invocation) for word in call.operands if word.pieces]


def remove(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """rm, unlink, srm, wipe, trash-empty."""
    recursive = call.has("-r", "-R", "--recursive")
    for path in named(call, invocation):
        known = path.known
        if not recursive and known and not invocation.place and world.kind(known.rstrip("/") or "/") == "directory":
            continue  # refused: it is a directory
        yield FileDelete(path, recursive)
        for source in (written(path, invocation) or EMPTY).sources:  # brought there just before
            if source.startswith("moved:"):
                yield FileDelete(literal(source[6:]), recursive)


def remove_empty(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """rmdir refuses directories that hold something, so nothing is lost."""
    return iter(())


def shred(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    for path in named(call, invocation):
        yield from overwrite(path, invocation, world, secure=True)
        if call.has("-u", "--remove"):
            yield FileDelete(path, False)


def truncate(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    size = (call.value("-s", "--size") or EMPTY).known or ""
    for path in named(call, invocation):
        yield from overwrite(path, invocation, world, append=size.startswith("+"), replaces=True)


def _into(target: Value, source: Value, invocation: Invocation, world: World) -> Value:
    """Where a source ends up: inside of a directory, or under the new name itself."""
    known = target.known
    if known is None:
        return target
    is_directory = (
        known.endswith("/") or posixpath.normpath(known) in invocation.created or world.kind(known) in ("directory",)
    )
    if world.kind(known) == "link":
        is_directory = world.kind(world.resolve(known)) == "directory"
    if not is_directory or written(target, invocation) is not None:
        return target
    name = (source.known or "").rstrip("/").rpartition("/")[2]
    if source.known is None:
        return Value((f"{known.rstrip('/')}/", Unknown(Origin.EXPANSION, str(source), path_safe=True)))
    return literal(f"{known.rstrip('/')}/{name}") if name else target


def _sources_and_target(call: ProgramCall, invocation: Invocation) -> tuple[list[Value], Value | None]:
    target = call.value("-t", "--target-directory")
    words = named(call, invocation)
    if target is not None:
        known = target.known
        return words, absolute(literal(known.rstrip("/") + "/") if known else target, invocation)
    return (words[:-1], words[-1]) if len(words) > 1 else ([], None)


def move(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    sources, target = _sources_and_target(call, invocation)
    if target is None:
        return
    careful = call.has("-n", "--no-clobber", "-b", "--backup", "-i", "--interactive")
    exact = call.has("-T", "--no-target-directory")
    for source in sources:
        end = target if exact else _into(target, source, invocation, world)
        if target.known == "/dev/null":
            yield FileDelete(source, True)
            continue
        yield FileMove(source, end, careful)
        if not careful:
            yield from overwrite(end, invocation, world, replaces=not _rework(source, end, invocation), through=False)
            yield from _moved_before(end, invocation)
        yield Written(end, _carried(source, "moved", invocation, world))
    several = len(sources) > 1 or any(source.known is None for source in sources)
    if several and not careful and target.known and not target.known.endswith("/"):
        if world.kind(target.known) == "missing" and posixpath.normpath(target.known) not in invocation.created:
            for source in sources:  # all become one file: only the last one is left
                yield FileOverwrite(source, replaces=True)


def _rework(source: Value, target: Value, invocation: Invocation) -> bool:
    """``sort f > new && mv new f``: the new file was made from the old one, as an editor does it."""
    content = written(source, invocation)
    return content is not None and f"file:{target.known}" in content.sources


def _carried(source: Value, how: str, invocation: Invocation, world: World) -> Value | None:
    """The content of a file under its new name, with a note on where it comes from (``moved:``, ``link:``)."""
    known = source.known
    if known is None:
        return None
    text = read_text(source, invocation, world)
    return Value(text.pieces, text.sources | {f"{how}:{known}"})


def _moved_before(target: Value, invocation: Invocation) -> Iterator[Effect]:
    """A second ``mv`` to the same name loses the file that the first one brought there."""
    content = written(target, invocation) or EMPTY
    for source in content.sources:
        if source.startswith("moved:"):
            yield FileOverwrite(literal(source[6:]), replaces=True)


def copy(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """cp and install: reads the sources, replaces what is at the target."""
    sources, target = _sources_and_target(call, invocation)
    if call.program == "install" and call.has("-d", "--directory"):
        for path in named(call, invocation):
            yield Written(path, None)
        return
    recursive = call.has("-r", "-R", "--recursive", "-a", "--archive")
    careful = call.has("-n", "--no-clobber", "-b", "--backup", "-u", "--update", "-i", "--interactive")
    for source in sources:
        if source.known != "/dev/null":
            yield FileRead(source, recursive)
        if target is None:
            continue
        whole = call.has("-T", "--no-target-directory")
        whole = whole or (recursive and (source.known or str(source)).endswith(("/.", "/*", "*")))
        end = target if whole else _into(target, source, invocation, world)
        if not careful:
            if whole:  # poured into what is there
                yield from overwrite(target, invocation, world, append=True)
            else:
                yield from overwrite(end, invocation, world, replaces=True)
        yield Written(end, EMPTY if source.known == "/dev/null" else _text(source, recursive, invocation, world))


def _text(source: Value, recursive: bool, invocation: Invocation, world: World) -> Value | None:
    return None if recursive or source.known is None else read_text(source, invocation, world)


def link(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """``ln -f`` removes what is at the new name; a link makes one file reachable under another name."""
    sources, target = _sources_and_target(call, invocation)
    for source in sources:
        if target is None:
            continue
        end = target if call.has("-n", "-T", "--no-dereference") else _into(target, source, invocation, world)
        if call.has("-f", "--force"):
            yield from overwrite(end, invocation, world, replaces=True, through=False)
        yield Written(end, _carried(source, "link", invocation, world))


def tee(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    append = call.has("-a", "--append")
    text = invocation.stdin.known if invocation.stdin is not None else None
    blank = text is not None and not text.strip()
    for path in named(call, invocation):
        empties = not append and (blank or flowing(opened(path, invocation), invocation))
        yield from overwrite(path, invocation, world, append=append, replaces=empties)


def dd(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    source, target = _assigned(call.operands, "if="), _assigned(call.operands, "of=")
    if source is not None:
        yield FileRead(absolute(source, invocation))
    if target is not None:
        keeps = any("notrunc" in (word.known or "") for word in call.operands)
        inside = keeps and _assigned(call.operands, "seek=") is not None
        place = absolute(target, invocation)
        yield from overwrite(place, invocation, world, append=inside, replaces=not inside)


def _assigned(words: Sequence[Value], name: str) -> Value | None:
    """The value of a ``name=value`` operand."""
    found = None
    for word in words:
        if word.prefix.startswith(name):
            found = Value(((word.prefix[len(name) :],) if word.prefix != name else ()) + word.pieces[1:], word.sources)
    return found


def made(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """mkdir, touch: new names that did not exist."""
    for path in named(call, invocation):
        yield Written(path, None if call.program == "mkdir" else EMPTY, append=True)


_MODE_WORD = regex.compile(r"[-+=][aAcCdDeFijmPsStTurwxXugo,+=-]+")


def permissions(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """chmod, chown, chgrp, chattr, setfacl: ``-w`` and ``-i`` may be modes, though they look like options."""
    words = list(call.operands)
    mode = call.value("--modify", "--remove", "--reference", "-b")
    if mode is None and call.program != "setfacl":
        signs = [o.name for o in call.options if _MODE_WORD.fullmatch(o.name) and o.name not in _OPTIONS[call.program]]
        if signs:
            mode = literal(signs[0])
        elif words:
            mode = words.pop(0)
    text = str(mode) if mode is not None else ""
    for path in words:
        yield PermissionChange(absolute(path, invocation), text, call.has("-R", "--recursive"))


#: Single letters that are options, and not modes, of each program.
_OPTIONS = {
    "chmod": ("-R", "-v", "-c", "-f", "-H", "-L", "-P"),
    "chown": ("-R", "-v", "-c", "-f", "-h", "-H", "-L", "-P"),
    "chattr": ("-R", "-V", "-f"),
}


def reads(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """Programs whose operands are files they show or forward."""
    for path in named(call, invocation):
        yield FileRead(path)


def searches(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """grep, rg, ag, sed, awk, jq: the first operand is the pattern or program unless an option gave it."""
    recursive = call.has("-r", "-R", "--recursive", "--dereference-recursive") or call.program in ("rg", "ag", "ack")
    given = call.has("-e", "--regexp", "-f", "--file", "--expression", "--from-file", "--files")
    words = call.operands if given else call.operands[1:]
    if recursive and not words and invocation.stdin is None:
        words = (literal("."),)
    for word in words:
        if word.pieces:
            yield FileRead(absolute(word, invocation), recursive)


#: A sed script that deletes every line: ``d``, ``1,$d``, ``/./d``, ``/^/d``, ``//d``.
_ALL_LINES = regex.compile(r"\s*(?:0,\$|1,\$|/(?:\.|\.\*|\^|\^\.\*\$?|\$|)/)?\s*\{?\s*d\s*;?\s*\}?\s*")
#: sed commands that print although ``-n`` is given.
_PRINTS = regex.compile(r"[pPlwWiarRcex=]")
#: gawk's own library that writes every file operand anew.
_IN_PLACE = regex.compile(r"(?:.*/)?inplace(?:\.awk)?")
_ASSIGNMENT = regex.compile(r"[A-Za-z_]\w*=")


def edits(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """``sed -i``, ``awk -i inplace``: every file operand is rewritten, or emptied where every line is deleted."""
    yield from searches(call, invocation, world)
    if call.program == "awk":
        included = call.values("-i", "--include", "-l", "--load")
        if not any(_IN_PLACE.fullmatch(word.known or "") for word in included):
            return
        given = call.has("-e", "--source", "-f", "--file")
        scripts: Sequence[Value] = ()
    elif call.has("-i", "--in-place", "-I"):
        given = call.has("-e", "--expression", "-f", "--file")
        scripts = call.values("-e", "--expression") if given else call.operands[:1]
    else:
        return
    texts = [script.known if script.known is not None else "p" for script in scripts]
    emptied = any(map(_ALL_LINES.fullmatch, texts)) or (
        bool(texts) and call.has("-n", "--quiet", "--silent") and not any(_PRINTS.search(text) for text in texts)
    )
    for word in call.operands if given else call.operands[1:]:
        if word.pieces and not (call.program == "awk" and _ASSIGNMENT.match(word.prefix)):
            yield FileOverwrite(absolute(word, invocation), append=not emptied, replaces=emptied)


def rsync(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    if call.has("-n", "--dry-run", "--list-only"):
        return
    words = list(call.operands)
    if len(words) < 2:
        return
    target = words[-1]
    deletes = any(option.name.startswith(("--delete", "--del")) for option in call.options)
    for source in words[:-1]:
        if not _remote(source):
            yield FileRead(absolute(source, invocation), True)
            if call.has("--remove-source-files"):
                yield FileDelete(absolute(source, invocation), True)
    if deletes and not _remote(target):
        yield FileDelete(absolute(target, invocation), True, contents_only=True)
    elif not _remote(target):
        end = absolute(target, invocation)
        if len(words) == 2 and world.kind(end.known or "/") == "file" and not call.has("-u", "--update", "--backup"):
            yield from overwrite(end, invocation, world, replaces=True)
        yield from poured(end, invocation, world)
        yield Written(absolute(target, invocation), None)


#: places of the system that are there for others to unpack into
_FOR_OTHERS = ("/usr/local", "/opt", "/srv", "/var")


def poured(target: Value, invocation: Invocation, world: World) -> Iterator[Effect]:
    """Unpacking or copying a tree over the home directory, the root or a directory of the system replaces what lies
    there."""
    known = (target.known or "").rstrip("/") or ("/" if target.known else "")
    if not known or f"{known}/".startswith(tuple(f"{place}/" for place in _FOR_OTHERS)):
        return
    if known in ("/", world.home.rstrip("/")) or "system" in paths.classify(known, invocation, world):
        yield FileOverwrite(literal(known), replaces=True)


def _remote(word: Value) -> bool:
    head = word.prefix
    return ":" in head.split("/")[0] and not head.startswith("/") and not head.startswith(".")


def output(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """Programs that write to the file of an option or to their operand: ``sort -o``, ``sponge``."""
    paths = call.operands if call.program == "sponge" else call.values("-o", "--output")
    for path in paths:
        added = call.program == "sponge" and call.has("-a")
        yield from overwrite(absolute(path, invocation), invocation, world, append=added)
