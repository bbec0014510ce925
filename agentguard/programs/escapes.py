"""Options of ordinary programs that hold a command: tar --checkpoint-action, zip -TT, man -P, split --filter …"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from agentguard import regex
from agentguard.interpret.invocation import Effect, InnerCommand, InnerScript, Invocation
from agentguard.interpret.values import EMPTY, Value, concat, literal
from agentguard.operations import CodeExecution, Opaque, ProgramCall
from agentguard.programs.streams import cut, join
from agentguard.world.protocol import World

#: program → options whose value is text for a shell or the words of a program
_TEXT_OPTIONS = {
    "tar": ("--use-compress-program", "--to-command", "--rsh-command", "--info-script", "-F", "--new-volume-script"),
    "zip": ("--unzip-command", "-TT"),
    "rsync": ("--rsh",),
    "split": ("--filter",),
    "sort": ("--compress-program",),
    "man": ("--pager", "-P", "--html"),
    "tcpdump": ("-z",),
    "rg": ("--pre",),
    "fzf": ("--preview", "--execute"),
    "git-annex": ("--exec",),
    "dosbox": ("-c",),
    "xterm": ("-e",),
    "konsole": ("-e",),
    "ag": ("--pager",),
    "scp": ("-S",),
    "sftp": ("-S",),
    "unison": ("-sshcmd",),
    "sshfs": ("-ssh_command",),
    "logsave": (),
}


def options(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """The commands in the options of a program."""
    for option in _TEXT_OPTIONS.get(call.program, ()):
        for text in call.values(option):
            if text.pieces:
                yield InnerScript(_trailing(text, call.program), f"{call.program} {option}")
    if call.program == "tar":
        for action in call.values("--checkpoint-action"):
            if action.prefix.startswith("exec="):
                yield InnerScript(cut(action, 5), "tar --checkpoint-action")
    if call.program in ("scp", "sftp", "rsync"):
        from agentguard.programs.remote import local_commands

        yield from local_commands(call.values("-o"), call.program)
    for text in call.values("--rsync-path") if call.program == "rsync" else ():  # a shell there starts it
        yield InnerScript(text, "rsync --rsync-path", place="ssh rsync")


def _trailing(text: Value, program: str) -> Value:
    """tcpdump and man add the name of a file."""
    return concat((text, literal(" file"))) if program == "tcpdump" else text


def netcat(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """``nc -e`` and ``ncat --exec`` give a program to whoever is on the other side."""
    program = call.value("-e", "--exec", "-c", "--sh-exec")
    if program is None:
        return
    if re.search(r"(?:^|/)(?:ba|z|da|k|fi)?sh\b|cmd|powershell|python|perl", str(program)):
        yield CodeExecution("network", str(program).split()[0] if str(program).split() else "sh")
    else:
        yield InnerScript(program, "nc -e")


def socat(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """``EXEC:"command"`` and ``SYSTEM:"command"`` addresses; with a network address on the other side it is a shell."""
    remote = any(re.match(r"(?:tcp|udp|openssl|sctp)", w.prefix, re.IGNORECASE) for w in call.operands)
    for word in call.operands[:4]:
        match = re.match(r"(?:exec|system|shell):", word.prefix, re.IGNORECASE)
        if match:
            text = cut(word, match.end())
            inner = Value((text.prefix.split(",")[0], *text.pieces[1:]), text.sources)
            if remote and re.search(r"\b(?:ba|z|da|k)?sh\b", str(inner)):
                yield CodeExecution("network", "sh")
            else:
                yield InnerScript(inner, "socat")


def terminal(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """Terminal windows: ``xterm -e COMMAND…``, ``gnome-terminal -- COMMAND…``."""
    words = invocation.argv[1:]
    for index, word in enumerate(words):
        if word.known in ("-e", "-x", "--", "--command", "--execute", "-hold") and index + 1 < len(words):
            rest = words[index + 1 :]
            if len(rest) == 1:
                yield InnerScript(rest[0], call.program)
            else:
                yield InnerCommand(rest, call.program)
            return


def gcc(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """``gcc -wrapper PROGRAM,ARGUMENT,…``."""
    words = invocation.argv[1:]
    for word, following in pairwise(words):
        if word.known == "-wrapper" and following.known is not None:
            yield InnerCommand(tuple(literal(part) for part in following.known.split(",")), "gcc -wrapper")


def cmake(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """``cmake -E`` brings its own file commands; ``cmake -P`` runs a script."""
    words = [word.known or "" for word in invocation.argv[1:]]
    if words[:1] == ["-E"] and len(words) > 1:
        rest = invocation.argv[3:]
        verb = words[1]
        if verb in ("rm", "remove", "remove_directory"):
            flags = [] if verb == "rm" else [literal("-rf" if verb == "remove_directory" else "-f")]
            yield InnerCommand((literal("rm"), *flags, *rest), f"cmake -E {verb}")
        elif verb in ("env", "time"):
            yield InnerCommand((literal(verb), *rest), f"cmake -E {verb}")
        elif verb == "rename":
            yield InnerCommand((literal("mv"), *rest), "cmake -E rename")
        elif verb == "chdir" and len(rest) > 1:
            yield InnerCommand(rest[1:], "cmake -E chdir", cwd=rest[0])
    elif "-P" in words:
        yield Opaque("the CMake script is not read")
    elif "--build" in words:
        target = next((following for word, following in pairwise(words) if word in ("--target", "-t")), "all")
        if target not in ("all", "clean", "test", "install", "package", "help"):
            yield Opaque(f"what the target {target} of the build does is not read here")


def fleet(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """pssh, pdsh and clush: one command on many machines."""
    words = call.operands
    hosts = call.value("-H", "-w", "-h", "--hosts", "-g") or EMPTY
    if words:
        yield InnerScript(join(words), call.program, place=f"ssh {hosts or 'hosts'}")


_OWN_SHELL = regex.compile(
    r"""\bsystem\s*\(?\s*(?P<q>['"])(?P<text>.*?)(?P=q)|syscmd\(`?(?P<macro>[^'`)]+)|(?:^|[;\n])\s*!\s*(?P<line>[^;\n]+)"""
)


def gnuplot(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """gnuplot, octave, dc, m4 and ftp can call a shell from their own text."""
    for text in (*call.values("-e", "--eval", "--expression"), invocation.stdin or EMPTY):
        known = str(text)
        for match in _OWN_SHELL.finditer(known):
            yield InnerScript(literal(match["text"] or match["macro"] or match["line"], *text.sources), call.program)
