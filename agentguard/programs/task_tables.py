"""Tasks that stand in tables: deno.json, mise.toml, Makefile.toml of cargo-make, and direnv's ``.envrc``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from agentguard.interpret.invocation import Effect, InnerCommand, InnerScript, Invocation
from agentguard.interpret.values import Value, literal
from agentguard.operations import Opaque, ProgramCall
from agentguard.programs.contract import read_text
from agentguard.programs.streams import join
from agentguard.world.protocol import World

#: More tasks of one table than this are not followed.
MAX_TASKS = 50

Tasks = Mapping[str, object]


def deno(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """``deno task NAME``: the tasks of deno.json or, without comments, deno.jsonc."""
    if call.subcommand[:1] != ("task",) or not call.operands:
        return
    import json

    named = call.value("--config", "-c")
    usual = map(literal, ("deno.json", "deno.jsonc", "package.json"))
    for path in (named,) if named is not None else usual:
        text = read_text(path, invocation, world)
        try:
            found = json.loads(text.known or "null")
        except ValueError:
            continue
        table = found.get("tasks", found.get("scripts")) if isinstance(found, dict) else None
        if isinstance(table, dict):
            yield from _run("deno task", table, call.operands[0].known or "", call.operands[1:], text.sources)
            return
    yield Opaque("deno.json cannot be read here, so what the task does is not known")


def mise(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """``mise run NAME``: ``[tasks.NAME]`` of mise.toml."""
    words = (*map(literal, call.subcommand), *call.operands)
    if len(words) < 2 or words[0].known not in ("run", "r"):
        return
    yield from _toml("mise run", ("mise.toml", ".mise.toml", ".config/mise.toml"), words[1:], invocation, world)


def cargo_make(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """``cargo make NAME``: ``[tasks.NAME]`` of Makefile.toml."""
    words = (*map(literal, call.subcommand), *call.operands)
    if not words or words[0].known != "make":
        return
    yield from _toml("cargo make", ("Makefile.toml",), words[1:] or (literal("default"),), invocation, world)


def direnv(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """``direnv allow``: the next prompt runs the ``.envrc``."""
    words = (*map(literal, call.subcommand), *call.operands)
    if not words or words[0].known not in ("allow", "permit", "grant", "reload"):
        return
    text = read_text(words[1] if len(words) > 1 else literal(".envrc"), invocation, world)
    if text.known is None:
        yield Opaque("the .envrc cannot be read here")
    else:
        yield InnerScript(text, "direnv allow")


def _toml(
    step: str, files: tuple[str, ...], words: tuple[Value, ...], invocation: Invocation, world: World
) -> Iterator[Effect]:
    import tomllib

    for file in files:
        text = read_text(literal(file), invocation, world)
        try:
            found = tomllib.loads(text.known or "")
        except tomllib.TOMLDecodeError:
            continue
        if isinstance(found.get("tasks"), dict):
            yield from _run(step, found["tasks"], words[0].known or "", words[1:], text.sources)
            return
    yield Opaque(f"{files[0]} cannot be read here, so what the task does is not known")


def _run(step: str, tasks: Tasks, name: str, words: tuple[Value, ...], sources: frozenset[str]) -> Iterator[Effect]:
    """The task and what it depends on."""
    pending, done = [name], set[str]()
    while pending and len(done) < MAX_TASKS:
        current = pending.pop(0)
        if current in done:
            continue
        done.add(current)
        task = tasks.get(current)
        if task is None:
            yield Opaque(f"{step}: there is no task {current} to read")
            continue
        if isinstance(task, dict):
            for key in ("dependencies", "depends", "depends_on", "run_task"):
                needed = task.get(key, ())
                pending += [needed] if isinstance(needed, str) else [each for each in needed if isinstance(each, str)]
            if isinstance(task.get("command"), str) and "args" in task:
                argv = (task["command"], *map(str, task["args"]))
                yield InnerCommand(tuple(literal(word, *sources) for word in argv), f"{step} {current}")
                continue
            task = task.get("run", task.get("script", task.get("command", ())))
        bodies = [task] if isinstance(task, str) else task if isinstance(task, list) else []
        for body in bodies:
            if isinstance(body, str):
                given = words if current == name else ()
                yield InnerScript(join((literal(body, *sources), *given)), f"{step} {current}")
