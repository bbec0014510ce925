"""Interpreters of other languages: which text they would run, and who reads it.

``python -c TEXT``, ``python FILE``, ``python -m NAME``, text on standard input; likewise node, deno, bun, ruby, perl,
php, lua and others.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Iterator, Sequence

from agentguard import regex
from agentguard.interpret.invocation import Effect, InnerCommand, Invocation
from agentguard.interpret.values import Value, literal
from agentguard.light import dataclass
from agentguard.operations import CodeExecution, FileOverwrite, FileRead, Opaque, ProgramCall
from agentguard.programs.contract import absolute, read_text
from agentguard.programs.shells import unreadable
from agentguard.programs.streams import join, provenance
from agentguard.world.protocol import World

Reader = Callable[[Value, Invocation, World, Sequence[Value]], Iterable[Effect]]


@dataclass(frozen=True, slots=True)
class Language:
    """``text`` options hold program text, ``files`` options a program file, ``loads`` options a module loaded first."""

    name: str
    reader: str
    text: tuple[str, ...] = ("-e",)
    files: tuple[str, ...] = ()
    loads: tuple[str, ...] = ()
    idle: tuple[str, ...] = ("--version", "-v", "-V", "--help", "-h")


#: canonical program name → language
LANGUAGES = {
    "python": Language("python", "python_code:python", ("-c",), idle=("-V", "--version", "-h", "--help")),
    "node": Language("node", "scripts:javascript", ("--eval", "--print"), loads=("--require", "--import")),
    "deno": Language("deno", "scripts:javascript", ()),
    "bun": Language("bun", "scripts:javascript", ("--eval", "--print"), loads=("--preload",)),
    "tsx": Language("tsx", "scripts:javascript", ("--eval",)),
    "ruby": Language("ruby", "scripts:ruby", loads=("-r",), idle=("--version", "-v", "-h", "--help", "-c")),
    "perl": Language("perl", "scripts:perl", ("-e", "-E"), idle=("-v", "-V", "-h", "-c")),
    "php": Language(
        "php", "scripts:php", ("--run", "-B", "-R", "-E"), files=("--file",), idle=("-v", "-i", "-m", "-l")
    ),
    "lua": Language("lua", "scripts:lua", idle=("-v",)),
    "Rscript": Language("Rscript", "scripts:r", idle=("--version",)),
    "julia": Language("julia", "scripts:julia", ("--eval", "--print"), idle=("--version", "-v")),
    "groovy": Language("groovy", "scripts:groovy", idle=("-v", "--version")),
    "tclsh": Language("tclsh", "scripts:tcl", ()),
    "osascript": Language("osascript", "scripts:applescript", idle=("-s",)),
    "elixir": Language("elixir", "scripts:elixir", ("--eval", "-e"), idle=("--version", "-v")),
}

#: Scripts of frameworks that are programs in their own right.
_PROJECT_PROGRAMS = frozenset({"manage.py", "artisan", "console", "rails", "rake", "craft", "wp", "drush", "composer"})


def reader(reference: str) -> Reader:
    """The reader of a language by ``module:function``."""
    from importlib import import_module

    module, _, name = reference.partition(":")
    function: Reader = getattr(import_module(f"agentguard.programs.{module}"), name)
    return function


_PRINTS = regex.compile(r"print|say|puts|\bp\b|putc|write|display|…|<<")


def code(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """The program text of one interpreter call."""
    language = LANGUAGES[call.program]
    operands = list(call.operands)
    texts = call.values(*language.text)
    if call.program == "deno":
        verb = call.subcommand[0] if call.subcommand else ""
        if verb == "eval" and operands:
            texts = (operands.pop(0),)
        elif verb not in ("", "run", "eval"):
            return
    if call.program == "bun" and call.subcommand[:1] not in ((), ("run",)):
        return
    for module in call.values(*language.loads):
        if module.prefix.startswith((".", "/")) or not module.prefix:
            yield from _file(language, module, invocation, world, ())
    if call.program in ("perl", "ruby") and call.has("-i"):
        # with -n only what the code prints stays
        emptied = call.has("-n") and bool(texts) and not any(_PRINTS.search(str(text)) for text in texts)
        yield from (FileOverwrite(absolute(path, invocation), replaces=emptied) for path in operands)
    if call.program in ("perl", "ruby") and texts and call.has("-n", "-p"):
        yield from (FileRead(absolute(path, invocation)) for path in operands)
    if texts:
        yield from run(language, join(texts, "\n"), invocation, world, operands)
        return
    if call.has(*language.idle):
        return
    module_name = call.value("-m") if call.program == "python" else None
    if module_name is not None:
        yield from _module(module_name, operands, invocation, world)
        return
    for path in call.values(*language.files):
        yield from _file(language, path, invocation, world, operands)
        return
    if operands and operands[0].known != "-":
        yield from _operand(language, operands, invocation, world)
    elif invocation.stdin is not None:
        yield from run(language, invocation.stdin, invocation, world, operands[1:])
    else:
        yield Opaque(f"{language.name} reads its program while it runs")


def _operand(language: Language, operands: Sequence[Value], invocation: Invocation, world: World) -> Iterator[Effect]:
    path, *rest = operands
    if path.prefix.startswith(("http:", "https:")):
        yield CodeExecution("network", language.name)
        return
    base = posixpath.basename(path.known or "")
    known = path.known or ""
    if base in _PROJECT_PROGRAMS or "node_modules/" in known or ("/bin/" in f"/{known}" and "." not in base):
        yield InnerCommand((literal(_package_program(known) or base), *rest), language.name)
        if base not in _PROJECT_PROGRAMS:
            return
    yield from _file(language, path, invocation, world, rest)


def _package_program(path: str) -> str | None:
    """``node_modules/prisma/build/index.js`` is the program prisma."""
    _, inside, rest = path.rpartition("node_modules/")
    if not inside or rest.startswith(".bin/"):
        return None
    parts = rest.split("/")
    return parts[0] if not parts[0].startswith("@") else "/".join(parts[:2])


def _file(
    language: Language, path: Value, invocation: Invocation, world: World, arguments: Sequence[Value]
) -> Iterator[Effect]:
    text = read_text(path, invocation, world)
    if text.known is None and path.known is not None and not posixpath.splitext(path.known)[1]:
        for ending in (".js", ".ts", ".mjs", "/index.js"):
            if language.reader.endswith("javascript"):
                other = read_text(literal(path.known + ending), invocation, world)
                if other.known is not None:
                    text = other
                    break
    yield from run(language, text, invocation, world, arguments, step=f"{language.name} {path}")


def _module(name: Value, arguments: Sequence[Value], invocation: Invocation, world: World) -> Iterator[Effect]:
    """``python -m NAME``: a module of the project is read, any other is the program of that name."""
    known = name.known
    if known is None:
        yield Opaque("which Python module runs is known only when it runs")
        return
    where = known.replace(".", "/")
    for path in (f"{where}.py", f"{where}/__main__.py", f"src/{where}.py", f"src/{where}/__main__.py"):
        text = read_text(literal(path), invocation, world)
        if text.known is not None:
            yield from run(LANGUAGES["python"], text, invocation, world, arguments)
            return
    if known == "timeit":
        for word in arguments:
            if not word.prefix.startswith("-"):
                yield from run(LANGUAGES["python"], word, invocation, world, ())
        return
    if known in ("cProfile", "profile", "trace", "pdb"):
        at = next((i for i, word in enumerate(arguments) if str(word).endswith(".py")), len(arguments))
        yield from (
            InnerCommand((literal("python"), *arguments[at:]), f"python -m {known}") for _ in arguments[at : at + 1]
        )
        return
    if known in _QUIET_MODULES:
        return
    yield InnerCommand((literal(_MODULE_PROGRAMS.get(known, known)), *arguments), "python -m")


_QUIET_MODULES = frozenset((
    "json.tool", "http.server", "venv", "this", "timeit", "compileall", "py_compile", "unittest", "pydoc", "site",
    "sysconfig", "platform", "calendar", "tokenize", "ast", "dis", "doctest", "base64", "gzip", "ensurepip", "tabnanny",
    "SimpleHTTPServer", "cProfile", "trace", "pdb", "zipapp", "webbrowser",
))  # fmt: skip
_MODULE_PROGRAMS = {"django": "django-admin", "awscli": "aws", "pre_commit": "pre-commit", "virtualenv": "virtualenv"}


def run(
    language: Language,
    text: Value,
    invocation: Invocation,
    world: World,
    arguments: Sequence[Value],
    *,
    step: str = "",
) -> Iterator[Effect]:
    """What running ``text`` does: where it came from, and what its reader makes of it."""
    origin = provenance(text)
    if origin:
        yield CodeExecution(origin, language.name)
    if text.unknown and not any(isinstance(p, str) and p.strip() for p in text.pieces):
        if not origin:
            yield unreadable(text, language.name, step or language.name)
        return
    if "\0" in str(text):
        yield Opaque(f"{step or language.name}: a compiled program cannot be read here")
        return
    if text.pieces:
        yield from reader(language.reader)(text, invocation, world, arguments)


#: ending of a file → language
ENDINGS = {
    ".py": "python", ".pyw": "python", ".js": "node", ".mjs": "node", ".cjs": "node", ".ts": "node", ".mts": "node",
    ".rb": "ruby", ".pl": "perl", ".pm": "perl", ".php": "php", ".lua": "lua", ".R": "Rscript", ".r": "Rscript",
    ".jl": "julia", ".groovy": "groovy", ".tcl": "tclsh", ".exs": "elixir", ".scpt": "osascript",
    ".applescript": "osascript",
}  # fmt: skip


#: A file that this command line copied, moved or linked from among the system's programs.
_SYSTEM_PROGRAM = regex.compile(r"(?:file|link|moved):((?:/usr|/usr/local)?/s?bin/[^/]+)")


def by_path(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """A program named by its path (``./deploy.py``): read by its first line, else by its ending."""
    word = invocation.argv[0]
    text = read_text(word, invocation, world)
    arguments = invocation.argv[1:]
    for source in text.sources:
        copied = _SYSTEM_PROGRAM.fullmatch(source)
        if copied and copied[1] != word.known:
            yield InnerCommand((literal(copied[1]), *arguments), str(word))
            return
    head = text.prefix[:200]
    if not head:
        if text.unknown:
            yield unreadable(text, str(word), str(word))
        return
    if "\0" in head or head.startswith("\x7fELF"):
        yield Opaque(f"{word} is a compiled program, which cannot be read here")
        return
    yield from _by_first_line(head.partition("\n")[0], word, text, arguments, invocation, world)


def _by_first_line(
    line: str, word: Value, text: Value, arguments: Sequence[Value], invocation: Invocation, world: World
) -> Iterator[Effect]:
    from agentguard.programs.first_line import command
    from agentguard.programs.shells import MAX_SCRIPT, script_text

    ending = posixpath.splitext(word.known or "")[1]
    words = command(line)
    program = posixpath.basename(words[0]) if words else ""
    family = program.rstrip("0123456789.")
    if family in _SHELLS or (not words and not ending) or (not words and ending in (".sh", ".bash")):
        if len(str(text)) > MAX_SCRIPT:
            yield Opaque(f"{word} is too long to be read here")
        else:
            yield from script_text(text, str(word), (word, *arguments))
    elif family in _FAMILIES or ending in ENDINGS:
        language = LANGUAGES[_FAMILIES.get(family) or ENDINGS[ending]]
        yield from run(language, text, invocation, world, arguments, step=str(word))
    elif family == "make":
        yield InnerCommand((literal("make"), literal("-f"), word, *arguments), str(word))
    elif family in ("awk", "gawk", "sed"):
        yield InnerCommand((literal(family), literal("-f"), word, *arguments), str(word))
    else:
        yield Opaque(f"{word} is written for {program or 'a program'} that is not read here")


_SHELLS = frozenset({"sh", "bash", "dash", "zsh", "ksh", "ash", "mksh", "busybox"})
_FAMILIES = {"python": "python", "pypy": "python", "node": "node", "nodejs": "node", "deno": "deno", "bun": "bun",
             "ruby": "ruby", "perl": "perl", "php": "php", "lua": "lua", "luajit": "lua", "Rscript": "Rscript",
             "julia": "julia", "groovy": "groovy", "tclsh": "tclsh", "osascript": "osascript", "elixir": "elixir",
             "tsx": "tsx", "ts-node": "tsx", "expect": "tclsh", "uv": "python"}  # fmt: skip
