"""Task runners: npm and its like, just, task, composer, poe … The script that a name stands for is read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase

from agentguard import regex
from agentguard.interpret.invocation import Effect, InnerCommand, InnerScript, Invocation
from agentguard.interpret.values import Origin, Value, concat, literal, quoted, unknown
from agentguard.operations import Opaque, ProgramCall
from agentguard.programs.contract import absolute, read_text, written
from agentguard.programs.streams import join
from agentguard.world.protocol import World

MAX_TASKS = 40


def _scripts(folder: Value, invocation: Invocation, world: World) -> tuple[dict[str, str], frozenset[str]] | None:
    """The scripts of ``package.json`` and where they were read; None where there is none to read."""
    text = read_text(concat((folder, literal("/package.json"))), invocation, world)
    if text.known is None:
        return None
    import json

    try:
        found = json.loads(text.known)
    except ValueError:
        return None
    scripts = found.get("scripts") if isinstance(found, dict) else None
    if not isinstance(scripts, dict):
        return {}, text.sources
    return {str(name): body for name, body in scripts.items() if isinstance(body, str)}, text.sources


_INSTALL = ("preinstall", "install", "postinstall", "prepublish", "preprepare", "prepare", "postprepare")
_LIFECYCLE = {
    "install": _INSTALL, "ci": _INSTALL, "add": (), "pack": ("prepack", "prepare", "postpack"),
    "publish": ("prepublishOnly", "prepack", "prepare", "postpack", "publish", "postpublish"),
    "version": ("preversion", "version", "postversion"), "rebuild": ("preinstall", "install", "postinstall"),
}  # fmt: skip
_NAMED = {"test": "test", "start": "start", "stop": "stop", "restart": "restart"}
#: Words of yarn, pnpm and bun that are no scripts.
_OWN_WORDS = frozenset((
    "add", "audit", "bin", "cache", "config", "create", "dedupe", "dlx", "exec", "global", "help", "import", "info",
    "init", "install", "i", "ci", "link", "list", "ls", "login", "logout", "node", "npm", "outdated", "owner", "pack",
    "patch", "plugin", "publish", "rebuild", "remove", "rm", "run", "set", "store", "tag", "team", "unlink", "unplug",
    "up", "update", "upgrade", "upgrade-interactive", "version", "versions", "why", "workspace", "workspaces", "x",
    "prune", "root", "uninstall", "view", "rebase", "search", "org", "token", "profile", "access", "dist-tag",
))  # fmt: skip
_OWN_WORDS_OF = {
    "bun": frozenset(("build", "pm", "repl", "test", "create", "upgrade", "outdated")),
    "pnpm": frozenset(("deploy", "env", "fetch", "server", "setup", "store", "licenses", "approve-builds", "licenses")),
}


def node_package(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """npm, yarn, pnpm and bun: scripts by name, programs of the project by name, and the hooks of installing."""
    name = call.program
    verb = call.subcommand[0] if call.subcommand else ""
    operands = list(call.operands)
    directory = call.value("--prefix", "--cwd", "--dir", "-C")
    folder = absolute(directory, invocation) if directory is not None else invocation.cwd
    elsewhere = call.has("--workspace", "-w", "--filter", "-F")
    if name == "yarn" and verb == "workspace":
        words = [*map(literal, call.subcommand[1:]), *operands]
        elsewhere, verb, operands = True, words[1].known or "" if len(words) > 1 else "", words[2:]
    own = name == "npm" or verb in _OWN_WORDS | _OWN_WORDS_OF.get(name, frozenset())
    named = literal(verb)
    if verb == "run" and operands:
        named = operands[0]
    if own and (verb != "run" or name == "npm") and call.has("--help", "--version", "-h", "-v", "--dry-run"):
        return
    if verb and not own and verb not in _NAMED:
        verb, operands = "run", [literal(verb), *operands]
    elif not verb and not operands and name in ("yarn", "pnpm"):
        verb = "install"
    if verb not in ("run", *_NAMED, *_LIFECYCLE):
        return
    if verb == "run":
        if not operands:
            return
        script, operands = operands[0], _behind(named, invocation, operands[1:])
        if name == "bun" and re.search(r"\.[cm]?[jt]sx?$", str(script)):
            yield InnerCommand((literal("node"), script, *operands), "bun run")
            return
        names: Sequence[str] = _around(script.known or "")
    elif verb in _NAMED:
        names = _around(verb)
    else:
        if operands and verb in ("install", "ci"):
            yield from _foreign(name, operands)
            return
        names = _LIFECYCLE[verb]
    if call.has("--ignore-scripts"):
        names = names[1:2] if verb not in _LIFECYCLE else ()
    found = None if elsewhere else _scripts(folder, invocation, world)
    if verb == "run" and name != "npm" and (found is None or script.known not in found[0]):
        yield InnerCommand((script, *operands), f"{name} {script}", cwd=folder)
    if found is None:
        made = written(concat((folder, literal("/package.json"))), invocation)
        if verb not in _LIFECYCLE or (made is not None and made.unknown and not elsewhere):
            yield Opaque(f"package.json cannot be read here, so what {name} {verb} does is not known")
        return
    scripts, sources = found
    yield from _run(name, names, scripts, sources, operands if verb not in _LIFECYCLE else (), folder)


def _behind(script: Value, invocation: Invocation, operands: Sequence[Value]) -> list[Value]:
    """All words behind the script's name: its own options too, which the table took for those of the tool."""
    at = next((i for i, word in enumerate(invocation.argv) if i and word.known == script.known), None)
    return list(invocation.argv[at + 1 :]) if at is not None else list(operands)


def _around(name: str) -> tuple[str, str, str]:
    return f"pre{name}", name, f"post{name}"


def _run(
    tool: str, names: Sequence[str], scripts: Mapping[str, str], sources: frozenset[str], words: Sequence[Value],
    folder: Value,
) -> Iterator[Effect]:  # fmt: skip
    main = names[1] if len(names) == 3 else ""
    for name in names:
        body = scripts.get(name)
        if body is None:
            continue
        given = [quoted(word) for word in words if word.known != "--"] if name == main else []
        text = join((literal(body, *sources), *given))
        yield InnerScript(text, f"{tool} {name}", cwd=folder)


def _foreign(tool: str, operands: Sequence[Value]) -> Iterator[Effect]:
    for word in operands:
        if re.match(r"(?:git[+:@]|https?:|file:|\.{0,2}/|github:)", word.prefix):
            yield Opaque(f"{tool} runs the install scripts of {word}")
            return


def run_all(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """npm-run-all, run-s, run-p: several scripts of package.json, with globs on their names."""
    found = _scripts(invocation.cwd, invocation, world)
    if found is None:
        yield Opaque("package.json cannot be read here")
        return
    scripts, sources = found
    for word in call.operands:
        pattern = (word.known or "").split(" ")[0].replace("**", "*")
        for name in scripts:
            if pattern and fnmatchcase(name, pattern):
                yield from _run(call.program, _around(name), scripts, sources, (), invocation.cwd)


# ------------------------------------------------------------------------------------ composer


def composer(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """Scripts of composer.json by name, and those of install and update."""
    words = [word.known or "" for word in (*map(literal, call.subcommand), *call.operands)]
    if invocation.name != "composer":
        return
    if not words or call.has("--no-scripts", "--dry-run", "--help"):
        return
    text = read_text(literal("composer.json"), invocation, world)
    if text.known is None:
        return
    import json

    try:
        found = json.loads(text.known)
    except ValueError:
        return
    scripts = found.get("scripts", {}) if isinstance(found, dict) else {}
    verb = words[1] if words[0] in ("run", "run-script") and len(words) > 1 else words[0]
    events = {"install": ("pre-install-cmd", "post-install-cmd", "post-autoload-dump"),
              "update": ("pre-update-cmd", "post-update-cmd", "post-autoload-dump")}  # fmt: skip
    for name in events.get(verb, (verb,)):
        bodies = scripts.get(name, ()) if isinstance(scripts, dict) else ()
        for body in [bodies] if isinstance(bodies, str) else bodies:
            if not isinstance(body, str) or "::" in body:
                continue
            command = re.sub(r"^@(php|composer)\b", r"\1", body)
            if command.startswith("@"):
                command = f"composer run {command[1:]}"
            yield InnerScript(literal(command, *text.sources), f"composer {name}")


# ---------------------------------------------------------------------------------- just and task


def just(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """The recipes of a justfile and of what they depend on."""
    if call.has("--list", "--summary", "--dry-run", "--show", "--dump", "--evaluate", "--fmt", "--choose", "--version"):
        return
    if call.has("--command"):
        yield InnerCommand(tuple(call.operands), "just --command")
        return
    named = call.value("--justfile")
    text = Value()
    for path in [named] if named is not None else [literal(n) for n in ("justfile", "Justfile", ".justfile")]:
        text = read_text(path, invocation, world)
        if text.known is not None:
            break
    if text.known is None:
        yield Opaque("the justfile cannot be read here")
        return
    recipes, variables, first = _justfile(text.known)
    pending = [word.known or "" for word in call.operands[:1]] or [first]
    arguments = [str(word) for word in call.operands[1:]]
    done: set[str] = set()
    while pending and len(done) < MAX_TASKS:
        name = pending.pop(0)
        if name in done or name not in recipes:
            continue
        done.add(name)
        parameters, dependencies, lines = recipes[name]
        pending += dependencies
        values = {**variables, **_parameters(parameters, arguments)}
        body = "\n".join(line.lstrip("@-") for line in lines)
        body = re.sub(r"\{\{\s*(\w+)\s*\}\}", lambda m, v=values: v.get(m[1], "\ue000"), body)  # type: ignore[misc]  # lambda default
        if body.startswith("#!"):
            yield Opaque(f"the recipe {name} is a script that is not read")
            continue
        yield InnerScript(_with_holes(body, text.sources), f"just {name}")


def _with_holes(body: str, sources: frozenset[str]) -> Value:

    parts = body.split("\ue000")
    values = [literal(parts[0], *sources)]
    for part in parts[1:]:
        values += [unknown(Origin.POSITIONAL, "recipe"), literal(part)]
    return concat(values)


def _parameters(parameters: Sequence[str], arguments: Sequence[str]) -> dict[str, str]:
    values: dict[str, str] = {}
    for index, parameter in enumerate(parameters):
        name, _, default = parameter.lstrip("+*$").partition("=")
        if parameter[0] in "+*":
            values[name] = " ".join(arguments[index:]) or default.strip("'\"")
        else:
            values[name] = arguments[index] if index < len(arguments) else default.strip("'\"")
    return values


_RECIPE = regex.compile(r"@?([\w-]+)((?:\s+[^\s:]+)*)\s*:(?!=)(.*)")


def _justfile(text: str) -> tuple[dict[str, tuple[list[str], list[str], list[str]]], dict[str, str], str]:
    recipes: dict[str, tuple[list[str], list[str], list[str]]] = {}
    variables: dict[str, str] = {}
    first = ""
    current: list[str] | None = None
    for line in text.splitlines():
        if line[:1] in (" ", "\t"):
            if current is not None and line.strip():
                current.append(line.strip())
            continue
        assignment = re.match(r"(?:export\s+)?(\w+)\s*:=\s*(['\"])(.*)\2\s*$", line)
        if assignment:
            variables[assignment[1]] = assignment[3]
            continue
        recipe = _RECIPE.match(line)
        if recipe and not line.startswith(("#", "set ", "alias ", "import ", "mod ")):
            current = []
            depends = re.findall(r"[\w-]+", re.sub(r"\([^)]*\)", "", recipe[3].split("#")[0]))
            recipes[recipe[1]] = (recipe[2].split(), depends, current)
            first = first or recipe[1]
        elif line.strip() and not line.startswith("#"):
            current = None
    return recipes, variables, first


def task(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """go-task: the ``cmds`` of a task in Taskfile.yml, by its indentation."""
    if call.has("--list", "--list-all", "--dry", "--summary", "--status", "--init", "--version"):
        return
    text = Value()
    for name in ("Taskfile.yml", "Taskfile.yaml", "taskfile.yml", "Taskfile.dist.yml"):
        text = read_text(literal(name), invocation, world)
        if text.known is not None:
            break
    if text.known is None:
        yield Opaque("the Taskfile cannot be read here")
        return
    pending = [word.known or "" for word in call.operands if "=" not in (word.known or "")] or ["default"]
    done: set[str] = set()
    while pending and len(done) < MAX_TASKS:
        name = pending.pop(0)
        if name in done:
            continue
        done.add(name)
        commands, needed = _task_lines(text.known, name)
        pending += needed
        for command in commands:
            body = re.sub(r"\{\{[^}]*\}\}", "\ue000", command)
            yield InnerScript(_with_holes(body, text.sources), f"task {name}")


def _task_lines(text: str, name: str) -> tuple[list[str], list[str]]:
    match = re.search(rf"^(\s+)['\"]?{re.escape(name)}['\"]?:[ \t]*(.*)$", text, re.MULTILINE)
    if match is None:
        return [], []
    commands: list[str] = [match[2].strip("'\" ")] if match[2].strip() and match[2][0] not in "[{|>#" else []
    needed: list[str] = []
    for line in text[match.end() :].splitlines():
        if line.strip() and not line.startswith(match[1] + " "):
            break
        item = re.match(r"\s*-\s+(?:cmd:\s*)?(.*)", line)
        if item is None:
            single = re.match(r"\s*cmds?:\s*(\S.*)", line)
            if single and single[1][0] not in "[|>":
                commands.append(single[1].strip("'\""))
            continue
        other = re.match(r"task:\s*(\S+)", item[1])
        if other:
            needed.append(other[1].strip("'\""))
        elif re.fullmatch(r"[\w:-]+", item[1]) and re.search(rf"^\s+{re.escape(item[1])}:", text, re.MULTILINE):
            needed.append(item[1])
        elif item[1].strip():
            commands.append(item[1].strip().strip("'\""))
    return commands, needed


# -------------------------------------------------------------------------- scripts in pyproject.toml

#: program → where its scripts stand: (file, path of tables)
_TOML_SCRIPTS = {
    "pdm": (("pyproject.toml", "tool.pdm.scripts"),),
    "poe": (("pyproject.toml", "tool.poe.tasks"),),
    "hatch": (("pyproject.toml", "tool.hatch.envs.default.scripts"), ("hatch.toml", "envs.default.scripts")),
    "pixi": (("pixi.toml", "tasks"), ("pyproject.toml", "tool.pixi.tasks")),
    "pipenv": (("Pipfile", "scripts"),),
    "rye": (("pyproject.toml", "tool.rye.scripts"),),
    "taskipy": (("pyproject.toml", "tool.taskipy.tasks"),),
}


def toml_script(tool: str, name: str, invocation: Invocation, world: World) -> tuple[Value, ...]:
    """The shell text of a named script of a Python tool; empty where the name is no script."""
    import tomllib

    for file, path in _TOML_SCRIPTS.get(tool, ()):
        text = read_text(literal(file), invocation, world)
        if text.known is None:
            continue
        try:
            found: object = tomllib.loads(text.known)
        except tomllib.TOMLDecodeError:
            continue
        for part in (*path.split("."), name.rpartition(":")[2]):
            found = found.get(part) if isinstance(found, dict) else None
        if isinstance(found, dict):
            found = found.get("cmd", found.get("shell", found.get("script", found.get("composite"))))
        bodies = [found] if isinstance(found, str) else found if isinstance(found, list) else []
        texts = tuple(literal(body, *text.sources) for body in bodies if isinstance(body, str))
        if texts:
            return texts
    return ()


def poe(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """poethepoet: ``poe NAME``."""
    for word in call.operands[:1]:
        for text in toml_script("poe", word.known or "", invocation, world):
            yield InnerScript(join((text, *call.operands[1:])), f"poe {word}")
