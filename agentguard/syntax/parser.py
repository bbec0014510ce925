"""Text to tree, for the whole bash 5.2 grammar; what is not understood is refused, never skipped.

The parser is one class in layers, each in its own file: ``scanner`` (position, blanks, limits), ``words`` (quotes,
patterns), ``expansions`` (``$``, backticks, arithmetic), ``heredocs`` (redirections), ``commands`` (lists, pipelines,
simple commands) and ``compounds``.
"""

from __future__ import annotations

from agentguard.syntax.compounds import Compounds
from agentguard.syntax.errors import ShellSyntaxError
from agentguard.syntax.nodes import Script
from agentguard.syntax.scanner import END, Budget


def parse(text: str, *, depth: int = 60, extended: bool = False) -> Script:
    """The tree of a command or script, with spans in ``text``; empty for blank text or comments only.

    ``depth`` is the deepest nesting that is read. ``extended``: extended patterns may be on, as they may be in any text
    that speaks of them. Raises ``ShellSyntaxError`` and nothing else. The time is linear in
    the length of the text.
    """
    if END in text:
        at = text.index(END)
        raise ShellSyntaxError("character", f"there is a NUL character at position {at}", (at, at + 1))
    parser = Compounds(text, depth, Budget.of(text))
    parser.extended |= extended
    try:
        script = parser.script()
        if parser.pos < parser.end:
            parser.unexpected()
    except RecursionError:
        reason = "the command is nested too deeply to be read"
        raise ShellSyntaxError("limit", reason, (min(parser.pos, len(text)), len(text))) from None
    return script
