"""Regular expressions that are compiled once and not at every start.

Compiling the patterns of the parser and the adapters takes longer than judging a command. The code of a compiled
pattern is plain numbers, so it is kept in a cache file of this Python version. Only patterns that the program or its
rules write out belong here; patterns made from a command go to ``re.compile``. Where the inner functions of ``re``
are not as known, patterns are compiled as ever.
"""

from __future__ import annotations

import marshal
import re
import sys

from agentguard import kept

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any



def compile(pattern: str, flags: int = 0) -> re.Pattern[str]:
    """The same as ``re.compile``."""
    key = (pattern, int(flags))
    code = kept.patterns.get(key)
    return _compiled(pattern, int(flags)) if code is None else _restored(pattern, code)


def _restored(pattern: str, code: bytes) -> re.Pattern[str]:
    engine: Any = __import__("_sre")
    found: re.Pattern[str] = engine.compile(pattern, *marshal.loads(code))
    return found


def _compiled(pattern: str, flags: int) -> re.Pattern[str]:
    code = _code(pattern, flags)
    if code is None:
        return re.compile(pattern, flags)
    kept.patterns.put((pattern, flags), marshal.dumps(code))
    return _restored(pattern, marshal.dumps(code))


def _code(pattern: str, flags: int) -> tuple[Any, ...] | None:
    """What ``_sre.compile`` takes besides the pattern, made as ``re`` makes it."""
    if sys.implementation.name != "cpython":
        return None
    compiler: Any = getattr(re, "_compiler", None)
    parser: Any = getattr(re, "_parser", None)
    try:
        tree = parser.parse(pattern, flags)
        code = [int(word) for word in compiler._code(tree, flags)]  # plain numbers: they are named constants there
        groups: dict[str, int] = tree.state.groupdict
        names: list[str | None] = [None] * tree.state.groups
        for name, number in groups.items():
            names[number] = name
        return int(flags | tree.state.flags), code, tree.state.groups - 1, dict(groups), tuple(names)
    except AttributeError:
        return None
