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

_NAME = f"patterns-{sys.implementation.cache_tag}-{sys.hexversion:x}.bin"
#: so many kept patterns are more than the program and a few versions of it hold; then the file begins anew
_MOST = 4_000

_known: dict[tuple[str, int], bytes] | None = None
_new: dict[tuple[str, int], bytes] = {}


def compile(pattern: str, flags: int = 0) -> re.Pattern[str]:
    """The same as ``re.compile``."""
    global _known
    if _known is None:
        _known = _read()
    key = (pattern, int(flags))
    code = _known.get(key)
    return _compiled(key) if code is None else _restored(pattern, code)


def keep() -> None:
    """Write down what was compiled since the start, if anything was."""
    if _new:
        together = {**(_known or {}), **_new}
        kept.write(_NAME, marshal.dumps(together if len(together) <= _MOST else dict(_new)))
        _new.clear()


def _read() -> dict[tuple[str, int], bytes]:
    content = kept.read(_NAME)
    try:
        found = marshal.loads(content) if content is not None else {}
    except (ValueError, TypeError, EOFError):
        return {}
    return found if isinstance(found, dict) else {}


def _restored(pattern: str, code: bytes) -> re.Pattern[str]:
    engine: Any = __import__("_sre")
    found: re.Pattern[str] = engine.compile(pattern, *marshal.loads(code))
    return found


def _compiled(key: tuple[str, int]) -> re.Pattern[str]:
    pattern, flags = key
    code = _code(pattern, flags)
    if code is None:
        return re.compile(pattern, flags)
    kept_code = marshal.dumps(code)
    if _known is not None:
        _new[key] = _known[key] = kept_code
    return _restored(pattern, kept_code)


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
