"""The second reading: bashlex must find the same simple commands with the same word spans."""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType

from agentguard import regex
from agentguard.syntax import bashlex_tables
from agentguard.syntax.errors import ShellSyntaxError
from agentguard.syntax.nodes import Script, Span
from agentguard.syntax.skeleton import Shape, Skeleton
from agentguard.syntax.text import LIMIT
from agentguard.syntax.walk import contexts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn

#: Between two statements, and after the last: blanks, comments and separators.
_BETWEEN = regex.compile(r"(?:[ \t\n;&]|\\\n|#[^\n]*+)*")
_AFTER = regex.compile(_BETWEEN.pattern + r"\\?")


def agree_with_bashlex(text: str, script: Script) -> None:
    """Return if bashlex reads ``text`` as ``script`` does.

    Each context is masked (see ``skeleton``) and read one statement at a time. Raises ``ShellSyntaxError``
    (``disagreement``) for the first statement that is read differently or not at all, and ``limit`` for text that is
    longer than ``LIMIT``.
    """
    if len(text) > LIMIT:
        raise ShellSyntaxError("limit", "the command is too long for the second reading", (0, len(text)))
    parser = bashlex_tables.load()
    for context in contexts(script):
        _agree(parser, text, context)


def _agree(parser: ModuleType, text: str, context: Script) -> None:
    skeleton = Skeleton(text, context)
    masked = skeleton.masked()
    found: list[Shape] = []
    position = context.span[0]
    for statement in context.statements:
        start, end = statement.span
        if not _BETWEEN.fullmatch(masked, position - context.span[0], start - context.span[0]):
            _differ((position, start))
        found.extend(_read(parser, masked[start - context.span[0] : end - context.span[0]], (start, end)))
        position = end
    if not _AFTER.fullmatch(masked, position - context.span[0]):
        _differ((position, context.span[1]))
    if sorted(found) != sorted(skeleton.expected):
        _differ(_first_difference(found, skeleton.expected, context.span))


def _read(parser: ModuleType, source: str, span: Span) -> Iterator[Shape]:
    """The simple commands that bashlex finds in one statement."""
    try:
        tree = parser._parser(source, expansionlimit=0).parse()
    except (
        parser.errors.ParsingError,
        NotImplementedError,
        AssertionError,
        AttributeError,
        TypeError,
        IndexError,
        KeyError,
        ValueError,
        RecursionError,
    ):
        _differ(span)
    if not isinstance(tree, parser.ast.node):
        _differ(span)
    if source[: tree.pos[0]].strip(" \t\n") or source[tree.pos[1] :].strip(" \t\n"):
        _differ(span)
    yield from _commands(parser, tree, span[0])


def _commands(parser: ModuleType, tree: Any, offset: int) -> Iterator[Shape]:
    """Every command node below ``tree``, wherever bashlex keeps it."""
    node_type = parser.ast.node
    seen: set[int] = set()
    stack = [tree]
    while stack:
        node = stack.pop()
        if isinstance(node, list | tuple):
            stack.extend(node)
        elif isinstance(node, node_type) and id(node) not in seen:
            seen.add(id(node))
            if node.kind == "command":
                yield tuple(
                    sorted(
                        (offset + part.pos[0], offset + part.pos[1])
                        for part in node.parts
                        if part.kind in ("word", "assignment")
                    )
                )
            stack.extend(node.__dict__.values())


def _first_difference(found: list[Shape], expected: list[Shape], context: Span) -> Span:
    """Where the two lists of commands part, as far as it can be told."""
    different = sorted(set(found) ^ set(expected))
    spans = [span for shape in different for span in shape]
    return (min(spans)[0], max(span[1] for span in spans)) if spans else context


def _differ(span: Span) -> NoReturn:
    raise ShellSyntaxError("disagreement", "two readings of this command disagree", span)
