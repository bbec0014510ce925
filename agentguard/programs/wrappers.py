"""Programs that start the program named by their own words.

Most differ only by how many words stand before the command; ``PREFIXES`` says that. The words themselves are sorted
by the option tables in ``rules/wrappers.toml``.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

from agentguard.interpret.invocation import Effect, InnerCommand, InnerScript, Invocation, Output
from agentguard.interpret.values import EMPTY, NOTHING, Origin, Value, literal, unknown
from agentguard.light import dataclass
from agentguard.operations import FileOverwrite, Opaque, ProgramCall
from agentguard.programs.contract import absolute, environment
from agentguard.programs.streams import assignments, join
from agentguard.world.protocol import World

PRIVILEGED = frozenset({"privileged"})
#: Variables that a privileged command keeps.
_KEPT = frozenset({"HOME", "PATH", "USER", "LOGNAME", "SHELL", "TERM", "DISPLAY", "LANG", "PWD"})


@dataclass(frozen=True, slots=True)
class Prefix:
    """How a wrapper's words lead to the command.

    ``skip`` operands stand before it. ``text`` options hold shell text, ``cwd`` options its directory, ``env``
    options ``NAME=value``. ``assigns``: operands ``NAME=value`` before the command. ``joined``: the operands are
    joined and read by a shell. ``single``: one word alone is text for a shell. ``dashes``: only words after ``--``
    are the command. ``idle`` options start nothing. ``writes`` options name a file that is overwritten. ``before``
    are words put before the command.
    """

    skip: int = 0
    text: tuple[str, ...] = ()
    cwd: tuple[str, ...] = ()
    env: tuple[str, ...] = ()
    assigns: bool = False
    joined: bool = False
    single: bool = False
    dashes: bool = False
    idle: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    #: the variable that the word skipped stands in
    names: str = ""
    tags: frozenset[str] = NOTHING


#: The command finds variables that this one does not see.
INJECTED = frozenset({"injected"})
_PLAIN = Prefix()
_ONE = Prefix(skip=1)
_DASHES = Prefix(dashes=True)

#: program, or program and sub-command, → shape; what is absent is ``_PLAIN``
PREFIXES: dict[str, Prefix] = {
    "arch": _PLAIN,
    "asdf exec": _PLAIN,
    "aws-vault exec": Prefix(skip=1, names="AWS_PROFILE", tags=INJECTED),
    "bwrap": Prefix(cwd=("--chdir",)),
    "capsh": Prefix(dashes=True, before=("bash",)),
    "chamber exec": Prefix(dashes=True, tags=INJECTED),
    "chroot": _ONE,
    "chrt": Prefix(skip=1, idle=("-p", "--pid")),
    "conda run": Prefix(cwd=("--cwd",)),
    "consul": Prefix(skip=99),
    "consul exec": Prefix(single=True),
    "consul lock": Prefix(skip=1, single=True),
    "consul watch": Prefix(single=True),
    "cross-env": Prefix(assigns=True),
    "cross-env-shell": Prefix(assigns=True, joined=True),
    "devbox run": Prefix(joined=True, cwd=("-c", "--config")),
    "direnv exec": Prefix(skip=1, tags=INJECTED),
    "distrobox enter": _DASHES,
    "doas": Prefix(tags=PRIVILEGED, idle=("-C", "-L")),
    "doppler run": Prefix(text=("--command",), tags=INJECTED),
    "dotenv run": Prefix(env=("-v",), tags=INJECTED),
    "envdir": Prefix(skip=1, tags=INJECTED),
    "faketime": _ONE,
    "firejail": _PLAIN,
    "flox activate": Prefix(dashes=True, text=("-c", "--command")),
    "fnm exec": _PLAIN,
    "gosu": Prefix(skip=1, tags=PRIVILEGED),
    "guix shell": _DASHES,
    "infisical run": Prefix(text=("--command",), tags=INJECTED),
    "ionice": Prefix(idle=("-p", "--pid", "-P", "-u")),
    "launchctl": Prefix(skip=99),
    "launchctl submit": _PLAIN,
    "launchctl asuser": _ONE,
    "lerna exec": _PLAIN,
    "mise exec": Prefix(dashes=True, text=("-c", "--command")),
    "nix develop": Prefix(text=()),
    "nix-shell": Prefix(dashes=True, text=("--run", "--command")),
    "npm exec": Prefix(text=("-c", "--call")),
    "npx": Prefix(text=("-c", "--call")),
    "nvm exec": _ONE,
    "opam exec": _DASHES,
    "perf": _PLAIN,
    "pkexec": Prefix(tags=PRIVILEGED),
    "pnpm exec": Prefix(cwd=("--dir",)),
    "proot": Prefix(cwd=("-w", "--cwd")),
    "rustup run": _ONE,
    "run0": Prefix(tags=PRIVILEGED, cwd=("-D", "--chdir"), env=("--setenv",)),
    "setpriv": _PLAIN,
    "strace": Prefix(writes=("--output",), idle=("-p", "--attach")),
    "ltrace": Prefix(writes=("--output",), idle=("-p",)),
    "systemd-nspawn": Prefix(cwd=("--chdir",), env=("--setenv",), idle=("-x", "--ephemeral", "-b", "--boot")),
    "systemd-run": Prefix(cwd=("--working-directory",), env=("--setenv",)),
    "taskset": Prefix(skip=1, idle=("-p", "--pid")),
    "time": Prefix(writes=("--output",)),
    "timeout": _ONE,
    "unshare": Prefix(cwd=("--wd",)),
    "watchexec": Prefix(),
    "with-contenv": Prefix(tags=INJECTED),
    "op run": Prefix(tags=INJECTED),
    "teller run": Prefix(tags=INJECTED),
    "dotenv": Prefix(tags=INJECTED),
}


def prefix(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """Any wrapper of which ``PREFIXES`` says everything."""
    name = " ".join((call.program, *call.subcommand[:1]))
    step = " ".join((invocation.name or call.program, *call.subcommand[:1]))
    yield from start(PREFIXES.get(name, PREFIXES.get(call.program, _PLAIN)), step, call, invocation)


def start(shape: Prefix, step: str, call: ProgramCall, invocation: Invocation) -> Iterator[Effect]:
    """The command that ``call`` starts, by its shape."""
    for path in call.values(*shape.writes):
        if not path.prefix.startswith("/dev/"):
            yield FileOverwrite(absolute(path, invocation))
    if call.has(*shape.idle):
        return
    cwd = call.value(*shape.cwd)
    cwd = absolute(cwd, invocation) if cwd is not None else None
    env: dict[str, Value | None] = dict(assignments(call.values(*shape.env))[0])
    for text in call.values(*shape.text):
        yield InnerScript(text, step, env=env, cwd=cwd, tags=shape.tags)
    words = call.operands[shape.skip :]
    if shape.names and len(call.operands) > shape.skip:
        env[shape.names] = call.operands[0]
    if shape.dashes:
        words = call.operands[call.after_dashes :] if call.after_dashes is not None else ()
    elif words and words[0].known == "--":
        words = words[1:]
    if shape.assigns:
        assigned, rest = assignments(words)
        env.update(assigned)
        words = tuple(rest)
    if not words:
        return
    if shape.joined or (shape.single and len(words) == 1):
        yield InnerScript(join(words), step, env=env, cwd=cwd, tags=shape.tags)
    else:
        words = (*map(literal, shape.before), *words)
        yield InnerCommand(words, step, env=env, cwd=cwd, tags=shape.tags)


# ----------------------------------------------------------------------------- wrappers with ways of their own


def sudo(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """sudo; ``-s`` and ``-i`` hand the words to a shell, ``-e`` edits files."""
    if call.has("--list", "--validate", "--version", "-V"):
        return
    if call.has("--edit"):
        yield from (FileOverwrite(absolute(path, invocation)) for path in call.operands)
        return
    env: dict[str, Value | None] = {}
    if not call.has("--preserve-env", "-E"):
        env = {name: None for name in invocation.env if name not in _KEPT and not name.startswith("LC_")}
    given, words = assignments(call.operands)
    env.update(given)
    directory = call.value("--chdir")
    cwd = absolute(directory, invocation) if directory is not None else None
    if not words:
        if call.has("--shell", "--login"):
            yield from _shell_on_input("sudo", invocation)
        return
    if words[0].known == "--":
        words = words[1:]
    yield InnerCommand(tuple(words), "sudo", env=env, cwd=cwd, tags=PRIVILEGED)


def env(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """env: ``-i``, ``-u NAME``, ``-C DIR``, ``-S TEXT``, assignments, then a command."""
    split = call.value("--split-string")
    words = call.operands
    clear = call.has("--ignore-environment")
    if words and words[0].known == "-":
        clear, words = True, words[1:]
    overlay: dict[str, Value | None] = {name.known or "": None for name in call.values("--unset")}
    assigned, rest = assignments(words)
    overlay.update(assigned)
    directory = call.value("--chdir")
    cwd = absolute(directory, invocation) if directory is not None else None
    if split is not None:
        text = split.known
        if text is None:
            yield Opaque("the words that env -S splits are known only when it runs")
            return
        again = tuple(literal(word) for word in _env_words(text, invocation, world))
        rest = (literal("env"), *again, *call.operands)
        overlay = {name: None for name in overlay if overlay[name] is None}
    elif rest and rest[0].known == "--":
        rest = rest[1:]
    if not rest:
        yield Output(unknown(Origin.OUTPUT, "the environment", many=True, sources=("env:*",)))
    else:
        yield InnerCommand(tuple(rest), "env", env=overlay, clear_env=clear, cwd=cwd)
        if len(rest) > 1 and not rest[0].prefix and rest[0].unknown:  # ``env $(cat .env | xargs) COMMAND``
            yield InnerCommand(tuple(rest[1:]), "env", env=overlay, clear_env=clear, cwd=cwd)


def _env_words(text: str, invocation: Invocation, world: World) -> list[str]:
    """``env -S`` splits nearly like a shell; of expansions it knows ``${NAME}``, and it has ``\\_`` and C escapes."""

    def variable(match: re.Match[str]) -> str:
        found = environment(match[1], invocation, world)
        return (found.known or "") if found is not None else ""

    text = re.sub(r"\$\{(\w+)\}", variable, text)
    text = re.sub(r"\\_", " ", text)
    text = re.sub(r"\\[cfnrtv]", " ", text)
    try:
        return shlex.split(text, comments=True)
    except ValueError:
        return text.split()


def flock(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """``flock FILE COMMAND…`` or ``flock FILE -c TEXT``; a number is an open descriptor and starts nothing."""
    words = call.operands[1:]
    text = call.value("--command")
    if words and words[0].known in ("-c", "--command"):
        text, words = (words[1] if len(words) > 1 else EMPTY), ()
    if text is not None:
        yield InnerScript(text, "flock -c")
    elif words:
        yield InnerCommand(words, "flock")


def watch(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """``watch`` joins its words for ``sh -c`` unless ``-x`` is given."""
    if not call.operands:
        return
    if call.has("--exec"):
        yield InnerCommand(call.operands, "watch")
    else:
        yield InnerScript(join(call.operands), "watch")


def su(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """``su [-] [USER [ARGUMENTS]]`` and ``runuser``; the arguments go to the user's shell."""
    words = list(call.operands)
    if call.program == "runuser" and call.has("--user"):
        if words:
            yield InnerCommand(tuple(words), "runuser", tags=PRIVILEGED)
        return
    text = call.value("--command", "--session-command")
    if text is not None:
        yield InnerScript(text, f"{call.program} -c", tags=PRIVILEGED)
        return
    if words and words[0].known == "-":
        words = words[1:]
    if len(words) > 1:
        yield InnerCommand((literal("sh"), *words[1:]), call.program, tags=PRIVILEGED)
        return
    yield from _shell_on_input(call.program, invocation)


def _shell_on_input(step: str, invocation: Invocation) -> Iterator[Effect]:
    """A login shell that reads its commands from standard input, where something is piped in."""
    if invocation.stdin is not None:
        yield InnerCommand((literal("sh"),), step, tags=PRIVILEGED)
    else:
        yield Opaque(f"{step} opens a shell")


def script(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """``script -c TEXT [FILE]``, and the BSD form ``script FILE COMMAND…``."""
    text = call.value("--command")
    if call.operands and not call.operands[0].prefix.startswith("/dev/"):
        yield FileOverwrite(absolute(call.operands[0], invocation), append=call.has("--append"))
    if text is not None:
        yield InnerScript(text, "script -c")
    elif len(call.operands) > 1:
        first = next(i for i, word in enumerate(invocation.argv) if word is call.operands[0])
        yield InnerCommand(invocation.argv[first + 1 :], "script")
    elif invocation.stdin is not None:
        yield InnerCommand((literal("sh"),), "script")


def busybox(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """``busybox APPLET …`` and ``toybox APPLET …``."""
    if call.operands:
        yield InnerCommand(call.operands, call.program)


def setarch(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """``setarch [ARCH] [OPTIONS] [COMMAND]``: the architecture may be left out."""
    words = call.operands
    if words and re.fullmatch(
        r"linux(32|64)|i[3-6]86|x86_64|aarch64|arm\w*|ppc\w*|s390x?|uname26", words[0].known or ""
    ):
        words = words[1:]
        while words and words[0].prefix.startswith("-"):
            words = words[1:]
    if words:
        yield InnerCommand(words, "setarch")


def sg(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """``sg GROUP [-c] TEXT``."""
    words = [word for word in call.operands[1:] if word.known != "-c"]
    text = call.value("-c")
    if text is not None:
        words = [text]
    if words:
        yield InnerScript(join(words), "sg")


def packaged(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """``flatpak run --command=PROGRAM APP WORDS…`` and ``snap run --shell APP WORDS…``."""
    program = call.value("--command") or (literal("sh") if call.has("--shell") else None)
    if call.subcommand[:1] == ("run",) and call.operands and program is not None:
        named = 0 if call.operands[0].prefix.startswith("-") else 1  # ``--shell=APP`` names the application itself
        yield InnerCommand((program, *call.operands[named:]), f"{call.program} run")
    elif call.subcommand[:1] == ("run",):
        yield Opaque(f"what the application of {call.program} run does is not read here")


def shell_texts(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """Programs of which each operand is a command of its own: hyperfine, concurrently."""
    for text in (*call.values("--prepare", "--setup", "--cleanup", "--conclude"), *call.operands):
        npm = re.match(r"(npm|yarn|pnpm|bun):(\S+)", text.known or "")
        if npm:
            yield InnerCommand((literal(npm[1]), literal("run"), literal(npm[2])), call.program)
        else:
            yield InnerScript(text, call.program)


def on_change(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """Programs that run a command when files change: entr, watchexec, nodemon, chokidar, onchange, reflex."""
    for text in call.values("--exec", "--command", "-c", "-x", "-s"):
        if call.program == "cargo-watch" and not call.has("-s"):
            yield InnerScript(Value(("cargo ",)) if not text.pieces else join((literal("cargo"), text)), call.program)
        else:
            yield InnerScript(text, call.program)
    words = call.operands
    if call.after_dashes is not None:
        words = words[call.after_dashes :]
    elif call.program == "chokidar":
        words = ()
    if not words:
        return
    if call.program == "nodemon":
        yield InnerCommand((literal("node"), *words), "nodemon")
    elif len(words) == 1 and " " in (words[0].known or ""):
        yield InnerScript(words[0], call.program)
    elif call.program == "entr" and call.has("-s"):
        yield InnerScript(join(words), "entr")
    else:
        yield InnerCommand(words, call.program)
