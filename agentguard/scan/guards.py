"""What a script checks before it uses a variable: ``${X:?}``, ``[ -n "$X" ] || exit``, ``set -u``…"""

from __future__ import annotations

import re
from collections.abc import Iterator

from agentguard.light import dataclass, field
from agentguard.syntax.nodes import (
    AndOr,
    Arithmetic,
    ArithmeticCommand,
    Assignment,
    Case,
    Conditional,
    Function,
    If,
    Parameter,
    Script,
    Simple,
    Span,
    Text,
    While,
    Word,
)
from agentguard.syntax.walk import Node, nodes

#: Commands that leave, so that what stands behind a test runs only where it held; ``die`` and the like by their names.
_LEAVING = re.compile(
    r"(?:exit|return|continue|break|exec|die|fail|fatal|abort|bail|panic|err\w*"
    r"|(?:log_?|print_?|msg_?)?(?:error|fatal|usage|die)\w*|\w*_(?:exit|die|fail|usage|abort))"
)
_ERREXIT = re.compile(r"-[a-zA-Z]*e")
_NOUNSET = re.compile(r"-[a-zA-Z]*u")


@dataclass(slots=True)
class Guards:
    """What holds where: a name is guarded in each of its spans. ``everywhere`` from an offset on.

    ``nounset`` and ``errexit`` are the offsets from which ``set -u`` and ``set -e`` hold, None for nowhere.
    """

    spans: dict[str, list[Span]] = field(default_factory=dict)
    names: list[tuple[int, str]] = field(default_factory=list)
    nounset: int | None = None
    errexit: int | None = None

    def hold(self, name: str, span: Span) -> bool:
        """Whether a variable was checked for the command at ``span``."""
        return any(start <= span[0] and span[1] <= end for start, end in self.spans.get(name, ()))

    def used(self, span: Span) -> frozenset[str]:
        """The variables that the text of a command names."""
        return frozenset(name for at, name in self.names if span[0] <= at < span[1])

    def add(self, name: str, start: int, end: int) -> None:
        self.spans.setdefault(name, []).append((start, end))


def guards(script: Script, size: int, options: str = "") -> Guards:
    """Every check in a script. ``size`` is the length of its text, ``options`` are those of its ``#!`` line."""
    found = Guards()
    if _ERREXIT.match(options):
        found.errexit = 0
    if _NOUNSET.match(options):
        found.nounset = 0
    simple: Span = (0, 0)
    for node in nodes(script):
        if isinstance(node, Parameter):
            found.names.append((node.span[0], node.name))
            if node.operator in (":?", "?", ":=", "="):  # the command around it does not run without a value either
                found.add(node.name, simple[0] if node.span[0] < simple[1] else node.span[0], size)
        elif isinstance(node, If):
            _branches(node, found, size)
        elif isinstance(node, AndOr):
            _chain(node, found, size)
        elif isinstance(node, While):
            for name in _tested(node.condition):
                found.add(name, *node.span)
        elif isinstance(node, Case):
            for name in _names(node.subject):
                found.add(name, *node.span)
                if any(_leaves(arm.body) for arm in node.arms):
                    found.add(name, node.span[1], size)
        elif isinstance(node, Simple):
            simple = node.span
            _options(node, found)
    return found


def _branches(node: If, found: Guards, size: int) -> None:
    leaves = any(_leaves(body) or _assigns(body) for _, body in node.branches)
    leaves = leaves or (node.otherwise is not None and _leaves(node.otherwise))
    for condition, _ in node.branches:
        for name in _tested(condition):
            found.add(name, condition.span[1], size if leaves else node.span[1])


def _chain(node: AndOr, found: Guards, size: int) -> None:
    leaves = any(_leaves(command) or _assigns(command) for command in node.commands[1:])
    for command in node.commands[:-1]:
        for name in _tested(command):
            found.add(name, command.span[1], size if leaves else node.span[1])


def _leaves(root: Node) -> bool:
    return any(
        isinstance(node, Simple) and node.words and _LEAVING.fullmatch(_plain(node.words[0])) for node in nodes(root)
    )


def _assigns(root: Node) -> bool:
    return any(isinstance(node, Assignment) for node in nodes(root))


def _tested(root: Node) -> Iterator[str]:
    """The variables that a condition looks at."""
    for node in nodes(root):
        if isinstance(node, Conditional) or (
            isinstance(node, Simple) and node.words and _plain(node.words[0]) in ("[", "test", "grep")
        ):
            for inner in nodes(node):
                if isinstance(inner, Parameter):
                    yield inner.name
                elif isinstance(inner, Text) and inner.value.isidentifier():
                    yield inner.value  # [[ -v X ]]
        elif isinstance(node, Arithmetic | ArithmeticCommand):
            for inner in nodes(node):
                if isinstance(inner, Parameter):
                    yield inner.name


def _names(word: Word) -> Iterator[str]:
    for node in nodes(word):
        if isinstance(node, Parameter):
            yield node.name


def _options(node: Simple, found: Guards) -> None:
    words = [_plain(word) for word in node.words]
    if not words or words[0] != "set":
        return
    for index, word in enumerate(words[1:], 1):
        following = words[index + 1] if index + 1 < len(words) else ""
        if _NOUNSET.match(word) or (word == "-o" and following == "nounset"):
            found.nounset = node.span[1] if found.nounset is None else found.nounset
        if _ERREXIT.match(word) or (word == "-o" and following == "errexit"):
            found.errexit = node.span[1] if found.errexit is None else found.errexit


def _plain(word: Word) -> str:
    """The text of a word that holds nothing but text."""
    parts = word.parts
    return "".join(part.value for part in parts if isinstance(part, Text)) if parts else ""


def functions(script: Script) -> frozenset[str]:
    """The names of the functions that a text defines."""
    return frozenset(node.name for node in nodes(script) if isinstance(node, Function))
