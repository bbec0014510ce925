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
from agentguard.programs import options
from agentguard.programs.contract import read_text
from agentguard.programs.streams import join
from agentguard.world.protocol import World

_DELETE = frozenset(("remove-item", "rm", "del", "ri", "rd", "rmdir", "erase"))
_WEB = frozenset(("invoke-restmethod", "invoke-webrequest", "irm", "iwr", "curl", "wget"))
_LIST = frozenset(("get-childitem", "gci", "ls", "dir", "get-item", "gi"))
_WRITE = frozenset(("set-content", "clear-content", "out-file", "sc", "clc"))
#: the parameters of all cmdlets that are read here
_PARAMETERS = options.Table.from_toml({
    "names": ["cmdlet"],
    "value": "-path -literalpath -filter -include -exclude -depth -stream -credential -value -encoding -filepath -width"
    " -erroraction -ea -errorvariable -ev -warningaction -wa -outvariable -ov -uri -method -custommethod -body"
    " -headers -contenttype -infile -outfile -websession -sessionvariable -useragent -timeoutsec -maximumredirection"
    " -maximumretrycount -retryintervalsec -proxy -proxycredential -form -authentication -token -certificate"
    " -certificatethumbprint -transferencoding -httpversion -sslprotocol -operationtimeoutseconds -attributes",
    "flag": "-recurse -force -whatif -confirm -verbose -debug -usebasicparsing -skipcertificatecheck -append -noclobber"
    " -nonewline -passthru -file -directory -hidden -system -readonly -name -usedefaultcredentials -disablekeepalive",
    "same": ["-r -recurse", "-lp -literalpath -path", "-me -custommethod -method", "-u -uri", "-b -body"],
    "single_dash_long": True,
    "abbreviate": True,
    "ignore_case": True,
})  # fmt: skip
_SENT = {"-body": "--data-raw", "-outfile": "-o"}
_WORD = regex.compile(r"\"(?:[^\"`]|`.)*\"|'(?:[^']|'')*'|[^\s;|&\"']+|[;|]|&&|&")


def powershell(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """``pwsh -Command TEXT``, ``-File FILE``, ``-EncodedCommand BASE64``, or text on standard input."""
    encoded = call.value("-encodedcommand")
    text, file = call.value("-command"), call.value("-file")
    if encoded is not None:
        yield CodeExecution("decoded", call.program)
        with suppress(ValueError, binascii.Error):
            yield from _text(literal(base64.b64decode(encoded.known or "").decode("utf-16-le")), world)
        return
    words = call.operands if text is None else (text, *call.operands)
    if file is None and text is None and words and (words[0].known or "").lower().endswith(".ps1"):
        file = words[0]
    if file is not None and file.known != "-":
        yield from _file(file, invocation, world)
    elif file is None and words and words[0].known != "-":
        yield from _text(join(words), world)
    elif invocation.stdin is not None:
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
    call, plain = _parsed(words, world)
    if name in _DELETE:
        if not plain and before and before[0].lower() in _LIST:
            plain = [f"{path}/*" for path in _parsed(before, world)[1]] or ["./*"]
        recursive = any(option.name.startswith("-r") for option in call.options)
        yield InnerCommand(
            (literal("rm"), literal("-rf" if recursive else "-f"), *map(literal, plain)), "PowerShell Remove-Item"
        )
    elif name in _WEB:
        yield from _web(call)
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


def _web(call: ProgramCall) -> Iterator[Effect]:
    url = call.value("-uri") or next(iter(call.operands), None)
    if url is not None:
        method = str(call.value("-method") or "GET").upper()
        extra = [word for name, to in _SENT.items() for value in call.values(name) for word in (literal(to), value)]
        yield InnerCommand((literal("curl"), literal("-X"), literal(method), *extra, url), "PowerShell")


def _parsed(words: Sequence[str], world: World) -> tuple[ProgramCall, list[str]]:
    """A cmdlet with its parameters, and the paths it is given."""
    call = options.parse(_PARAMETERS, [literal(_plain(_parameter(word), world)) for word in words])
    given = (*call.operands, *call.values("-path", "-filepath"))
    return call, [part for word in given for part in str(word).split(",") if part]


def _parameter(word: str) -> str:
    """``-Recurse:$true`` is ``-Recurse``, ``-Depth:2`` is ``-Depth=2``."""
    name, sign, value = word.partition(":")
    if not sign or not re.fullmatch(r"-\w+", name):
        return word
    return name if value.lower() == "$true" else f"{name}={value.lstrip('$')}"


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
