"""Operations that touch the guard itself: its files, processes, package, settings, approvals, and ways round it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from agentguard import regex
from agentguard.interpret.invocation import Effect, InnerCommand, InnerScript, Invocation
from agentguard.interpret.values import Origin, Pattern, Unknown, Value
from agentguard.operations import (
    FileDelete,
    FileMove,
    FileOverwrite,
    Operation,
    PermissionChange,
    PolicyTamper,
    ProgramCall,
    SqlStatement,
)
from agentguard.programs.contract import absolute
from agentguard.world import path_names
from agentguard.world.protocol import World

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

_NAME: Final = "agentguard"
_NAMES: Final = frozenset((_NAME, "agentguard-shell", "agentguard-hook"))
#: what of agentguard's own command line changes nothing
_HARMLESS: Final = frozenset(
    (
        *("exec", "explain", "check", "scan", "rules", "version", "help", "completions", "pending", "status"),
        *("doctor", "log"),
    )
)
_HARMLESS_BELOW: Final = {
    "rules": frozenset(("list", "show", "test", "new", "check")),
    "config": frozenset(("show", "get", "path", "list", "check", "example")),
    "audit": frozenset(("show", "list", "verify", "tail", "export", "path", "search")),
    "requests": frozenset(("list", "show")),
}
#: variables that say which shell a harness runs
_SHELL_VARIABLES: Final = frozenset(("CLAUDE_CODE_SHELL", "CLAUDE_CODE_SHELL_PREFIX", "AIDER_SHELL"))
#: words and options by which a package manager takes something away or puts something else in its place
_REMOVING: Final = frozenset(
    ("uninstall", "remove", "rm", "purge", "erase", "del", "delete", "autoremove", "unlink", "un", "r", "uninject")
)
_REMOVING_OPTIONS: Final = ("--remove", "--purge", "--erase", "--uninstall", "--force-reinstall", "--force-all", "-e")
_MANAGERS: Final = frozenset(
    (
        *("pip", "pip3", "uv", "pipx", "poetry", "pdm", "rye", "hatch", "conda", "mamba", "micromamba", "pixi", "brew"),
        *("apt", "apt-get", "aptitude", "dpkg", "dnf", "yum", "zypper", "rpm", "pacman", "yay", "paru", "apk", "snap"),
        *("nix-env", "nix", "npm", "pnpm", "yarn", "port", "pkg", "easy_install", "pipenv", "flatpak", "guix", "uvx"),
    )
)
_SIGNALLING: Final = frozenset(("kill", "pkill", "killall", "skill", "fuser", "xkill", "systemctl", "launchctl"))
_SERVICES: Final = frozenset(("systemctl", "launchctl"))
_READING_SERVICES: Final = frozenset(("status", "is-active", "is-enabled", "show", "cat", "list", "print", "start"))
_DECLARING: Final = frozenset(("export", "declare", "typeset", "readonly", "local", "unset", "env"))
#: programs that type, or send, what they are given to a program that runs already
_TYPING: Final = frozenset(
    (
        *("xdotool", "ydotool", "wtype", "dotool", "xte", "xvkbd", "kitty", "kitten", "wezterm", "zellij", "tmate"),
        *("gdbus", "dbus-send", "busctl", "qdbus", "qdbus6", "ttyecho", "konsole", "cliclick"),
    )
)
_ANSWERS: Final = regex.compile(r"\bagentguard\W+(?:approve|watch|passphrase|deny)\b")
#: code that reaches for the parts of the guard which answer requests
_INSIDE: Final = r"agentguard\.(?:confirm|cli)\b"
_REACHES: Final = regex.compile(
    rf"(?m)(?:^|;)\s*(?:import\s+(?:[\w.]+\s*,\s*)*{_INSIDE}|from\s+{_INSIDE}"
    r"|from\s+agentguard\s+import\s+\(?[\w\s,]*\b(?:confirm|cli)\b)"
    rf"|(?:import_module|__import__|run_module|resolve_name|find_spec)\(\s*[bruf]?[\"'](?:{_INSIDE}|agentguard[\"'])"
)
#: programs that copy to the last of their operands
_COPYING: Final = frozenset(("rsync", "scp", "rclone", "unison", "sftp"))
_SHADOWING: Final = frozenset(("alias", "hash", "enable", "unalias"))
#: the guard's files in anybody's home directory
_ELSEWHERE: Final = regex.compile(
    r"/\.(?:config|local/state|local/share|cache)/agentguard(?:/|$)|/\.local/bin/agentguard"
)
_PLACES: Final = (
    *(".config/agentguard", ".local/state/agentguard", ".cache/agentguard", ".local/share/agentguard"),
    *(".local/bin/agentguard", ".local/pipx/venvs/agentguard", ".local/share/pipx/venvs/agentguard"),
    ".local/share/uv/tools/agentguard",
)

#: marks text that may be the place where the guard is installed
_WHERE: Final = "guard:place"
_AS_A_WORD: Final = regex.compile(rf"(?<![\w./-]){_NAME}(?![\w/-])")
_LOCATING: Final = regex.compile(
    r"(?:python|pypy)[\d.]*|pip[\d.]*|uv|pipx|poetry|pdm|hatch|conda|mamba|dpkg|dpkg-query|rpm|brew|pacman|apk|which|whereis"
)


def located(invocation: Invocation) -> Value | None:
    """What a command prints that asks where the guard is installed: ``pip show agentguard``, ``python -c``."""
    name = invocation.name or ""
    if "captured" not in invocation.tags or invocation.place or not _LOCATING.fullmatch(name):
        return None
    words = [*invocation.argv[1:], *((invocation.stdin,) if invocation.stdin is not None else ())]
    if not any(_AS_A_WORD.search(str(word)) for word in words):
        return None
    return Value((Unknown(Origin.OUTPUT, name, many=True),), frozenset((f"cmd:{name}", _WHERE)))


def tamper(operation: Operation, invocation: Invocation, world: World) -> Iterable[Operation]:
    """What an operation does to the guard."""
    match operation:
        case ProgramCall():
            return _call(operation, invocation, world)
        case FileDelete(path=path) | FileOverwrite(path=path) | PermissionChange(path=path):
            return _file(path, getattr(operation, "recursive", False), invocation, world)
        case FileMove(source=source, target=target):
            return (*_file(source, True, invocation, world), *_file(target, False, invocation, world))
        case SqlStatement(database=database, verb=verb) if _NAME in database.name and verb != "SELECT":
            return (PolicyTamper("state", database.name),)
    return ()


# ---------------------------------------------------------------------------------------------- files


def _file(path: Value, recursive: bool, invocation: Invocation, world: World) -> Iterator[Operation]:
    """A change to a file of the guard, or to a directory above one."""
    if invocation.place:
        return
    text = "".join(p if isinstance(p, str) else "x" if isinstance(p, Unknown) else p.text for p in path.pieces)
    if _WHERE in path.sources:
        yield PolicyTamper("package", str(path))
    if not text.startswith("/"):
        return
    home = world.home.rstrip("/")
    if path_names.guard(text, home) or _ELSEWHERE.search(text):
        yield PolicyTamper(_kind(text), str(path))
    elif path_names.snapshot(text) and (path.known is None or _stands(text, world)):  # its harness writes it once
        yield PolicyTamper("harness", str(path))
    elif recursive and text.startswith(home) and any(isinstance(piece, Pattern) for piece in path.pieces):
        base = path.prefix.rpartition("/")[0]
        if any(f"{home}/{place}".startswith(base + "/") and _stands(f"{home}/{place}", world) for place in _PLACES):
            yield PolicyTamper("state", str(path))
    elif recursive and (text == home or f"{home}/.config" == text or text.startswith(f"{home}/.local")):
        below = text.rstrip("/") + "/"
        if any(f"{home}/{place}".startswith(below) and _stands(f"{home}/{place}", world) for place in _PLACES):
            yield PolicyTamper("state", str(path))


def _stands(path: str, world: World) -> bool:
    return world.kind(path) != "missing"


def _kind(path: str) -> str:
    if path_names.guard(path.replace(_NAME, "x"), ""):
        return "harness"
    if "/.local/state/" in path or path.endswith((".db", ".jsonl")):
        return "state"
    if "/.config/" in path or path.startswith("/etc/") or path.endswith(".agentguard.toml"):
        return "config"
    return "package"


# -------------------------------------------------------------------------------------------- programs


def _call(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Operation]:
    for variable in invocation.env:
        if variable.startswith("AGENTGUARD") or variable in _SHELL_VARIABLES:
            yield PolicyTamper("bypass", variable)
    program = call.program
    if program in _NAMES or program.startswith(f"{_NAME}."):
        yield from _own(call)
    elif program == "python":
        yield from _reaching(call, invocation)
    elif program in _TYPING:
        if _ANSWERS.search(" ".join(map(str, invocation.argv[1:]))):
            yield PolicyTamper("approve", f"{program} {_NAME}")
    elif program in _COPYING:
        for target in call.operands[-1:]:
            if ":" not in target.prefix:
                yield from _file(absolute(target, invocation), True, invocation, world)
    elif program in _MANAGERS:
        yield from _package(call)
    elif program in _SIGNALLING:
        yield from _process(call)
    elif program in _DECLARING:
        for operand in (*call.operands, *call.values("--unset")):
            name = re.match(r"\w*", operand.prefix)
            if name and (name[0].startswith("AGENTGUARD") or name[0] in _SHELL_VARIABLES):
                yield PolicyTamper("bypass", name[0])
    elif program == "git" and call.subcommand[:1] in (("rm",), ("mv",), ("checkout",), ("restore",)):
        for operand in call.operands:
            if operand.prefix.rpartition("/")[2] == ".agentguard.toml":
                yield PolicyTamper("config", operand.prefix)
    elif program in _SHADOWING:
        for operand in call.operands:
            if operand.prefix.partition("=")[0] in _NAMES:
                yield PolicyTamper("bypass", operand.prefix)


def _own(call: ProgramCall) -> Iterator[Operation]:
    """agentguard's own commands: what an agent may ask, and what only a person may do."""
    words = [*call.subcommand, *(word.known for word in call.operands)]
    if "--help" in words or "-h" in words or call.has("--help", "-h"):
        return
    if call.program.startswith(f"{_NAME}."):
        if not re.fullmatch(rf"{_NAME}\.(?:__main__|cli\.main|confirm(?:\.\w+)*)", call.program):
            return
    elif call.program != _NAME or not words:
        return
    first, second = (*words, "", "")[:2]
    if first in _HARMLESS_BELOW:
        if second in _HARMLESS_BELOW[first] or second == "":
            return
    elif first in _HARMLESS:
        return
    what = {"config": "config", "allow": "config", "install": "harness", "uninstall": "harness", "rules": "config"}
    yield PolicyTamper(what.get(first or "", "approve"), f"agentguard {' '.join(word or '…' for word in words[:3])}")


def _reaching(call: ProgramCall, invocation: Invocation) -> Iterator[Operation]:
    """Python code that imports what answers requests: it could answer them, or change how they are answered."""
    for text in (call.value("-c"), invocation.stdin):
        found = _REACHES.search(str(text)) if text is not None else None
        if found:
            yield PolicyTamper("approve", f"python: {found[0].strip()}")
            return


def _package(call: ProgramCall) -> Iterator[Operation]:
    words = call.words()
    if not any(re.match(rf"{_NAME}(?:[-=<>~!@\[ ;].*)?$", word) for word in words):
        return
    if not _REMOVING.isdisjoint(words) or call.has(*_REMOVING_OPTIONS):
        yield PolicyTamper("package", f"{call.program} {' '.join(words[:4])}")


def _process(call: ProgramCall) -> Iterator[Operation]:
    if call.program in _SERVICES and _READING_SERVICES & {*call.subcommand, *(w.known for w in call.operands)}:
        return
    for operand in call.operands:
        aimed = f"process:{_NAME}" in operand.sources or any(s.startswith("process:agentg") for s in operand.sources)
        if aimed or re.search(r"agent\W?guar", str(operand)):
            yield PolicyTamper("process", f"{call.program} {operand}")


# ---------------------------------------------------------------------------- agentguard as a program


def program(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """``agentguard exec -- COMMAND…`` and ``exec -c TEXT`` run what they are given."""
    if call.subcommand[:1] != ("exec",):
        return
    text = call.value("-c")
    if text is not None:
        yield InnerScript(text, "agentguard exec")
    elif call.operands:
        yield InnerCommand(call.operands, "agentguard exec")


def shell(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """``agentguard-shell -c TEXT`` is a shell."""
    words = invocation.argv[1:]
    for index, word in enumerate(words):
        if re.fullmatch(r"-\w*c", word.known or "") and index + 1 < len(words):
            yield InnerScript(words[index + 1], "agentguard-shell")
            return
        if not word.prefix.startswith("-"):
            yield InnerCommand((Value(("bash",)), *words[index:]), "agentguard-shell")
            return
