"""Variables set on the command line that change what a program does.

The driver asks for every invocation whose environment differs from the world's. Only what the command line itself
set is looked at: the user's own environment is the user's.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from agentguard import regex
from agentguard.interpret.invocation import Effect, InnerCommand, InnerScript, Invocation
from agentguard.interpret.values import Value, concat, literal
from agentguard.operations import CodeExecution, Opaque
from agentguard.programs.contract import absolute, read_text
from agentguard.programs.streams import readable
from agentguard.world.protocol import World

Handler = Callable[[str, Value, Invocation, World], Iterable[Effect]]

_SHELLS = frozenset(("bash", "sh", "dash", "zsh", "ksh", "ash", "mksh", "rbash"))
_SYSTEM = ("/usr/lib", "/lib", "/usr/local/lib", "/opt/", "/usr/lib64", "/lib64", "/nix/store", "/System/", "/Library/")
_SCRATCH = ("/tmp/", "/var/tmp/", "/dev/shm/", "/private/tmp/", "/run/user/")
#: Values of PAGER- and EDITOR-like variables that start an ordinary program.
_ORDINARY = regex.compile(
    r"(?:/usr/(?:local/)?bin/)?(?:cat|less|more|most|bat|delta|lv|moar|vi|vim|nvim|view|nano|pico|micro|emacs|emacsclient|hx"
    r"|helix|kak|ed|code|cursor|subl|mate|zed|gedit|kate|true|false|:|echo|head|tail|col|firefox|chromium|google-chrome|"
    r"open|xdg-open|wslview|touch|cp)?(?:\s+[\w./+=:,%{}-]+)*\s*"
)
_COMPILER = regex.compile(
    r"(?:[\w./+-]*/)?(?:ccache|sccache|distcc|gcc|g\+\+|clang|clang\+\+|cc|c\+\+|[\w-]+-(?:gcc|g\+\+|ld|ar)|ld|ar|lld"
    r"|mold|rustc|zig|icc|tcc|musl-gcc|nvcc)[\w.+-]*(?:\s+[\w./+=:,-]+)*"
)


def environment(invocation: Invocation, world: World) -> Iterator[Effect]:
    """What the changed variables of an invocation make it do besides."""
    for name, value in invocation.env.items():
        if value is None or not value.pieces:
            continue
        handler = _HANDLERS.get(name)
        if handler is not None:
            yield from handler(name, value, invocation, world)
        elif name.startswith(("BASH_FUNC_", "TF_CLI_ARGS_")):
            yield from (_function if name[0] == "B" else _more_words)(name, value, invocation, world)


def _place(path: str, invocation: Invocation) -> str:
    """``system``, ``scratch`` (temporary, or made by this very command) or ``other``."""
    path = posixpath.normpath(path)
    if path.startswith(_SYSTEM):
        return "system"
    made = any(one == path or one.startswith(path + "/") for one in (*invocation.created, *invocation.written))
    return "scratch" if made or f"{path}/".startswith(_SCRATCH) else "other"


# ---------------------------------------------------------------------------------- loaded libraries


def _preloaded(name: str, value: Value, invocation: Invocation, world: World) -> Iterator[Effect]:
    """Libraries that the linker loads into every program; those of the system are ordinary."""
    known = value.known
    if known is None:
        yield Opaque(f"{name} loads a library that is known only when it runs")
        return
    for path in re.split(r"[:\s]+", known):
        if "/" in path and _place(path, invocation) != "system":
            yield CodeExecution("environment", name)
            return


def _library_path(name: str, value: Value, invocation: Invocation, world: World) -> Iterator[Effect]:
    for path in str(value).split(":"):
        if path.startswith("/") and _place(path, invocation) == "scratch":
            yield CodeExecution("environment", name)
            return


def _search_path(name: str, value: Value, invocation: Invocation, world: World) -> Iterator[Effect]:
    """A program found in a directory that this command put before the system's."""
    program = invocation.argv[0].known if invocation.argv else None
    if program is None or "/" in program or invocation.place:
        return
    for entry in str(value).split(":"):
        if entry in ("/usr/bin", "/bin", "/usr/local/bin", "/sbin", "/usr/sbin") or "…" in entry:
            return
        directory = absolute(literal(entry or "."), invocation).known
        if directory is None:
            continue
        path = posixpath.normpath(f"{directory}/{program}")
        relative = not entry.startswith("/")
        if path in invocation.written or (relative and world.kind(path) == "file"):
            yield InnerCommand((literal(path), *invocation.argv[1:]), "PATH", env={"PATH": None})
            return
        if program in _BUILTIN:
            continue
        if _place(directory, invocation) == "scratch" or entry in (".", "./"):
            yield CodeExecution("environment", name)
            return
        if relative and not entry.endswith((".bin", ".venv/bin")):
            yield Opaque(f"programs are looked for in {entry or 'the working directory'} first")


_BUILTIN = frozenset(
    ("export", "cd", "echo", "printf", "test", "[", "true", "false", ":", "set", "eval", "source", ".", "exec", "read",
     "unset", "declare", "local", "type", "command", "alias", "return", "exit", "pwd", "mkdir", "chmod", "hash")
)  # fmt: skip


# ---------------------------------------------------------------------------------------- shells


def _start_file(name: str, value: Value, invocation: Invocation, world: World) -> Iterator[Effect]:
    """BASH_ENV and ENV: a file that a shell reads first; the name itself is expanded."""
    if name == "ENV" and invocation.name not in _SHELLS:
        return
    if "$(" in str(value) or "`" in str(value):
        yield _expanded(name, value)
    text = read_text(value, invocation, world)
    if text.known is not None:
        yield InnerScript(text, name, env={name: None})
    elif name == "BASH_ENV" and readable(value):
        yield CodeExecution("environment", name)


def _prompt(name: str, value: Value, invocation: Invocation, world: World) -> Iterator[Effect]:
    """Prompts are expanded; PROMPT_COMMAND is run."""
    if invocation.name not in _SHELLS:
        return
    if name == "PROMPT_COMMAND":
        yield InnerScript(value, name, env={name: None})
    elif "$(" in str(value) or "`" in str(value):
        yield _expanded(name, value)


def _expanded(name: str, value: Value) -> InnerScript:
    return InnerScript(concat((literal(': "'), value, literal('"'))), name, env={name: None})


def _function(name: str, value: Value, invocation: Invocation, world: World) -> Iterator[Effect]:
    """An exported function under the name that bash gives it in the environment."""
    known = value.known
    if known is not None and known.startswith("()"):
        yield InnerScript(literal(known[2:].strip(), *value.sources), name, env={name: None})


# ---------------------------------------------------------------------------- programs in variables


def _helper(name: str, value: Value, invocation: Invocation, world: World) -> Iterator[Effect]:
    """Pagers, editors, browsers and the like, run through a shell."""
    known = value.known
    if known is not None and len(known) < 500 and _ORDINARY.fullmatch(known):
        return
    if known is not None:
        known = re.sub(r"^\|-?\s*", "", known).replace("%s", "file")
        value = literal(known, *value.sources)
    yield InnerScript(value, name, env={name: None})


def _compiler(name: str, value: Value, invocation: Invocation, world: World) -> Iterator[Effect]:
    known = value.known
    ordinary = known is not None and len(known) < 500 and _COMPILER.fullmatch(known)
    if known is not None and not ordinary and re.search(r"[;&|`$\s]", known):
        yield InnerScript(value, name, env={name: None})


def _program(name: str, value: Value, invocation: Invocation, world: World) -> Iterator[Effect]:
    """A program named by its path alone."""
    yield InnerCommand((value,), name, env={name: None})


# --------------------------------------------------------------------------------- options in variables


def _words(value: Value) -> list[str]:
    import shlex

    try:
        return shlex.split(value.known or "")
    except ValueError:
        return []


def _more_words(name: str, value: Value, invocation: Invocation, world: World) -> Iterator[Effect]:
    """Variables whose words are added to a program's own: TF_CLI_ARGS, TAR_OPTIONS, MAKEFLAGS, LESS …"""
    programs, first = _ADDED_TO.get(name.split("_destroy")[0], (("terraform", "tofu", "terragrunt"), False))
    words = _words(value)
    if name.startswith("TF_CLI_ARGS_"):
        verb = name.removeprefix("TF_CLI_ARGS_")
        if not any(word.known == verb for word in invocation.argv[1:3]):
            return
    if invocation.name not in programs or not words:
        return
    if name.endswith("MAKEFLAGS") and not words[0].startswith("-") and "=" not in words[0]:
        words[0] = f"-{words[0]}"
    added = tuple(literal(word, *value.sources) for word in words)
    program, *rest = invocation.argv
    argv = (program, *added, *rest) if first else (program, *rest, *added)
    yield InnerCommand(argv, name, env={name: None})


_ADDED_TO: Mapping[str, tuple[tuple[str, ...], bool]] = {
    "TF_CLI_ARGS": (("terraform", "tofu", "terragrunt"), False),
    "TAR_OPTIONS": (("tar", "gtar"), False),
    "MAKEFLAGS": (("make", "gmake"), True),
    "GNUMAKEFLAGS": (("make", "gmake"), True),
    "LESS": (("less",), True),
    "ZIPOPT": (("zip",), True),
    "RSYNC_OPTIONS": (("rsync",), True),
    "PYTEST_ADDOPTS": (("pytest",), False),
}


def _node_options(name: str, value: Value, invocation: Invocation, world: World) -> Iterator[Effect]:
    words = _words(value)
    for index, word in enumerate(words):
        option, _, glued = word.partition("=")
        if option in ("-r", "--require", "--import", "--loader", "--experimental-loader"):
            yield from _loaded(glued or "".join(words[index + 1 : index + 2]), "node", name, invocation, world)


def _ruby_options(name: str, value: Value, invocation: Invocation, world: World) -> Iterator[Effect]:
    for word in _words(value):
        if word.startswith("-r"):
            yield from _loaded(word[2:], "ruby", name, invocation, world)


def _perl_options(name: str, value: Value, invocation: Invocation, world: World) -> Iterator[Effect]:
    known = value.known or ""
    if re.search(r"[;({]", known):
        yield CodeExecution("environment", name)
        yield from _code("perl", literal(re.sub(r"^-[Mm]?", "", known)), invocation, world)


def _java_options(name: str, value: Value, invocation: Invocation, world: World) -> Iterator[Effect]:
    for word in _words(value):
        agent = re.match(r"-(?:javaagent|agentpath):([^=]+)", word)
        if agent:
            if _place(absolute(literal(agent[1]), invocation).known or "", invocation) == "scratch":
                yield CodeExecution("environment", name)
            else:
                yield Opaque(f"{name} loads {agent[1]} into the program")
        command = re.match(r"-XX:On(?:Error|OutOfMemoryError)=(.+)", word)
        if command:
            yield InnerScript(literal(command[1]), name, env={name: None})


def _loaded(module: str, language: str, name: str, invocation: Invocation, world: World) -> Iterator[Effect]:
    """A module that an interpreter loads before the program: read where it is a file that can be read."""
    if module.startswith("data:"):
        from urllib.parse import unquote

        yield CodeExecution("environment", name)
        yield from _code(language, literal(unquote(module.partition(",")[2])), invocation, world)
        return
    if not module.startswith((".", "/")):
        return
    for ending in ("", ".js", ".rb"):
        text = read_text(literal(module + ending), invocation, world)
        if text.known is not None:
            yield from _code(language, text, invocation, world)
            return
    where = absolute(literal(module), invocation).known or ""
    if _place(where, invocation) == "scratch":
        yield CodeExecution("environment", name)
    else:
        yield Opaque(f"{name} loads {module}, which cannot be read here")


def _code(language: str, text: Value, invocation: Invocation, world: World) -> Iterable[Effect]:
    from agentguard.programs.interpreters import LANGUAGES, run

    return run(LANGUAGES[language], text, invocation, world, ())


def _python_start(name: str, value: Value, invocation: Invocation, world: World) -> Iterator[Effect]:
    if not (invocation.name or "").startswith(("python", "ipython")):
        return
    text = read_text(value, invocation, world)
    if text.known is not None:
        yield from _code("python", text, invocation, world)


def _python_path(name: str, value: Value, invocation: Invocation, world: World) -> Iterator[Effect]:
    """A ``sitecustomize`` that this command wrote is run by every Python program."""
    for entry in str(value).split(":"):
        for module in ("sitecustomize.py", "usercustomize.py"):
            where = absolute(literal(f"{entry or '.'}/{module}"), invocation).known
            if where is not None and posixpath.normpath(where) in invocation.written:
                yield from _code("python", invocation.written[posixpath.normpath(where)], invocation, world)


def _handlers() -> dict[str, Handler]:
    table: dict[str, Handler] = {"PATH": _search_path, "NODE_OPTIONS": _node_options, "RUBYOPT": _ruby_options,
                                 "PERL5OPT": _perl_options, "PYTHONSTARTUP": _python_start,
                                 "PYTHONPATH": _python_path}  # fmt: skip

    def put(handler: Handler, *names: str) -> None:
        table.update(dict.fromkeys(names, handler))

    put(_preloaded, "LD_PRELOAD", "LD_AUDIT", "DYLD_INSERT_LIBRARIES")
    put(_library_path, "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "DYLD_FRAMEWORK_PATH")
    put(_start_file, "BASH_ENV", "ENV")
    put(_prompt, "PROMPT_COMMAND", "PS0", "PS1", "PS2", "PS4")
    put(_helper, "PAGER", "MANPAGER", "SYSTEMD_PAGER", "AWS_PAGER", "BAT_PAGER", "GH_PAGER", "PSQL_PAGER",
        "DELTA_PAGER", "EDITOR", "VISUAL", "KUBE_EDITOR", "SUDO_EDITOR", "FCEDIT", "HGEDITOR",
        "PSQL_EDITOR", "BROWSER", "GH_EDITOR",
        "LESSOPEN", "LESSCLOSE", "LESSEDIT", "FZF_DEFAULT_COMMAND", "RSYNC_RSH", "CVS_RSH", "SVN_SSH")  # fmt: skip
    put(_compiler, "CC", "CXX", "LD", "AR", "CPP", "RUSTC_WRAPPER", "CMAKE_C_COMPILER_LAUNCHER")
    put(_program, "SSH_ASKPASS", "SUDO_ASKPASS", "npm_config_script_shell")
    put(
        _java_options,
        "JAVA_TOOL_OPTIONS",
        "_JAVA_OPTIONS",
        "JDK_JAVA_OPTIONS",
        "MAVEN_OPTS",
        "GRADLE_OPTS",
        "JAVA_OPTS",
    )
    put(_more_words, *_ADDED_TO)
    return table


_HANDLERS = _handlers()
