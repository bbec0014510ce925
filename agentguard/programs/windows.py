"""PowerShell and cmd.exe, in as far as an agent on a Unix machine or in WSL writes them."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress

from agentguard import regex
from agentguard.interpret.invocation import Effect, InnerCommand, Invocation
from agentguard.interpret.values import Value, literal
from agentguard.operations import CodeExecution, FileOverwrite, Opaque, ProgramCall
from agentguard.programs.contract import read_text
from agentguard.programs.streams import join
from agentguard.world.protocol import World

_DELETE = frozenset(("remove-item", "rm", "del", "ri", "rd", "rmdir", "erase"))
_WEB = frozenset(("invoke-restmethod", "invoke-webrequest", "irm", "iwr", "curl", "wget"))
_LIST = frozenset(("get-childitem", "gci", "ls", "dir", "get-item", "gi"))
_WRITE = frozenset(("set-content", "clear-content", "out-file", "sc", "clc"))
_WORD = regex.compile(r"\"(?:[^\"`]|`.)*\"|'(?:[^']|'')*'|[^\s;|&\"']+|[;|]|&&|&")


def powershell(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """``pwsh -Command TEXT``, ``-File FILE``, ``-EncodedCommand BASE64``, or text on standard input."""
    words = invocation.argv[1:]
    for index, word in enumerate(words):
        name = (word.known or "").lower()
        rest = words[index + 1 :]
        if re.fullmatch(r"-c(?:o(?:m(?:m(?:and?)?)?)?)?", name):
            yield from _text(join(rest), world)
            return
        if re.fullmatch(r"-e(?:c|nc\w*)?", name) and rest:
            yield CodeExecution("decoded", call.program)
            with suppress(ValueError, binascii.Error):
                yield from _text(literal(base64.b64decode(rest[0].known or "").decode("utf-16-le")), world)
            return
        if re.fullmatch(r"-f(?:ile)?", name) and rest:
            yield from _file(rest[0], invocation, world)
            return
        if not name.startswith("-"):
            if name.endswith(".ps1"):
                yield from _file(word, invocation, world)
            else:
                yield from _text(join(words[index:]), world)
            return
    if invocation.stdin is not None:
        yield from _text(invocation.stdin, world)


def _file(path: Value, invocation: Invocation, world: World) -> Iterator[Effect]:
    text = read_text(path, invocation, world)
    if text.known is None:
        yield Opaque(f"{path} cannot be read here")
    else:
        yield from _text(text, world)


def _text(text: Value, world: World) -> Iterator[Effect]:
    known = text.known
    if known is None:
        yield Opaque("part of the PowerShell text is known only when it runs")
        known = str(text)
    if re.search(r"\b(?:iex|invoke-expression)\b", known, re.IGNORECASE) and re.search(
        r"\b(?:irm|iwr|invoke-(?:restmethod|webrequest)|downloadstring|curl|wget)\b", known, re.IGNORECASE
    ):
        yield CodeExecution("network", "powershell")
    for line in known.splitlines():
        yield from _line(line, world)


def _line(line: str, world: World) -> Iterator[Effect]:
    stage: list[str] = []
    before: list[str] = []
    for word in [*_WORD.findall(line), ";"]:
        if word in (";", "|", "&&", "&"):
            if stage:
                yield from _command(stage, before, world)
            before = stage if word == "|" else []
            stage = []
        else:
            stage.append(word)


def _command(words: Sequence[str], before: Sequence[str], world: World) -> Iterator[Effect]:
    name = words[0].lower().removesuffix(".exe")
    options = {word.lower() for word in words[1:] if word.startswith("-")}
    plain = _values(words, world)
    if name in _DELETE:
        if not plain and before and before[0].lower() in _LIST:
            plain = [f"{path}/*" for path in _values(before, world)] or ["./*"]
        recursive = any(option.startswith("-r") for option in options) or ("-fo" in options and "-r" in options)
        yield InnerCommand(
            (literal("rm"), literal("-rf" if recursive else "-f"), *map(literal, plain)), "PowerShell Remove-Item"
        )
    elif name in _WEB:
        yield from _web(words, world)
    elif name in _WRITE and plain:
        yield FileOverwrite(literal(plain[0]))
    elif name in ("stop-computer", "restart-computer"):
        yield InnerCommand((literal("shutdown" if name.startswith("stop") else "reboot"),), "PowerShell")
    elif name in ("format-volume", "clear-disk", "remove-partition"):
        yield InnerCommand((literal("mkfs"), literal("/dev/sda")), f"PowerShell {words[0]}")
    elif name in ("iex", "invoke-expression"):
        for text in plain:
            yield from _text(literal(text), world)
    elif "-" not in name and not name.startswith(("$", "(", "[", "{", "@")):
        yield InnerCommand(tuple(literal(_plain(word, world)) for word in words), "PowerShell")


def _web(words: Sequence[str], world: World) -> Iterator[Effect]:
    method, url, body = "GET", "", ""
    index = 1
    while index < len(words):
        option = words[index].lower()
        value = _plain(words[index + 1], world) if index + 1 < len(words) else ""
        if option.startswith("-me"):
            method = value
        elif option in ("-uri", "-u"):
            url = value
        elif option.startswith("-b"):
            body = value
        elif not option.startswith("-"):
            url = url or _plain(words[index], world)
            index += 1
            continue
        index += 2 if option.startswith("-") else 1
    if url:
        extra = (literal("--data-raw"), literal(body)) if body else ()
        yield InnerCommand(
            (literal("curl"), literal("-X"), literal(method.upper()), *extra, literal(url)), "PowerShell"
        )


def _values(words: Sequence[str], world: World) -> list[str]:
    """The words that are no options nor the values of options other than paths."""
    found: list[str] = []
    skip = False
    for word in words[1:]:
        if word.startswith("-"):
            skip = word.lower() in ("-erroraction", "-filter", "-include", "-exclude", "-value", "-encoding")
        elif skip:
            skip = False
        else:
            found += [_plain(part, world) for part in word.split(",") if part]
    return found


def _plain(word: str, world: World) -> str:
    """A word without its quotes, home and drive letters in the Unix manner."""
    if word[:1] in "'\"" and word[-1:] == word[:1] and len(word) > 1:
        word = word[1:-1]
    word = re.sub(r"^\$(?:HOME|env:USERPROFILE|env:HOME)\b", lambda _: world.home, word, flags=re.IGNORECASE)
    if word == "~" or word.startswith(("~/", "~\\")):
        word = world.home + word[1:]
    drive = re.match(r"([A-Za-z]):([\\/]|(?=\*)|$)", word)
    if drive:
        word = f"/mnt/{drive[1].lower()}/{word[drive.end() :]}"
    return word.replace("\\", "/") if "\\" in word else word


def command_prompt(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """``cmd /c TEXT``."""
    words = invocation.argv[1:]
    while words and re.fullmatch(r"/[a-bd-jl-z](?::\w+)?", (words[0].known or "").lower()):
        words = words[1:]
    if not words or (words[0].known or "").lower() not in ("/c", "/k"):
        return
    for command in re.split(r"\s*(?:&&|\|\||&|\|)\s*", str(join(words[1:]))):
        parts = _WORD.findall(command)
        if not parts:
            continue
        name = parts[0].lower()
        if name in ("rd", "rmdir", "del", "erase"):
            flags = {part.lower() for part in parts[1:] if part.startswith("/")}
            paths = [literal(_plain(part, world)) for part in parts[1:] if not part.startswith("/")]
            yield InnerCommand((literal("rm"), literal("-rf" if "/s" in flags else "-f"), *paths), f"cmd {name}")
        elif name == "format":
            yield InnerCommand((literal("mkfs"), literal("/dev/sda")), "cmd format")
        else:
            yield InnerCommand(tuple(literal(_plain(part, world)) for part in parts), "cmd")
