"""Shells: ``bash -c TEXT``, a script file, or a script on standard input."""

from __future__ import annotations

from collections.abc import Iterator

from agentguard.interpret.invocation import Effect, InnerScript, Invocation
from agentguard.interpret.values import Origin, Truth, Unknown, Value, unknown
from agentguard.light import dataclass
from agentguard.operations import CodeExecution, Opaque, ProgramCall
from agentguard.programs import zsh
from agentguard.programs.contract import read_text
from agentguard.programs.shell_arguments import WITH_FILE, Kind, ShellArgumentError, parse
from agentguard.programs.streams import provenance, readable
from agentguard.world.protocol import World

#: A script file longer than this is not followed.
MAX_SCRIPT = 65_536

_LONG_WITH_VALUE = frozenset({"--rcfile", "--init-file", "--init-command", "--config", "--env-config"})


#: shells whose command line is bash's
_LIKE_BASH = frozenset(("bash", "rbash", "sh"))


@dataclass(slots=True)
class _Arguments:
    """A shell's own words. ``rest`` is what follows the options."""

    command: bool = False
    from_stdin: bool = False
    runs_nothing: bool = False
    interactive: bool = False
    start_files: tuple[Value, ...] = ()
    rest: tuple[Value, ...] = ()


def _arguments(name: str, words: tuple[Value, ...]) -> _Arguments:
    """The words of a call. What bash would refuse is read as far as it goes: other shells may be called so."""
    half_known = any(word.known is None and word.prefix.startswith(("-", "+")) for word in words)
    if name in _LIKE_BASH and not half_known:
        try:
            return _as_bash(name, words)
        except ShellArgumentError:
            pass
    return _loosely(words)


def _as_bash(name: str, words: tuple[Value, ...]) -> _Arguments:
    """Read by the one reader of bash's command line, for which a word that is not known is no option."""
    plain = [word.known if word.known is not None else "?" for word in words]
    call = parse(plain, called=name)
    files = [words[n + 1] for n, word in enumerate(plain[: len(call.options)]) if word.lstrip("-") in WITH_FILE]
    return _Arguments(
        command=call.kind is Kind.TEXT,
        from_stdin=call.kind in (Kind.STDIN, Kind.INTERACTIVE),
        runs_nothing=call.kind is Kind.PROBE or call.noexec,
        interactive=call.interactive,
        start_files=tuple(files),
        rest=words[len(call.options) :],
    )


def _loosely(words: tuple[Value, ...]) -> _Arguments:
    """What most shells have in common. Clusters are unlike getopt's: ``-oc pipefail TEXT`` takes later words."""
    found = _Arguments()
    index = 0
    while index < len(words):
        word = words[index]
        known = word.known
        head = word.prefix
        index += 1
        if known in ("--", "-"):
            break
        if head.startswith("--") and len(head) > 2:
            name, _, glued = (known or head).partition("=")
            found.runs_nothing |= name in ("--version", "--help")
            if name == "--command":
                found.command = True
                if glued:
                    index -= 1
                    words = (*words[:index], Value((glued,), word.sources), *words[index + 1 :])
                    break
            elif name in _LONG_WITH_VALUE and not glued and index < len(words):
                found.start_files += (words[index],)
                index += 1
            continue
        if len(head) < 2 or head[0] not in "-+":
            index -= 1
            break
        for letter in head[1:]:
            if letter in "oO":
                index += 1
            elif letter in "cs":  # no shell asks for the sign of these
                found.command |= letter == "c"
                found.from_stdin |= letter == "s"
            elif letter == "n":
                found.runs_nothing = head[0] == "-"
            elif letter == "i":
                found.interactive = head[0] == "-"
    found.rest = words[index:]
    return found


def shell(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """Every shell that reads POSIX-like text."""
    name = call.program
    found = _arguments(name, invocation.argv[1:])
    if any(item.target.prefix.startswith(("/dev/tcp/", "/dev/udp/")) for item in invocation.redirections):
        yield CodeExecution("network", name)
    if found.runs_nothing:
        return
    for path in found.start_files:
        yield from script_text(read_text(path, invocation, world), name, (path,))
    if found.command:
        if found.rest:
            yield from script_text(found.rest[0], f"{name} -c", found.rest[1:])
        return
    if found.rest and not found.from_stdin:
        path = found.rest[0]
        if path.known in ("/dev/stdin", "/proc/self/fd/0", "/dev/fd/0"):
            yield from stdin_script(name, invocation, found.rest)
        else:
            yield from script_text(script_at(path, invocation, world), f"{name} {path}", found.rest)
        return
    if found.interactive and invocation.stdin is not None and invocation.stdin.unknown:
        yield CodeExecution("input", name)  # a shell that somebody at the other end of a pipe types into
        return
    yield from stdin_script(name, invocation, (invocation.argv[0], *found.rest))


def script_at(path: Value, invocation: Invocation, world: World) -> Value:
    """A script file by the path given to a shell, which also looks along PATH."""
    text = read_text(path, invocation, world)
    known = text.known
    if known is not None and (len(known) > MAX_SCRIPT or "\0" in known):
        return unknown(Origin.FILE, str(path), sources=text.sources)
    return text


def script_text(text: Value, step: str, arguments: tuple[Value, ...] = ()) -> Iterator[Effect]:
    """What running ``text`` as shell text does, whatever is known of it."""
    origin = provenance(text)
    if readable(text):
        if origin == "decoded" or (origin and not any(s.startswith("net:") for s in text.sources)):
            yield CodeExecution(origin, step.split()[0])  # the interpreter reports text that names a host
        if text.pieces:
            yield from _in_zsh(text, step)
            yield InnerScript(text, step, arguments)
        return
    yield unreadable(text, step.split()[0], step)


def _in_zsh(text: Value, step: str) -> Iterator[Effect]:
    """Text for zsh is read with the grammar of bash, which holds only for what both read alike."""
    if step.split()[0] == "zsh" and (what := zsh.otherwise(text.known or text.prefix)):
        yield Opaque(f"zsh reads {what} otherwise than bash, and this text holds one", Truth.MAYBE)


def stdin_script(name: str, invocation: Invocation, arguments: tuple[Value, ...]) -> Iterator[Effect]:
    text = invocation.stdin
    if text is None:
        yield Opaque(f"{name} without a script reads commands while it runs")
    elif readable(text):
        origin = provenance(text)
        if origin == "decoded" or (origin and not any(s.startswith("net:") for s in text.sources)):
            yield CodeExecution(origin, name)
        if text.pieces:
            yield from _in_zsh(text, name)
            yield InnerScript(text, name, arguments, stdin=unknown(Origin.INPUT, many=True))
    else:
        yield unreadable(text, name, name)


def unreadable(text: Value, interpreter: str, step: str) -> CodeExecution | Opaque:
    """Code of which nothing is known but where it comes from."""
    origin = provenance(text)
    if origin:
        return CodeExecution(origin, interpreter)
    kinds = {piece.origin for piece in text.pieces if isinstance(piece, Unknown)}
    if Origin.NETWORK in kinds:
        return CodeExecution("network", interpreter)
    if kinds & {Origin.OUTPUT, Origin.INPUT}:
        return CodeExecution("input", interpreter)
    if kinds == {Origin.FILE}:
        return Opaque(f"{step}: the script cannot be read here")
    return Opaque(f"{step}: what it runs is known only when it runs")
