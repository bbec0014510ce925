"""Terminal multiplexers, and programs that run text later or type it: tmux, screen, expect, at, crontab."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import pairwise

from agentguard import regex
from agentguard.interpret.invocation import Effect, InnerCommand, InnerScript, Invocation
from agentguard.interpret.values import EMPTY, Value, concat, literal
from agentguard.operations import ProgramCall
from agentguard.programs.contract import absolute, read_text
from agentguard.programs.option_table import Table
from agentguard.programs.options import parse
from agentguard.programs.shells import script_text
from agentguard.programs.streams import contents, join, readable, words_of
from agentguard.syntax.quoting import quoted as single_quoted
from agentguard.world.protocol import World

_KEYS = {"Enter": "\n", "C-m": "\n", "C-j": "\n", "KPEnter": "\n", "^M": "\n", "Space": " ", "Tab": "", "Escape": ""}

#: tmux command (and its aliases) → options with a value; all of these end in a command for a shell.
_TMUX_SHELL = {
    "new-session": ("new", "-c -e -f -F -n -s -t -x -y"),
    "new-window": ("neww", "-c -e -F -n -t"),
    "split-window": ("splitw", "-c -e -F -l -p -t"),
    "respawn-pane": ("respawnp", "-c -e -t"),
    "respawn-window": ("respawnw", "-c -e -t"),
    "run-shell": ("run", "-c -d -t"),
    "pipe-pane": ("pipep", "-t"),
    "display-popup": ("popup", "-b -c -d -e -h -s -S -t -T -w -x -y"),
}
#: tmux commands of which one word is a list of further tmux commands
_TMUX_NESTED = {
    "if-shell": ("if", "-t"),
    "bind-key": ("bind", "-N -T"),
    "set-hook": ("set-hook", "-t"),
    "confirm-before": ("confirm", "-c -p -t"),
    "command-prompt": ("command-prompt", "-I -p -t -T"),
}
_ALIASES = {alias: name for table in (_TMUX_SHELL, _TMUX_NESTED) for name, (alias, _) in table.items()}
_ALIASES |= {"send": "send-keys", "setb": "set-buffer", "set": "set-option", "setw": "set-window-option"}


@cache
def _table(name: str, value: str) -> Table:
    return Table.from_toml({"names": [name], "value": value, "stop_early": True})


def tmux(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """tmux commands, separated by a word ``;``."""
    shell = call.value("-c")
    if shell is not None:
        yield InnerScript(shell, "tmux -c")
    command: list[Value] = []
    for word in (*call.operands, literal(";")):
        known = word.known or ""
        if known == ";" or (known.endswith(";") and not known.endswith("\\;")):
            if known != ";":
                command.append(literal(known[:-1]))
            if command:
                yield from _tmux(command, invocation, world)
            command = []
        else:
            command.append(word)


def _tmux(words: Sequence[Value], invocation: Invocation, world: World) -> Iterator[Effect]:
    name = words[0].known or ""
    name = _ALIASES.get(name, name)
    if name in _TMUX_SHELL:
        found = parse(_table(name, _TMUX_SHELL[name][1]), words)
        directory = found.value("-c")
        cwd = absolute(directory, invocation) if directory is not None else None
        if not found.operands or (name == "run-shell" and found.has("-C")):
            return
        if len(found.operands) == 1:
            yield from script_text(found.operands[0], f"tmux {name}")
        else:
            yield InnerCommand(found.operands, f"tmux {name}", cwd=cwd)
    elif name == "send-keys":
        found = parse(_table(name, "-c -N -t"), words)
        yield InnerScript(keys(found.operands, literal_keys=found.has("-l")), "tmux send-keys")
    elif name == "set-buffer":
        found = parse(_table(name, "-b -n -t"), words)
        yield InnerScript(join(found.operands), "tmux set-buffer")
    elif name in _TMUX_NESTED:
        found = parse(_table(name, _TMUX_NESTED[name][1]), words)
        rest = found.operands
        if name == "if-shell" and rest:
            yield InnerScript(rest[0], "tmux if-shell")
        for word in rest[1:] if name != "confirm-before" else rest:
            inner = words_of(word)
            if inner:
                yield from _tmux(inner if len(inner) > 1 else [*rest[1:]], invocation, world)
                if len(inner) <= 1:
                    return
    elif name in ("set-option", "set-window-option"):
        for option, value in pairwise(words):
            if (option.known or "").endswith(("-command", "-shell")):
                yield InnerScript(value, "tmux set-option")


def keys(words: Sequence[Value], *, literal_keys: bool = False) -> Value:
    """What a sequence of key words types."""
    typed = (literal(_KEYS[word.known]) if not literal_keys and word.known in _KEYS else word for word in words)
    return _returns(concat(typed))


def _returns(text: Value) -> Value:
    from agentguard.programs.streams import mapped

    return mapped(text, lambda s: s.replace("\r", "\n"))


def screen(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """``screen -dmS NAME COMMAND…`` and ``screen -X stuff TEXT``."""
    words = call.operands
    if call.has("-dmS") and words:
        words = words[1:]
    if call.has("-X"):
        verb = words[0].known if words else None
        if verb == "stuff" and len(words) > 1:
            yield InnerScript(concat((_unescaped(words[1]), literal("\n"))), "screen -X stuff")
        elif verb in ("exec", "screen") and len(words) > 1:
            yield InnerCommand(words[1:], f"screen -X {verb}")
        return
    if words:
        yield InnerCommand(words, "screen")


def _unescaped(text: Value) -> Value:
    from agentguard.programs.streams import mapped

    return mapped(text, lambda s: re.sub(r"\r|\\n|\\r|\^M|\\015|\\012|\\x0[aAdD]", "\n", s))


#: words of terminals and of key presses for other windows: what follows is typed, or started in a new window
_TYPES = ("send-text", "type", "send-key-text")
_OPENS = ("launch", "spawn", "split-pane")


def remote_control(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """``kitty @ send-text TEXT``, ``wezterm cli spawn -- COMMAND``, ``xdotool type TEXT``, ``wtype TEXT``."""
    words = call.operands
    verbs = [*call.subcommand, *(word.known or "" for word in words[:3])]
    verb = next((word for word in verbs if word in (*_TYPES, *_OPENS)), "type" if call.program == "wtype" else "")
    rest = words
    for index, word in enumerate(words[:3]):
        if word.known == verb:
            rest = words[index + 1 :]
            break
    if rest and rest[0].known == "--":
        rest = rest[1:]
    step = f"{call.program} {verb}"
    if rest and verb in _TYPES:
        yield InnerScript(_unescaped(join(rest)), step)
    elif rest and verb in _OPENS:
        first = next(index for index, word in enumerate(invocation.argv) if word is rest[0])
        yield InnerCommand(invocation.argv[first:], step)  # with what the table took for options


def zellij(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """``zellij run -- COMMAND`` and ``zellij action write-chars TEXT``."""
    words = call.operands
    texts = [word.known for word in words]
    if texts[:1] == ["run"] and "--" in texts:
        yield InnerCommand(words[texts.index("--") + 1 :], "zellij run")
    elif texts[:2] == ["action", "write-chars"] and len(words) > 2:
        yield InnerScript(words[2], "zellij action write-chars")


# ----------------------------------------------------------------------------------------- expect

_SPAWN = regex.compile(r"(?:^|[;{\n])\s*(?:spawn|exec|system|overlay)\s+(?:-\w+\s+)*(?P<rest>[^\n;}]*)")
_SEND = regex.compile(
    r"""(?:^|[;{\n])\s*(?:exp_)?send(?:_user)?\s+(?:-\w+\s+)*(?:--\s+)?(?:"(?P<q>(?:[^"\\]|\\.)*)"|\{(?P<b>[^}]*)\})"""
)


def expect(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """The programs an expect script spawns, and what it types to them."""
    texts = list(call.values("-c"))
    if call.operands and not call.values("-c"):
        texts.append(read_text(call.operands[0], invocation, world))
    texts += [read_text(path, invocation, world) for path in call.values("-f")]
    if not texts and invocation.stdin is not None:
        texts.append(invocation.stdin)
    for text in texts:
        known = text.known
        if known is None:
            yield from script_text(text, "expect")
            continue
        for match in _SPAWN.finditer(known):
            if match["rest"].strip():
                yield InnerScript(literal(_tcl(match["rest"]), *text.sources), "expect spawn")
        typed = "".join(_tcl(match["q"] or match["b"] or "") for match in _SEND.finditer(known))
        if typed.strip() and "sh" in known:
            yield InnerScript(literal(typed, *text.sources, "file:expect"), "expect send")


def _tcl(text: str) -> str:
    text = re.sub(r"\\[rn]", "\n", text)
    text = re.sub(r"\{([^{}]*)\}", lambda m: single_quoted(m[1]), text)
    return re.sub(r"\\([\"$\[\]])", r"\1", text)


# ----------------------------------------------------------------------------------- deferred commands


def at(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """at and batch: the commands come from a file or from standard input."""
    if call.has("-l", "-d", "-r", "-V") or (call.has("-c") and invocation.name == "at"):
        return
    source = call.value("-f")
    if source is not None:
        yield from script_text(read_text(source, invocation, world), f"{call.program} -f {source}")
    elif invocation.stdin is not None:
        yield from script_text(invocation.stdin, call.program)


_TIME = regex.compile(r"\s*(?:@\w+|(?:[\w*/,-]+\s+){4}[\w*/,-]+)\s+(?P<command>\S.*)")


def crontab(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """The commands in a crontab that is installed from a file or from standard input."""
    if call.has("-l", "-r", "-e"):
        return
    text = contents(call.operands[:1], invocation, world)
    if call.operands or invocation.stdin is not None:
        if not readable(text):
            yield from script_text(text, "crontab")
            return
        for line in words_of(text, "\n"):
            match = _TIME.match(line.prefix)
            if match and not line.prefix.lstrip().startswith("#"):
                head = match["command"]
                command, percent, _ = head.partition("%") if "\\%" not in head else (head, "", "")
                rest = () if percent else line.pieces[1:]
                yield InnerScript(Value((command, *rest), line.sources), "crontab", stdin=EMPTY)
