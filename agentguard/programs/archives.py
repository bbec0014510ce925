"""Archives: what packing reads and removes, what unpacking lies over, and what is deleted inside of them."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from agentguard import regex
from agentguard.interpret.invocation import Effect, Invocation, Output, Written
from agentguard.interpret.values import Origin, Value, concat, literal, unknown
from agentguard.operations import FileDelete, FileOverwrite, FileRead, ProgramCall
from agentguard.programs.contract import absolute
from agentguard.programs.files import named, overwrite, poured
from agentguard.world.protocol import World

_ARCHIVE = regex.compile(r"\.(?:tar|t?gz|t?bz2?|t?xz|t?zst|lz4|lzma|Z|br|cpgz|backup|bak)(?:[.-]\w+)*$|/dev/")


def archive(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """tar: reads what it packs; ``--remove-files`` deletes it, ``--delete`` takes members out of the archive."""
    into = absolute(call.value("-C", "--directory") or literal("."), invocation)
    file = call.value("-f", "--file")
    if call.has("-c", "--create", "-r", "--append", "-u", "--update", "-A"):
        for word in call.operands:
            path = _inside(into, word, invocation)
            yield FileRead(path, True)
            if call.has("--remove-files"):
                yield FileDelete(path, True)
        if file is not None and file.known != "-" and call.has("-c", "--create"):
            mistaken = not _ARCHIVE.search(file.known or ".tar")  # ``tar cf notes.txt docs``: the name was left out
            yield from overwrite(absolute(file, invocation), invocation, world, replaces=mistaken)
            yield Written(absolute(file, invocation), None)
        if file is None or file.known == "-":
            yield _packed(call, into, invocation)
    elif call.has("--delete") and file is not None:
        yield from overwrite(absolute(file, invocation), invocation, world, replaces=True)
    elif call.has("-x", "--extract", "--get"):
        yield from poured(literal("/") if call.has("-P", "--absolute-names") else into, invocation, world)


def unzip(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """unzip: ``-o`` replaces without asking, ``-d`` says where."""
    if call.has("-l", "-t", "-v", "-z", "-p", "-n"):
        return
    into = absolute(call.value("-d") or literal("."), invocation)
    yield from poured(into, invocation, world)


def _inside(directory: Value, word: Value, invocation: Invocation) -> Value:
    return absolute(word if word.prefix.startswith("/") else concat((directory, literal("/"), word)), invocation)


def _packed(call: ProgramCall, directory: Value, invocation: Invocation) -> Output:
    """An archive on standard output carries the content of what it packs."""
    paths = [_inside(directory, word, invocation).known for word in call.operands]
    sources = {f"file:{posixpath.normpath(path)}" for path in paths if path is not None}
    return Output(unknown(Origin.OUTPUT, call.program, many=True, sources=sources | {f"cmd:{call.program}"}))


def zipped(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """zip: ``-m`` moves files into the archive, ``-d`` deletes from it."""
    if call.has("-d", "--delete"):
        for path in named(call, invocation)[:1]:
            yield from overwrite(path, invocation, world, replaces=True)
        return
    for path in named(call, invocation)[1:]:
        yield FileRead(path, call.has("-r"))
        if call.operands[0].known == "-":
            yield Output(unknown(Origin.OUTPUT, "zip", many=True, sources={f"file:{path}", "cmd:zip"}))
        if call.has("-m", "--move"):
            yield FileDelete(path, call.has("-r"))


def seven_zip(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """7z: ``d`` deletes from the archive, ``a -sdel`` deletes what was packed, ``x`` lies over a directory."""
    words = call.operands
    if not words:
        return
    verb, paths = words[0].known, [absolute(word, invocation) for word in words[1:]]
    if verb == "d":
        for path in paths[:1]:
            yield from overwrite(path, invocation, world, replaces=True)
    elif verb in ("a", "u"):
        for path in paths[1:]:
            yield FileRead(path, True)
            if call.has("-sdel"):
                yield FileDelete(path, True)
    elif verb in ("x", "e"):
        into = next((option.name[2:] for option in call.options if option.name.startswith("-o")), "") or "."
        yield from poured(absolute(literal(into), invocation), invocation, world)


def cpio(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """cpio: ``-p DIRECTORY`` and ``-i`` put files over what lies there."""
    if call.has("--list") or not call.has("--pass-through", "--extract"):
        return
    given = call.operands[-1:] if call.has("--pass-through") else call.values("--directory")
    for into in given or (literal("."),):
        yield from poured(absolute(into, invocation), invocation, world)
    for into in given:
        yield FileOverwrite(absolute(into, invocation), append=True)
