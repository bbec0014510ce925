"""The second reading: another reader must find the same simple commands with the same spans.

That reader is bashlex, except where a command is made of nothing but plain words and ``&&``, ``||``, ``|`` and ``;``
between blanks, perhaps with a quoted here-document at its end: splitting at blanks is all there is to reading those,
and costs no import of a parser.
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
#: a command that is given a text as it stands: nothing in the lines up to the delimiter means anything
_GIVEN = regex.compile(r"([^\n]*) <<'([A-Za-z_]+)'\n((?:[^\n]*\n)*?)\2\n?")
#: words that are more than words to bash where a command may begin
_SPECIAL = frozenset(
    ("if", "then", "elif", "else", "fi", "for", "in", "do", "done", "while", "until", "case", "esac", "select",
     "function", "time", "coproc", "declare", "typeset", "local", "export", "readonly", "alias", "let", "eval")
)  # fmt: skip


def agree(text: str, script: Script) -> None:
    """Return if the second reader reads ``text`` as ``script`` does. Raises ``ShellSyntaxError`` where it does not."""
    spans = plain(text)
    if spans is not None and spans == [
        tuple(word.span for word in node.words) for node in nodes(script) if isinstance(node, Simple)
    ]:
        return
    from agentguard.syntax.bashlex_witness import agree_with_bashlex

    agree_with_bashlex(text, script)


def plain(text: str) -> list[tuple[Span, ...]] | None:
    """The spans of the words of each command in a text of plain words, in order; None for any other text."""
    if (given := _GIVEN.match(text)) and given.end() == len(text):  # the first line that is the delimiter is the last
        text = given[1]
    if not _PLAIN.fullmatch(text) or not _SPECIAL.isdisjoint(text.replace(";", " ").split()):
        return None
    commands, start = [], 0
    for end, after in (*(found.span() for found in _BETWEEN.finditer(text)), (len(text), 0)):
        spans = []
        for word in text[start:end].split(" "):
            spans.append((start, start + len(word)))
            start += len(word) + 1
        commands.append(tuple(spans))
        start = after
    return commands
