"""What a script checks before it uses a variable: ``${X:?}``, ``[ -n "$X" ] || exit``, ``set -u``…"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence

from agentguard.interpret.builtin_words import options
from agentguard.interpret.values import Origin, Value, literal, unknown
from agentguard.light import dataclass, field
from agentguard.syntax.nodes import (
    AndOr,
    Arithmetic,
    ArithmeticCommand,
    Assignment,
    Case,
    Command,
    Conditional,
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


#: Tests that hold for ``/`` as well as for the path that is meant.
_THERE = frozenset(("-d", "-e", "-f", "-L", "-h", "-r", "-w", "-x", "-s"))


@dataclass(slots=True)
class Guards:
    """What holds where: a name is guarded in each of its spans.

    ``there`` are those where only something is known to be at the path that a variable holds, which holds for ``/``
    too. ``assigned`` are the variables that get a value somewhere in the script. ``nounset`` and ``errexit`` are the
    offsets from which ``set -u`` and ``set -e`` hold, None for nowhere. ``unread`` is the offset of the first file
    read into the shell that cannot be looked at; variables may be set there. ``unread_own`` is the same without
    settings of the machine (``/etc/default/x``), which may lack any of them.
    """

    spans: dict[str, list[Span]] = field(default_factory=dict)
    there: dict[str, list[Span]] = field(default_factory=dict)
    assigned: set[str] = field(default_factory=set)
    names: list[tuple[int, str]] = field(default_factory=list)
    nounset: int | None = None
    errexit: int | None = None
    unread: int | None = None
    unread_own: int | None = None

    def hold(self, name: str, span: Span) -> bool:
        """Whether a variable was checked, so that it is not empty in the command at ``span``."""
        return self.told(name, span) or _inside(self.there.get(name, ()), span)

    def told(self, name: str, span: Span) -> bool:
        """Whether what a variable holds was looked at, and not only what is there."""
        return _inside(self.spans.get(name, ()), span)

    def used(self, span: Span) -> frozenset[str]:
        """The variables that the text of a command names."""
        return frozenset(name for at, name in self.names if span[0] <= at < span[1])

    def add(self, name: str, start: int, end: int, there: bool = False) -> None:
        (self.there if there else self.spans).setdefault(name, []).append((start, end))


def _inside(spans: Sequence[Span], span: Span) -> bool:
    return any(start <= span[0] and span[1] <= end for start, end in spans)


def guards(script: Script, size: int, before: Script | None = None) -> Guards:
    """Every check in a script. ``size`` is the length of its text; ``before`` is what its shell runs ahead of it."""
    found = Guards()
    for node in nodes(before) if before is not None else ():
        if isinstance(node, Simple):
            _options(node, found, 0)
    every = [node for node in nodes(script) if not isinstance(node, Text | Word)]
    leaving = _Starts(node.span[0] for node in every if isinstance(node, Simple) and _leaves(node))
    assigning = _Starts(node.span[0] for node in every if isinstance(node, Assignment))
    simple: Span = (0, 0)
    for node in every:
        if isinstance(node, Simple):
            simple = node.span
            _options(node, found, node.span[1])
        elif isinstance(node, Parameter):
            found.names.append((node.span[0], node.name))
            if node.operator in (":?", "?", ":=", "="):  # the command around it does not run without a value either
                found.add(node.name, simple[0] if node.span[0] < simple[1] else node.span[0], size)
        elif isinstance(node, If):
            ends = any(leaving.within(body) or assigning.within(body) for _, body in node.branches)
            ends = ends or (node.otherwise is not None and leaving.within(node.otherwise))
            for condition, _ in node.branches:
                for name, there in _tested(condition):
                    found.add(name, condition.span[1], size if ends else node.span[1], there)
        elif isinstance(node, AndOr):
            ends = any(leaving.within(command) or assigning.within(command) for command in node.commands[1:])
            for command in node.commands[:-1]:
                for name, there in _tested(command):
                    found.add(name, command.span[1], size if ends else node.span[1], there)
        elif isinstance(node, While):
            for name, there in _tested(node.condition):
                found.add(name, *node.span, there)
        elif isinstance(node, Case):
            for name in _names(node.subject):
                found.add(name, *node.span)
                if any(leaving.within(arm.body) for arm in node.arms):
                    found.add(name, node.span[1], size)
    return found


class _Starts:
    """Where nodes of one sort begin."""

    def __init__(self, starts: Iterable[int]) -> None:
        self._starts = sorted(starts)

    def within(self, node: Command | Script) -> bool:
        """Whether one of them begins inside of a node."""
        at = bisect_left(self._starts, node.span[0])
        return at < len(self._starts) and self._starts[at] < node.span[1]


def _leaves(node: Simple) -> bool:
    return bool(node.words) and _LEAVING.fullmatch(_plain(node.words[0])) is not None


def _tested(root: Node) -> Iterator[tuple[str, bool]]:
    """The variables that a condition looks at, and whether it only asks what is there under their paths."""
    for node in nodes(root):
        if isinstance(node, Conditional) or (
            isinstance(node, Simple) and node.words and _plain(node.words[0]) in ("[", "test", "grep")
        ):
            there = _paths(node)
            for inner in nodes(node):
                if isinstance(inner, Parameter):
                    yield inner.name, inner.name in there
                elif isinstance(inner, Text) and inner.value.isidentifier():
                    yield inner.value, False  # [[ -v X ]]
        elif isinstance(node, Arithmetic | ArithmeticCommand):
            for inner in nodes(node):
                if isinstance(inner, Parameter):
                    yield inner.name, False


def _paths(test: Conditional | Simple) -> set[str]:
    """The variables of which a test only asks whether a file or directory is there, or that they are not some name."""
    words = [_plain(word) for word in test.words]
    asked: set[str] = set()
    told: set[str] = set()
    for at, word in enumerate(test.words):
        before, sign, other = words[at - 1] if at else "", *[*words[at + 1 : at + 3], "", ""][:2]
        whole = not any(isinstance(node, Text) for node in nodes(word))
        unlike = sign == "!=" and other and "/" not in other and whole  # [ x$X != x ] asks whether it is empty
        (asked if before in _THERE or unlike else told).update(_names(word))
    return asked - told


def _names(word: Word) -> Iterator[str]:
    for node in nodes(word):
        if isinstance(node, Parameter):
            yield node.name


def _options(node: Simple, found: Guards, at: int) -> None:
    """Note what a ``set`` switches on from the offset ``at``; that it may be switched off again is not followed."""
    if not node.words or _plain(node.words[0]) != "set":
        return
    given, _ = options(tuple(map(_value, node.words[1:])), "o", "-+")
    for option, value in given:
        name = value.known if option == "-o" else option
        if name in ("-u", "nounset") and found.nounset is None:
            found.nounset = at
        if name in ("-e", "errexit") and found.errexit is None:
            found.errexit = at


def _plain(word: Word) -> str:
    """The text of a word that holds nothing but text, else ""."""
    texts = [part.value for part in word.parts if isinstance(part, Text)]
    return "".join(texts) if len(texts) == len(word.parts) else ""


def _value(word: Word) -> Value:
    text = _plain(word)
    return literal(text) if text else unknown(Origin.VARIABLE)
