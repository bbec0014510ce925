"""YAML as nodes that know where they stand. Bounded in depth and number; what was read before an error is kept."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agentguard.light import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: Deeper nesting is not followed.
_DEPTH = 200
#: Nodes of one file.
_NODES = 200_000


@dataclass(slots=True)
class Node:
    """``kind`` is scalar, sequence or mapping. ``start`` and ``end`` are offsets in the file, quotes included.

    ``value`` is the text of a scalar as YAML gives it; ``style`` one of ``| > ' "`` or "" for a plain one. ``items``
    are the nodes of a sequence, ``pairs`` those of a mapping in order. An alias is the very node that it names.
    """

    kind: str
    tag: str
    start: int
    end: int = 0
    value: str = ""
    style: str = ""
    items: list[Node] = field(default_factory=list)
    pairs: list[tuple[Node, Node]] = field(default_factory=list)

    def get(self, name: str) -> Node | None:
        """The value of a key, the last one where it is given twice."""
        return next((value for key, value in reversed(self.pairs) if key.value == name), None)

    def text(self, name: str) -> str:
        """The scalar of a key, "" where there is none."""
        found = self.get(name)
        return found.value if found is not None and found.kind == "scalar" else ""


@dataclass(slots=True)
class Read:
    """The documents of a file, and where and why reading stopped (``error`` "" if it did not).

    ``recoverable``: only the line of ``at`` is wrong, as far as can be seen.
    """

    documents: list[Node] = field(default_factory=list)
    error: str = ""
    at: int = 0
    recoverable: bool = False


def read(text: str) -> Read:
    """The nodes of a text. Never raises."""
    import yaml

    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    result = Read()
    builder = _Builder(result)
    try:
        for event in yaml.parse(text, Loader=loader):
            if not builder.take(event):
                break
    except yaml.MarkedYAMLError as error:
        # what is opened and never closed is noticed far behind the place where it is wrong
        opened = re.search("flow|quoted|simple key", error.context or "") and error.context_mark
        mark = opened or error.problem_mark or error.context_mark
        result.error = " ".join(str(error.problem or error.context or "not understood").split())
        result.at = mark.index if mark is not None else 0
        result.recoverable = True
    except yaml.reader.ReaderError as error:
        result.error, result.at = f"there is a character that YAML does not allow: {error.reason}", 0
    except RecursionError:
        result.error = "nested too deeply"
    builder.close()
    return result


class _Builder:
    """Puts nodes together from events, without recursion."""

    def __init__(self, result: Read) -> None:
        self._result = result
        self._open: list[Node] = []
        self._keys: list[Node | None] = []
        self._anchors: dict[str, Node] = {}
        self._count = 0

    def take(self, event: Any) -> bool:
        """Add what an event says; False once there is too much."""
        name = type(event).__name__
        if name == "ScalarEvent":
            style = event.style if event.style in ("|", ">", "'", '"') else ""
            node = Node("scalar", event.tag or "", event.start_mark.index, event.end_mark.index, event.value, style)
            return self._add(node, event.anchor)
        if name == "SequenceStartEvent" or name == "MappingStartEvent":
            kind = "sequence" if name[0] == "S" else "mapping"
            node = Node(kind, event.tag or "", event.start_mark.index)
            if not self._add(node, event.anchor):
                return False
            self._open.append(node)
            self._keys.append(None)
            if len(self._open) > _DEPTH:
                return self._stop("nested too deeply", node.start)
        elif name == "SequenceEndEvent" or name == "MappingEndEvent":
            self._open.pop().end = event.end_mark.index
            self._keys.pop()
        elif name == "AliasEvent":
            known = self._anchors.get(event.anchor)
            if known is None or any(known is node for node in self._open):
                known = Node("scalar", "", event.start_mark.index)
            return self._add(known, None)
        elif name == "DocumentStartEvent":
            self._anchors = {}
        return True

    def _add(self, node: Node, anchor: str | None) -> bool:
        self._count += 1
        if self._count > _NODES:
            return self._stop(f"holds more than {_NODES:,} values", node.start)
        if anchor:
            self._anchors[anchor] = node
        if not self._open:
            self._result.documents.append(node)
            return True
        above = self._open[-1]
        if above.kind == "sequence":
            above.items.append(node)
        elif (key := self._keys[-1]) is None:
            self._keys[-1] = node
        else:
            above.pairs.append((key, node))
            self._keys[-1] = None
        return True

    def _stop(self, why: str, at: int) -> bool:
        self._result.error, self._result.at = why, at
        return False

    def close(self) -> None:
        """Keep what was open when reading stopped."""
        while self._open:
            node = self._open.pop()
            node.end = max(node.end, self._result.at)


def mappings(root: Node) -> Iterator[Node]:
    """Every mapping at or below a node, each once, parents first."""
    waiting, seen = [root], set[int]()
    while waiting:
        node = waiting.pop()
        if id(node) in seen or node.kind == "scalar":
            continue
        seen.add(id(node))
        if node.kind == "mapping":
            yield node
            waiting.extend(value for _, value in reversed(node.pairs))
        else:
            waiting.extend(reversed(node.items))
