"""The second reading: another reader must find the same simple commands with the same spans.

That reader is bashlex, except where a command is made of nothing but plain words and ``&&``, ``||``, ``|`` and ``;``
between blanks: splitting at blanks is all there is to reading those, and costs no import of a parser.
"""

from __future__ import annotations

from agentguard import regex
from agentguard.syntax.nodes import Script, Simple, Span
from agentguard.syntax.walk import nodes

#: a word in which no character means anything to a shell; with ``=`` it must not look like an assignment
_WORD = r"(?:-[A-Za-z0-9_./:@%,+-]*=[A-Za-z0-9_./:@%,+=-]*|[A-Za-z0-9_./:@%,+-]+)"
_COMMAND = rf"{_WORD}(?: {_WORD})*"
_PLAIN = regex.compile(rf"{_COMMAND}(?:(?: && | \|\| | \| |; ){_COMMAND})*")
_BETWEEN = regex.compile(r" && | \|\| | \| |; ")
#: words that are more than words to bash where a command may begin
_SPECIAL = frozenset(
    ("if", "then", "elif", "else", "fi", "for", "in", "do", "done", "while", "until", "case", "esac", "select",
     "function", "time", "coproc", "declare", "typeset", "local", "export", "readonly", "alias", "let", "eval")
)  # fmt: skip


def agree(text: str, script: Script) -> None:
    """Return if the second reader reads ``text`` as ``script`` does. Raises ``ShellSyntaxError`` where it does not."""
    spans = plain(text)
    if spans is not None and spans == [node.span for node in nodes(script) if isinstance(node, Simple)]:
        return
    from agentguard.syntax.bashlex_witness import agree_with_bashlex

    agree_with_bashlex(text, script)


def plain(text: str) -> list[Span] | None:
    """The spans of the commands in a text of plain words, in order; None for any other text."""
    if not _PLAIN.fullmatch(text) or not _SPECIAL.isdisjoint(text.replace(";", " ").split()):
        return None
    spans, start = [], 0
    for between in _BETWEEN.finditer(text):
        spans.append((start, between.start()))
        start = between.end()
    return [*spans, (start, len(text))]
