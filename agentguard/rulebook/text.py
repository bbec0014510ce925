"""Three-valued text matching: what is known of a word against the patterns of a rule."""

from __future__ import annotations

import re
from collections import namedtuple
from collections.abc import Iterable
from fnmatch import fnmatchcase
from functools import cache

from agentguard import regex
from agentguard.interpret.values import Pattern, Truth, Value
from agentguard.light import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final, NamedTuple

#: stands for an unknown piece in a text that a pattern is tried on
HOLE: Final = "\ufffc"
#: the same as a letter
_LETTER: Final = "\u2d63"
#: longer texts are searched piece by piece, so that no pattern costs more than its length times this
_WINDOW: Final = 16_384
_OVERLAP: Final = 2_048

_LITERAL: Final = r"(?:[\w\-/:@%,= ]|\\\W)"
#: a pattern tied to the beginning that goes on with literal text or alternatives of it
_HEAD: Final = regex.compile(
    rf"\^(?:\((?:\?:)?({_LITERAL}+(?:\|{_LITERAL}+)*)\)(?![?*{{])|({_LITERAL}+)(?![?*{{]))([^|]*)\Z"
)


if TYPE_CHECKING:

    class Outcome(NamedTuple):
        """How a criterion came out. ``firm``: something that was really seen speaks for it; a MAYBE that is not firm
        only says that nothing excludes it."""

        truth: Truth
        firm: bool
else:
    Outcome = namedtuple("Outcome", "truth firm")


NO: Final = Outcome(Truth.NO, False)
YES: Final = Outcome(Truth.YES, True)
OPEN: Final = Outcome(Truth.MAYBE, False)
LIKELY: Final = Outcome(Truth.MAYBE, True)


def both(outcomes: Iterable[Outcome]) -> Outcome:
    """All of them; firm where one is."""
    truth, firm = Truth.YES, False
    for outcome in outcomes:
        if outcome.truth is Truth.NO:
            return NO
        truth = min(truth, outcome.truth)
        firm = firm or outcome.firm
    return Outcome(truth, firm)


def either(outcomes: Iterable[Outcome]) -> Outcome:
    """The best of them."""
    return max(outcomes, default=NO)


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    return regex.compile(pattern, re.DOTALL)


def rendered(value: Value) -> str:
    """The text with a HOLE for each unknown piece; glob operators as written."""
    return "".join(
        piece if isinstance(piece, str) else piece.text if isinstance(piece, Pattern) else HOLE
        for piece in value.pieces
    )


def search(patterns: Iterable[str], value: Value) -> Outcome:
    """Whether one of the regular expressions is found in the final text."""
    text = rendered(value)
    return either(_search(pattern, text) for pattern in patterns)


def search_text(patterns: Iterable[str], text: str) -> Outcome:
    """The same for a text that may hold HOLEs."""
    return either(_search(pattern, text) for pattern in patterns)


def _search(pattern: str, text: str) -> Outcome:
    found = _first(compiled(pattern), text)
    if HOLE not in text:
        return YES if found else NO
    if found and _certain(pattern, text, found):
        return YES
    if not found and _excluded(pattern, text):
        return NO
    return LIKELY if text.strip(HOLE) else OPEN


def _first(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    """The first match; in a long text, the first that fits into a window."""
    if len(text) <= _WINDOW:
        return pattern.search(text)
    for start in range(0, len(text), _WINDOW - _OVERLAP):
        found = pattern.search(text, start, start + _WINDOW)
        if found is not None:
            return found
    return None


def _certain(pattern: str, text: str, found: re.Match[str]) -> bool:
    """Whether a match stands whatever the unknown pieces hold: it covers none of them, and does not look at them."""
    if HOLE in text[found.start() : found.end()] or "(?" in pattern.replace("(?:", ""):
        return False
    beside = _first(compiled(pattern), text.replace(HOLE, _LETTER))  # for ``\\b`` and ``\\B``
    return beside is not None and _LETTER not in beside[0]


def _excluded(pattern: str, text: str) -> bool:
    """Whether the known beginning already contradicts a pattern that is tied to the beginning."""
    head = _HEAD.match(pattern)
    known = text.partition(HOLE)[0]
    if head is None or not known:
        return False
    for alternative in (head[1] or head[2]).split("|"):
        begin = re.sub(r"\\(\W)", r"\1", alternative)
        if begin.startswith(known) or known.startswith(begin):
            return False
    return True


def globs(patterns: Iterable[str], value: Value) -> Outcome:
    """Whether the whole final text fits one of the globs."""
    known = value.known
    if known is not None:
        return YES if _Globs.of(tuple(patterns)).fit(known) else NO
    return either(_glob(pattern, value) for pattern in patterns)


@dataclass(frozen=True, slots=True)
class _Globs:
    """Globs by their shape: few need more than a look at the whole text, its beginning or its end."""

    names: frozenset[str]
    heads: tuple[str, ...]
    tails: tuple[str, ...]
    others: tuple[str, ...]

    @staticmethod
    @cache
    def of(patterns: tuple[str, ...]) -> _Globs:
        names, heads, tails, others = set(), [], [], []
        for pattern in patterns:
            if not _special(pattern):
                names.add(pattern)
            elif pattern[-1] == "*" and not _special(pattern[:-1]):
                heads.append(pattern[:-1])
            elif pattern[0] == "*" and not _special(pattern[1:]):
                tails.append(pattern[1:])
            else:
                others.append(pattern)
        return _Globs(frozenset(names), tuple(heads), tuple(tails), tuple(others))

    def fit(self, text: str) -> bool:
        return (
            text in self.names
            or text.startswith(self.heads)
            or text.endswith(self.tails)
            or any(fnmatchcase(text, pattern) for pattern in self.others)
        )


def _special(pattern: str) -> bool:
    return not {"*", "?", "["}.isdisjoint(pattern)


def _glob(pattern: str, value: Value) -> Outcome:
    if pattern == "*":
        return YES
    text = rendered(value)
    if HOLE not in text:
        return YES if fnmatchcase(text, pattern) else NO
    head, tail = text.partition(HOLE)[0], text.rpartition(HOLE)[2]
    begin, end = re.split(r"[*?\[]", pattern, maxsplit=1)[0], re.split(r"[*?\]]", pattern)[-1]
    literal = begin == pattern
    if literal:
        fits = pattern.startswith(head) and pattern.endswith(tail) and len(pattern) >= len(head) + len(tail)
    else:
        fits = (head.startswith(begin) or begin.startswith(head)) and (tail.endswith(end) or end.endswith(tail))
    if not fits:
        return NO
    if not literal and fnmatchcase(text, pattern) and (tail.endswith(end) and end and head.startswith(begin)):
        return YES
    return LIKELY if head or tail else OPEN
