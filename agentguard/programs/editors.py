"""Editors, pagers and debuggers: commands they can be told to run."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from agentguard import regex
from agentguard.interpret.invocation import Effect, InnerCommand, InnerScript, Invocation
from agentguard.interpret.values import Value, literal
from agentguard.operations import FileDelete, FileOverwrite, Opaque, ProgramCall
from agentguard.programs.contract import absolute, read_text
from agentguard.programs.files import overwrite
from agentguard.programs.streams import cut
from agentguard.world.protocol import World

#: An Ex command that hands the rest to a shell: ``!cmd``, ``r !cmd``, ``w !cmd``, ``%!cmd``, ``silent !cmd``.
_BANG = regex.compile(
    r"^[\s:]*(?:(?:sil(?:ent)?!?|exe(?:cute)?|noautocmd|bufdo|windo|argdo|tabdo|sandbox|keepj\w*)[\s\"']+)*"
    r"(?:[%\d.,$']*\s*)?(?:w(?:rite)?\s+|r(?:ead)?\s*|te(?:rminal|rm)?\s*|make\s*)?!+\s*(?P<command>.+)",
    re.DOTALL,
)
_TERMINAL = regex.compile(r"^[\s:]*(?:te(?:rminal|rm)|vert\w*\s+term\w*)\s+(?:\+\+\w+\s+)*(?P<command>.+)", re.DOTALL)
_SYSTEM = regex.compile(
    r"\b(?:system|systemlist|jobstart|job_start|termopen|term_start)\s*\(\s*(['\"])(?P<command>.*?)\1"
)
_DELETE = regex.compile(r"\bdelete\s*\(\s*(?:expand\()?\s*(['\"])(?P<path>.*?)\1\)?\s*(?:,\s*(['\"])(?P<flags>\w*)\3)?")
_INNER = regex.compile(r"^[\s:]*(?P<language>py(?:thon)?3?x?|lua|perl|ruby)\s+(?P<code>.+)", re.DOTALL)
_WRITE = regex.compile(r"^[\s:]*(?:[%\d.,$']*\s*)?(?:w(?:rite)?|sav(?:eas)?|up(?:date)?)!?\s+(?!>>|!)(?P<path>\S+)\s*$")
_LANGUAGES = {"py": "python", "pe": "perl", "ru": "ruby", "lu": "lua"}


#: What an Ex command may have in front that changes nothing about it.
_EX_PREFIX = r"^[\s:]*(?:(?:sil(?:ent)?!?|noautocmd|bufdo!?|windo|argdo!?|tabdo|keepj\w*|exe(?:cute)?)[\s\"']+)*"
#: An Ex command that saves the files being edited under their own names.
_SAVES = regex.compile(
    _EX_PREFIX + r"(?:w(?:rite)?|wq|x|xit|exit|up(?:date)?|wa(?:ll)?|wqa(?:ll)?|xa(?:ll)?|norm\w*!?\s+ZZ)!?[\"'\s]*$"
)
#: An Ex or ed command that deletes every line.
_EMPTIES = regex.compile(
    _EX_PREFIX + r"(?:(?:%|[01]?\s*,\s*\$?|,)\s*d(?:e\w*)?\s*\w?"
    r"|(?:%\s*)?g(?:lobal)?\s*/(?:\^|\.\*|\$|\^\.\*\$?)?/\s*d(?:e\w*)?|(?:norm\w*!?\s+)?ggd?VG?\w*|norm\w*!?\s+gg\"?_?dG)[\"'\s]*$"
)


def vim(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """vim, nvim, vi, ex, view: ``-c``, ``+…``, ``--cmd``, ``-S FILE``, and Ex commands on standard input."""
    commands = list(_ex_commands(call, invocation, world))
    for command in commands:
        yield from ex_command(command, invocation, world)
    files = [word for word in call.operands if not word.prefix.startswith("+")]
    yield from _saved([part for command in commands for part in _parts(command.known or "")], files, invocation, world)


def _ex_commands(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Value]:
    """Every command that an editor of this family is given, in the order in which it is found."""
    yield from call.values("-c", "--cmd")
    for word in invocation.argv[1:]:
        if word.prefix.startswith("+") and word.known != "+":
            yield cut(word, 1)
    for path in call.values("-S", "-u"):
        text = read_text(path, invocation, world)
        yield from (literal(line, *text.sources) for line in (text.known or "").splitlines())
    if invocation.stdin is not None and (invocation.name in ("ex", "vi") or call.has("-e", "-E", "-s")):
        lines = (invocation.stdin.known or "").splitlines()
        yield from (literal(line, *invocation.stdin.sources) for line in lines)


def _parts(command: str) -> list[str]:
    """The commands that bars join; none is known to take the bar as its own."""
    return re.split(r"(?<!\\)\|", command)


def _saved(
    commands: Sequence[str], files: Sequence[Value], invocation: Invocation, world: World
) -> Iterator[Effect]:
    """Files that are saved after commands: changed in place, or emptied where every line was deleted."""
    if not any(_SAVES.match(command) for command in commands):
        return
    emptied = any(_EMPTIES.match(command) for command in commands)
    for path in files:
        yield from overwrite(absolute(path, invocation), invocation, world, append=not emptied, replaces=emptied)


def ex_command(command: Value, invocation: Invocation, world: World) -> Iterator[Effect]:
    """What one line of Ex commands does to the outside."""
    rest = command
    while True:
        yield from _ex_command(rest, invocation, world)
        known = rest.known
        bar = re.search(r"(?<!\\)\|", known) if known is not None else None
        if known is None or bar is None or any(bang.match(known) for bang in (_BANG, _TERMINAL, _INNER)):
            return  # a shell or another language takes the rest of the line with its bars
        rest = literal(known[bar.end() :], *command.sources)


def _ex_command(command: Value, invocation: Invocation, world: World) -> Iterator[Effect]:
    known = command.known
    if known is None:
        match = re.match(r"[\s:]*(?:\w+\s*)?!+\s*", command.prefix)
        if match:
            yield InnerScript(cut(command, match.end()), "vim !")
        return
    for pattern in (_BANG, _TERMINAL):
        bang = pattern.match(known)
        if bang:
            yield InnerScript(literal(bang["command"].rstrip("\"'"), *command.sources), "vim !")
            return
    for system in _SYSTEM.finditer(known):
        yield InnerScript(literal(system["command"], *command.sources), "vim system()")
    for delete in _DELETE.finditer(known):
        path = delete["path"].replace("~", world.home, 1) if delete["path"].startswith("~") else delete["path"]
        yield FileDelete(absolute(literal(path), invocation), "r" in (delete["flags"] or ""))
    inner = _INNER.match(known)
    if inner:
        from agentguard.programs.interpreters import LANGUAGES, run

        language = LANGUAGES[_LANGUAGES[inner["language"][:2]]]
        yield from run(language, literal(inner["code"], *command.sources), invocation, world, ())
    write = _WRITE.match(_parts(known)[0])
    if write:
        yield FileOverwrite(absolute(literal(write["path"]), invocation))


def ed(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """ed reads its commands from standard input."""
    if invocation.stdin is None or invocation.stdin.known is None:
        return
    lines = invocation.stdin.known.splitlines()
    for line in lines:
        bang = re.match(r"[\d.,$%]*\s*[rwe]?\s*!\s*(.+)", line)
        other = re.match(r"[\d.,$%]*\s*w\s+(?P<path>\S.*)", line)
        if bang:
            yield InnerScript(literal(bang[1], *invocation.stdin.sources), "ed !")
        elif other:
            yield from overwrite(absolute(literal(other["path"]), invocation), invocation, world)
    plain = [re.sub(r"^(?:[\d.,$%]+)\s*(?=wq?$)", "", line) for line in lines]
    yield from _saved(plain, call.operands[:1], invocation, world)


_LISP_SHELL = regex.compile(
    r"\(\s*(?:async-)?(?:shell-command(?:-to-string)?|start-process-shell-command|compile)\s+\"((?:[^\"\\]|\\.)*)\""
)
_LISP_PROCESS = regex.compile(
    r"\(\s*(?:call-process|process-lines|start-process)\s+((?:\"(?:[^\"\\]|\\.)*\"|nil|t|\d|\s)+)"
)
_LISP_DELETE = regex.compile(r"\(\s*delete-(file|directory)\s+\"([^\"]*)\"(\s+t)?")


def emacs(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """``emacs --batch --eval TEXT`` and ``-l FILE``."""
    texts = list(call.values("--eval", "--execute"))
    texts += call.operands if call.has("-e") else ()  # emacsclient -e
    texts += [read_text(path, invocation, world) for path in call.values("--load", "--script")]
    for text in texts:
        known = text.known
        if known is None:
            yield Opaque("the Emacs Lisp that runs cannot be read here")
            continue
        for shell in _LISP_SHELL.finditer(known):
            yield InnerScript(literal(re.sub(r"\\(.)", r"\1", shell[1]), *text.sources), "emacs")
        for process in _LISP_PROCESS.finditer(known):
            words = re.findall(r"\"((?:[^\"\\]|\\.)*)\"", process[1])
            if words:
                yield InnerCommand(tuple(map(literal, words)), "emacs")
        for delete in _LISP_DELETE.finditer(known):
            path = delete[2].replace("~", world.home, 1) if delete[2].startswith("~") else delete[2]
            yield FileDelete(absolute(literal(path), invocation), delete[1] == "directory" and bool(delete[3]))


def less(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """``less '+!command'``."""
    for word in invocation.argv[1:]:
        match = re.match(r"\+{1,2}\s*[:v]?\s*!\s*", word.prefix)
        if match:
            yield InnerScript(cut(word, match.end()), "less !")


_GDB_SHELL = regex.compile(r"^\s*(?:shell|!|make|pipe\s.*\|)\s*(?P<command>.+)", re.DOTALL)
_LLDB_SHELL = regex.compile(
    r"^\s*(?:platform\s+shell|shell|plat\s+shell)\s+(?:-h\s+)?(?:--\s+)?(?P<command>.+)", re.DOTALL
)
_DEBUG_PYTHON = regex.compile(r"^\s*(?:python|py|script|python-interactive|pi)\s+(?P<code>.+)", re.DOTALL)
_DEBUG_CALL = regex.compile(r"(?:system|popen)\s*\(\s*\"(?P<command>(?:[^\"\\]|\\.)*)\"")


def debugger(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """gdb ``-ex``, ``-x FILE``, ``--args PROGRAM…``; lldb ``-o``, ``-s FILE``."""
    commands = list(call.values("-ex", "-iex", "--eval-command", "-o", "-O", "--one-line"))
    for path in call.values("-x", "--command", "-s", "--source"):
        text = read_text(path, invocation, world)
        commands += [literal(line, *text.sources) for line in (text.known or "").splitlines()]
    if invocation.stdin is not None and invocation.stdin.known:
        commands += [literal(line) for line in invocation.stdin.known.splitlines()]
    for command in commands:
        known = command.known or command.prefix
        shell = _GDB_SHELL.match(known) or _LLDB_SHELL.match(known)
        python = _DEBUG_PYTHON.match(known)
        if shell:
            yield InnerScript(literal(shell["command"], *command.sources), f"{call.program} shell")
        elif python:
            from agentguard.programs.interpreters import LANGUAGES, run

            yield from run(LANGUAGES["python"], literal(python["code"], *command.sources), invocation, world, ())
        for found in _DEBUG_CALL.finditer(known):
            yield InnerScript(literal(found["command"], *command.sources), f"{call.program} call")
    if call.has("--args", "-args") and call.operands:
        yield InnerCommand(call.operands, call.program)
