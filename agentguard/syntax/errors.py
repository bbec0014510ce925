"""The one exception of the syntax stage."""

from __future__ import annotations

from agentguard.syntax.nodes import Span


class ShellSyntaxError(Exception):
    """The text is not understood: invalid, outside the grammar we read, or over a limit.

    ``kind`` is a short stable word (``syntax``, ``unterminated``, ``limit``, ``character``, ``encoding``, ``zsh``,
    ``empty``, ``disagreement``); ``reason`` is one plain sentence for a person.
    """

    def __init__(self, kind: str, reason: str, span: Span) -> None:
        super().__init__(reason)
        self.kind = kind
        self.reason = reason
        self.span = span
