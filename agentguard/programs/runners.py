"""Launchers of packaged and project programs: npx, uvx, poetry run, uv run, nix develop …"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from agentguard import regex
from agentguard.interpret.invocation import Effect, InnerCommand, InnerScript, Invocation
from agentguard.interpret.values import Value, literal
from agentguard.operations import Opaque, ProgramCall
from agentguard.programs.contract import absolute
from agentguard.programs.streams import cut, join
from agentguard.programs.tasks import node_package, toml_script
from agentguard.world.protocol import World

#: package → the program it brings, where the names differ
_PROGRAMS = {
    "@railway/cli": "railway", "@angular/cli": "ng", "@vue/cli": "vue", "firebase-tools": "firebase",
    "netlify-cli": "netlify", "@changesets/cli": "changeset", "aws-cdk": "cdk", "@cloudflare/wrangler": "wrangler",
    "sequelize-cli": "sequelize", "@nestjs/cli": "nest", "typescript": "tsc", "neonctl": "neon", "vercel": "vercel",
    "typeorm-ts-node-commonjs": "typeorm", "typeorm-ts-node-esm": "typeorm", "@sanity/cli": "sanity", "knex": "knex",
    "@mikro-orm/cli": "mikro-orm", "@prisma/cli": "prisma", "rimraf": "rimraf", "shadow-cljs": "shadow-cljs",
    "awscli": "aws", "ansible-core": "ansible", "azure-cli": "az", "serverless": "serverless", "eas-cli": "eas",
}  # fmt: skip


def program_of(package: Value) -> Value:
    """The program that a package name with an optional version starts."""
    known = package.known
    if known is None:
        return package
    if known.startswith(("http:", "https:", "git+", ".", "/", "github:")):
        return package
    name = re.sub(r"(?<=.)(?:@|[=<>~!]=?|\[).*$", "", known)
    name = re.sub(r"^npm:", "", name)
    return literal(_PROGRAMS.get(name) or name.rsplit("/", 1)[-1])


def npx(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """npx, bunx, pnpx: a program of a package that may be downloaded first."""
    text = call.value("--call")
    if text is not None:
        yield InnerScript(text, "npx -c")
        return
    yield from _package(call.operands, invocation.name or "npx", named=call.value("--package") is not None)


def _package(words: Sequence[Value], step: str, *, named: bool = False) -> Iterator[Effect]:
    if words and words[0].known == "--":
        words = words[1:]
    if not words:
        return
    first, *rest = words
    if re.search(r"\s", first.known or ""):
        yield InnerScript(join(words), step)
        return
    if first.prefix.startswith(("http:", "https:", "git+", "github:")):
        yield Opaque(f"{step} runs a package straight from {first}")
        return
    program = first if named else program_of(first)
    yield InnerCommand((program, *rest), step)


def rimraf(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """rimraf and del-cli delete like ``rm -rf``."""
    if call.operands and not call.has("--dry-run"):
        yield InnerCommand((literal("rm"), literal("-rf"), literal("--"), *call.operands), call.program)


def node_tool(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """npm exec, yarn dlx, pnpm dlx, bun x; all other words are scripts."""
    verb = call.subcommand[0] if call.subcommand else ""
    operands = call.operands
    step = f"{call.program} {verb}"
    if call.program == "npm" and verb == "pkg" and operands and operands[0].known == "set":
        for word in operands[1:]:
            match = re.match(r"scripts\.[\w:.-]+=", word.prefix)
            if match:
                yield InnerScript(cut(word, match.end()), "npm pkg set")
    elif call.program == "npm" and verb == "run" and operands and operands[0].known == "env":
        after = call.after_dashes
        yield InnerCommand((literal("env"), *(operands[after:] if after is not None else ())), "npm run env")
    elif verb in ("exec", "x", "dlx", "execute"):
        text = call.value("--call", "-c")
        if text is not None and (call.program == "npm" or not operands):
            yield InnerScript(text, step)
        elif call.has("--shell-mode", "-c"):
            yield InnerScript(join(operands), step)
        else:
            yield from _package(operands, step, named=call.value("--package", "-p") is not None)
    elif call.program == "yarn" and call.subcommand[:2] == ("workspaces", "foreach"):
        words = call.operands
        if words and words[0].known in ("exec", "run"):
            words = words[1:] if words[0].known == "exec" else (literal("yarn"), *words)
        yield from _package(words, "yarn workspaces foreach")
    elif verb == "node" and call.program == "yarn":
        yield InnerCommand((literal("node"), *operands), step)
    else:
        yield from node_package(call, invocation, world)


def uv(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """``uv run`` and ``uv tool run``."""
    if call.subcommand[:2] == ("tool", "run"):
        yield from uvx(call, invocation, world)
        return
    if call.subcommand[:1] != ("run",):
        return
    directory = call.value("--directory")
    cwd = absolute(directory, invocation) if directory is not None else None
    words = call.operands
    module = call.value("--module")
    if module is not None:
        yield InnerCommand((literal("python"), literal("-m"), module, *words), "uv run", cwd=cwd)
    elif words and (words[0].known == "-" or str(words[0]).endswith((".py", ".pyw")) or call.has("--script")):
        yield InnerCommand((literal("python"), *words), "uv run", cwd=cwd)
    elif words:
        words = words[1:] if words[0].known == "--" else words
        yield InnerCommand(tuple(words), "uv run", cwd=cwd)


def uvx(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """uvx, ``uv tool run`` and ``pipx run``."""
    named = call.value("--from", "--spec") is not None
    yield from _package(call.operands, f"{call.program} {' '.join(call.subcommand)}".strip(), named=named)


def pipx(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    if call.subcommand[:1] == ("run",):
        yield from uvx(call, invocation, world)


def project_run(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """poetry, pdm, hatch, pipenv, rye, pixi, bundle, conda: ``TOOL run COMMAND`` or a script of the project."""
    verb = call.subcommand[0] if call.subcommand else ""
    if verb not in ("run", "exec"):
        return
    words = call.operands[1:] if call.operands and call.operands[0].known == "--" else call.operands
    if not words:
        return
    name = words[0].known or ""
    if call.program == "hatch" and (environment := re.match(r"[\w.+-]+:(?=[\w./-])", name)):
        words = (cut(words[0], environment.end()), *words[1:])
        name = words[0].known or ""
    step = f"{call.program} {verb}"
    directory = call.value("--directory")
    cwd = absolute(directory, invocation) if directory is not None else None
    texts = toml_script(invocation.name or call.program, name, invocation, world)
    if texts:
        for text in texts:
            yield InnerScript(join((text, *words[1:])), f"{step} {name}", cwd=cwd)
    elif name.endswith(".py"):
        yield InnerCommand((literal("python"), *words), step, cwd=cwd)
    else:
        yield InnerCommand(tuple(words), step, cwd=cwd)


def nix(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """``nix develop -c COMMAND…`` and ``nix shell -c COMMAND…``; ``nix run`` starts what a package brings."""
    verb = call.subcommand[0] if call.subcommand else ""
    argv = invocation.argv
    at = next((i for i, word in enumerate(argv) if word.known in ("-c", "--command")), None)
    if verb in ("develop", "shell") and at is not None and argv[at + 1 :]:
        yield InnerCommand(argv[at + 1 :], f"nix {verb}")
    elif verb == "run":
        package = next((str(word) for word in call.operands), "")
        program = package.rpartition("#")[2]
        words = list(call.operands[call.after_dashes :]) if call.after_dashes is not None else []
        if program and "#" in package:
            yield InnerCommand((literal(program), *words), "nix run")
        else:
            yield Opaque(f"nix run starts what {package or 'the flake here'} says")


_CARGO_STARTS = regex.compile(
    r"""(?:[\w.'"()-]+\.)?(?:runner|rustc|rustdoc|linker|rustc-wrapper|rustc-workspace-wrapper)\s*=\s*["'](.+)["']\s*$"""
)


def builds(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """cargo run, go run, go generate: code of the project that is compiled first."""
    verb = call.subcommand[0] if call.subcommand else (str(call.operands[0]) if call.operands else "")
    if call.program == "cargo":
        for setting in call.values("--config"):  # what stands in place of the compiler, or starts what was built
            if match := _CARGO_STARTS.match(setting.known or ""):
                yield InnerScript(literal(match[1], *setting.sources), "cargo --config")
        if verb == "watch":
            for text in call.values("-s", "--shell"):
                yield InnerScript(text, "cargo watch")
            for text in call.values("-x", "--exec"):
                yield InnerScript(join((literal("cargo"), text)), "cargo watch")
            if call.after_dashes is not None:
                yield InnerCommand(call.operands[call.after_dashes :], "cargo watch")
    if call.program == "go":  # what starts the programs that were built, or stands before the tools that build
        for text in call.values("-exec", "-toolexec"):
            yield InnerScript(text, f"go {verb}")
    if call.program == "mvn" and any((word.known or "").startswith(("exec:", "antrun:")) for word in call.operands):
        yield Opaque("mvn runs code of the project that is not read here")
    if (call.program, verb) in (("cargo", "run"), ("cargo", "r"), ("go", "run"), ("go", "generate"), ("dotnet", "run")):
        yield Opaque(f"{call.program} {verb} runs code that is compiled first and is not read here")


def pip(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """Installing from a folder or address runs its build script; ``setup.py`` is read where it can be."""
    verb = call.subcommand[0] if call.subcommand else (str(call.operands[0]) if call.operands else "")
    if verb not in ("install", "wheel"):
        return
    for word in (*call.operands, *call.values("-e", "--editable")):
        if re.match(r"(?:git\+|hg\+|https?://|file:)", word.prefix):
            yield Opaque(f"pip runs the build script of {word}")
        elif word.prefix.startswith((".", "/", "~")):
            yield InnerCommand((literal("python"), literal(f"{word}/setup.py")), "pip install")


def notebook(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """Notebooks that are executed: ``!`` lines and ``%%bash`` cells are shell text, the rest is Python."""
    from agentguard.programs.contract import read_text
    from agentguard.programs.interpreters import LANGUAGES, run

    executing = call.program == "papermill" or call.has("--execute", "-execute") or "execute" in map(str, call.operands)
    if not executing:
        return
    for word in call.operands:
        if not str(word).endswith(".ipynb"):
            continue
        text = read_text(word, invocation, world)
        cells = _cells(text.known)
        if cells is None:
            yield Opaque(f"the notebook {word} cannot be read here")
            return
        python: list[str] = []
        for cell in cells:
            if re.match(r"\s*%%(?:bash|sh|script\s+(?:ba)?sh)\b", cell):
                yield InnerScript(literal(cell.partition("\n")[2], *text.sources), f"notebook {word}")
                continue
            for line in cell.splitlines():
                if line.lstrip().startswith(("!", "%sx", "%system")):
                    command = re.sub(r"^\s*(?:!+|%sx|%system)\s*", "", line)
                    yield InnerScript(literal(command, *text.sources), f"notebook {word}")
                elif not line.lstrip().startswith("%"):
                    python.append(line)
        yield from run(LANGUAGES["python"], literal("\n".join(python), *text.sources), invocation, world, ())
        return


def _cells(text: str | None) -> list[str] | None:
    if text is None:
        return None
    import json

    try:
        found = json.loads(text)
    except ValueError:
        return None
    cells = found.get("cells", ()) if isinstance(found, dict) else ()
    sources = [cell.get("source", "") for cell in cells if isinstance(cell, dict) and cell.get("cell_type") == "code"]
    return ["".join(source) if isinstance(source, list) else str(source) for source in sources]


def java(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """``java -jar FILE`` and ``java CLASS``: compiled code."""
    if not call.has("-version", "--version", "-help", "--help", "-h", "-X"):
        yield Opaque("java runs compiled code that is not read here")
