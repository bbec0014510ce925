"""Whether text read line by line is a whole command yet, for a shell that is fed one whole command at a time."""

from __future__ import annotations

from enum import Enum

from agentguard.syntax.errors import ShellSyntaxError
from agentguard.syntax.nodes import Heredoc, Script
from agentguard.syntax.parser import parse
from agentguard.syntax.walk import nodes


class Completeness(Enum):
    """What is known of a text made of whole lines."""

    COMPLETE = "complete"  # bash would run it now
    INCOMPLETE = "incomplete"  # bash would read another line first
    BROKEN = "broken"  # bash would refuse it, or it is not understood here: no further line mends that


def delimiter(text: str) -> str | None:
    """The line that ends the here-document in which ``text`` ends, or None where it ends in none.

    No other line makes the text complete, so that a reader need not look at it anew after every line of a long one.
    """
    try:
        script = parse(text)
    except ShellSyntaxError:
        return None
    open_one = _open_heredoc(script, text)
    return open_one.delimiter if open_one is not None else None


def complete(text: str) -> Completeness:
    """The state after the lines of ``text``, each with its newline. Blank lines and comments are COMPLETE."""
    try:
        script = parse(text)
    except ShellSyntaxError as error:
        return Completeness.INCOMPLETE if error.kind == "unterminated" else Completeness.BROKEN
    if _open_heredoc(script, text) is not None or _continues(text):
        return Completeness.INCOMPLETE
    return Completeness.COMPLETE


def _open_heredoc(script: Script, text: str) -> Heredoc | None:
    """The here-document that the text ends inside of, which the parser takes as its end."""
    if "<<" not in text:
        return None
    end = len(text)
    for node in nodes(script):
        if isinstance(node, Heredoc) and node.span[1] == end and node.body.span[1] == end:
            return node
    return None


def _continues(text: str) -> bool:
    """Whether the last line ends in a backslash that bash takes as the promise of another line."""
    line = text.removesuffix("\n")
    if (len(line) - len(line.rstrip("\\"))) % 2 == 0:
        return False
    try:
        parse(line[:-1] + "'")  # a quote is open there, unless it stands in a comment
    except ShellSyntaxError:
        return True
    return False
