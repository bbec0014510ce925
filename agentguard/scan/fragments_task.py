"""Taskfiles: the commands of every task, and the ``sh`` of variables and conditions."""

from __future__ import annotations

from collections.abc import Iterator

from agentguard.scan.building import BRACES, filled, joined
from agentguard.scan.model import Fragment, Problem
from agentguard.scan.places import Lines
from agentguard.scan.yaml_documents import documents
from agentguard.scan.yaml_texts import pieces
from agentguard.syntax.yaml_nodes import Node, mappings

KIND = "task"
_LISTS = frozenset(("cmds", "status", "preconditions"))
_TEXTS = frozenset(("cmd", "sh", "defer"))


def fragments(path: str, lines: Lines) -> Iterator[Fragment | Problem]:
    roots, problems = documents(path, lines)
    yield from problems
    for document in roots:
        tasks = document.get("tasks")
        for name, task in tasks.pairs if tasks is not None else ():
            if name.value and task.kind != "mapping":  # ``task: command`` and ``task: [command, …]``
                for scalar in [task] if task.kind == "scalar" else task.items:
                    yield from _text(path, lines, scalar)
        for mapping in mappings(document):
            for key, value in mapping.pairs:
                if key.value in _LISTS:
                    for item in value.items:
                        yield from _text(path, lines, item)
                elif key.value in _TEXTS:
                    yield from _text(path, lines, value)


def _text(path: str, lines: Lines, node: Node) -> Iterator[Fragment]:
    if node.kind == "scalar" and node.value.strip():
        text, marks = joined(lines, [pieces(node, lines.text)], "")
        yield Fragment(path, KIND, filled(text, BRACES), marks)
