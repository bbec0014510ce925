"""Workflows and composite actions: the ``run`` of every step, in the shell that the step, job or file names."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agentguard.scan.building import EXPRESSION, before, exports, filled, joined, shell_of
from agentguard.scan.foreign import foreign
from agentguard.scan.model import Fragment, Problem
from agentguard.scan.places import Lines
from agentguard.scan.yaml_documents import documents
from agentguard.scan.yaml_texts import pieces
from agentguard.syntax.yaml_nodes import Node, mappings

KIND = "workflow"
#: What the service adds to the shells that it knows by name; "" is no ``shell`` at all.
_SHELLS = {"": "set -e", "bash": "set -eo pipefail", "sh": "set -e"}


def fragments(path: str, lines: Lines) -> Iterator[Fragment | Problem]:
    roots, problems = documents(path, lines)
    yield from problems
    for document in roots:
        base = [document]
        for _, jobs in [pair for pair in document.pairs if pair[0].value == "jobs"]:
            for _, job in jobs.pairs:
                yield from _steps(path, lines, job, [*base, job])
        for _, runs in [pair for pair in document.pairs if pair[0].value == "runs"]:
            yield from _steps(path, lines, runs, base)


def _steps(path: str, lines: Lines, job: Node, around: list[Node]) -> Iterator[Fragment | Problem]:
    """The steps of a job; ``around`` are the mappings whose defaults and variables hold, outermost first."""
    steps = job.get("steps")
    seen: set[int] = set()
    for step in steps.items if steps is not None else ():
        run = step.get("run")
        if run is None or run.kind != "scalar" or id(run) in seen:
            continue
        seen.add(id(run))
        shell = step.text("shell") or next(filter(None, (_default(node, "shell") for node in reversed(around))), "")
        if not shell and "windows" in _scalars(job.get("runs-on")):
            shell = "pwsh"  # the default there
        folder = step.text("working-directory") or next(
            filter(None, (_default(node, "working-directory") for node in reversed(around))), ""
        )
        folder = f"cd '{folder}'" if folder and "$" not in folder and "'" not in folder else ""
        known = exports((k.value, v.value) for node in (*around, step) for k, v in _environment(node))
        text, marks = joined(lines, [pieces(run, lines.text)], "")
        readable, options = _shell(shell)
        if readable:
            yield Fragment(path, KIND, filled(text, EXPRESSION), marks, before(options, known, folder))
        else:
            plain = EXPRESSION.sub(lambda found: re.sub(r"[^\n]", "_", found[0]), text)
            yield from foreign(path, KIND, shell, plain, marks, before(known, folder))


def _shell(name: str) -> tuple[bool, str]:
    if name in _SHELLS:
        return True, _SHELLS[name]
    return (True, "") if "${{" in name else shell_of(name)


def _default(node: Node, name: str) -> str:
    defaults = node.get("defaults")
    run = defaults.get("run") if defaults is not None else None
    return run.text(name) if run is not None else ""


def _environment(node: Node) -> list[tuple[Node, Node]]:
    found = node.get("env")
    return [pair for pair in found.pairs if pair[1].kind == "scalar"] if found is not None else []


def _scalars(node: Node | None) -> str:
    """All text of a small value."""
    if node is None:
        return ""
    if node.kind == "scalar":
        return node.value
    parts = [value.value for mapping in mappings(node) for _, value in mapping.pairs]
    return " ".join([*parts, *(item.value for item in node.items)])
