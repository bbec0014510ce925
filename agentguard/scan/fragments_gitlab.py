"""GitLab pipelines: ``before_script`` and ``script`` of a job run in one shell, ``after_script`` in another."""

from __future__ import annotations

from collections.abc import Iterator

from agentguard.scan.building import before, exports, joined
from agentguard.scan.model import Fragment, Problem
from agentguard.scan.places import Lines, Piece
from agentguard.scan.yaml_documents import documents
from agentguard.scan.yaml_texts import pieces
from agentguard.syntax.yaml_nodes import Node, mappings

KIND = "gitlab"
#: Lists that run in one shell.
_GROUPS = (("before_script", "script"), ("after_script",), ("pre_get_sources_script",), ("pre_clone_script",))


def fragments(path: str, lines: Lines) -> Iterator[Fragment | Problem]:
    roots, problems = documents(path, lines)
    yield from problems
    for document in roots:
        every = _variables(document)
        for mapping in mappings(document):
            known = exports([*every, *(_variables(mapping) if mapping is not document else ())])
            for group in _GROUPS:
                scalars = [item for name in group for item in _items(mapping.get(name))]
                if scalars:
                    texts: list[list[Piece]] = [pieces(scalar, lines.text) for scalar in scalars]
                    yield Fragment(path, KIND, *joined(lines, texts), before("set -e", known))


def _items(node: Node | None) -> Iterator[Node]:
    """The lines of a script: a text, a list of texts, or lists in it; ``!reference`` stands where it points to."""
    waiting, seen = [node] if node is not None else [], set[int]()
    while waiting:
        at = waiting.pop(0)
        if at.tag == "!reference" or id(at) in seen:
            continue
        if at.kind == "scalar":
            yield at
        elif at.kind == "sequence":
            seen.add(id(at))
            waiting = [*at.items, *waiting]


def _variables(node: Node) -> list[tuple[str, str]]:
    found = node.get("variables")
    if found is None:
        return []
    return [(key.value, value.value or value.text("value")) for key, value in found.pairs]
