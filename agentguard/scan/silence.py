"""Findings that people have looked at: ignore comments in the files and ``[scan]`` in configuration files.

``# agentguard: ignore[rule-id, other.*] -- reason`` is about its own line, or, alone on a line, about the next one.
Lines that a backslash continues count as one, and so does a block of code below ``<!-- … -->`` in Markdown. A comment
without a rule or a reason silences nothing and is reported itself, and so is a rule of a comment that silences nothing
(any more).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from functools import lru_cache
from itertools import islice

from agentguard.config import Layer, Trust
from agentguard.light import dataclass
from agentguard.rulebook.model import Severity
from agentguard.scan.model import Hit, Place

UNCLEAR = "scan.ignore-unclear"
UNUSED = "scan.ignore-unused"
#: Comments of one file that are looked at; the rest silences nothing.
MOST = 1000

#: how a comment begins, by the end of the file's name; JSON has none, so there only configuration and baseline silence
_OPENERS = (
    ((".json",), ()),
    ((".jsonc", ".json5", ".js", ".ts", ".groovy", "jenkinsfile"), ("//",)),
    ((".tf", ".hcl"), ("#", "//")),
    ((".sql",), ("--",)),
    ((".md", ".markdown"), ("<!--", "#")),
    (("-",), ("#", "--")),
)
_COMMENT = re.compile(r"(?m)(?:^|(?<=\s))(#|//|--|<!--)[ \t]*agentguard:[ \t]*ignore\b(\[[^\]\n]*\])?([^\n]*)")
_FENCE = re.compile(r"\s*(`{3,}|~{3,})")
_REASON = re.compile(r"\s*--\s*(\S.*)")


@dataclass(frozen=True, slots=True)
class Comment:
    """An ignore comment. ``first`` to ``last`` are the lines it is about; ``rules`` are globs on rule ids."""

    place: Place
    rules: tuple[str, ...]
    reason: str
    first: int
    last: int
    source: str


def comments(path: str, text: str) -> list[Comment]:
    """The ignore comments of a file, in order."""
    openers = _openers(path)
    if not openers or "agentguard:" not in text:
        return []
    lines = text.split("\n")
    matches = (match for match in _COMMENT.finditer(text) if match[1] in openers)
    found = [(text.count("\n", 0, match.start()) + 1, match) for match in islice(matches, MOST)]
    alone = {line for line, match in found if not _before(text, match).strip()}
    made = []
    for line, match in found:
        about = line
        while about in alone:
            about += 1
        first, last = _block(lines, about) if match[1] == "<!--" else _logical(lines, about)
        column = len(_before(text, match)) + 1
        place = Place(path, line, column, line, column + len(match[0].rstrip()))
        rest = match[3].removesuffix("\r").rstrip().removesuffix("-->") if match[1] == "<!--" else match[3]
        reason = _REASON.fullmatch(rest.rstrip())
        rules = tuple(rule.strip() for rule in (match[2] or "[]")[1:-1].split(",") if rule.strip())
        made.append(Comment(place, rules, reason[1] if reason else "", min(line, first), last, lines[line - 1]))
    return made


def silence(hits: Sequence[Hit], found: Sequence[Comment]) -> tuple[list[Hit], list[Hit]]:
    """The hits that no comment silences, and hits about the comments themselves."""
    kept = []
    used: set[tuple[int, str]] = set()
    for hit in hits:
        matching = {
            (number, rule)
            for number, comment in enumerate(found)
            if comment.reason and hit.touches(comment.first, comment.last)
            for rule in comment.rules
            if fnmatchcase(hit.rule, rule)
        }
        used |= matching
        if not matching:
            kept.append(hit)
    about = []
    for number, comment in enumerate(found):
        if not comment.rules or not comment.reason:
            about.append(_unclear(comment))
        elif idle := [rule for rule in comment.rules if (number, rule) not in used]:
            about.append(_unused(comment, ", ".join(idle)))
    return kept, about


@dataclass(frozen=True, slots=True)
class Configured:
    """What the configuration files leave out. Each glob goes with the directory that it is relative to."""

    excludes: tuple[tuple[str, str], ...] = ()
    ignores: tuple[tuple[str, str, tuple[str, ...]], ...] = ()

    def excludes_file(self, path: str) -> bool:
        """Whether a file is not scanned at all."""
        return any(_fits(path, base, glob) for base, glob in self.excludes)

    def ignores_hit(self, hit: Hit) -> bool:
        """Whether an ``[[scan.ignore]]`` entry takes a hit out."""
        return any(
            fnmatchcase(hit.rule, rule) and (not paths or any(_fits(hit.place.path, base, glob) for glob in paths))
            for base, rule, paths in self.ignores
        )


def configured(layers: Iterable[Layer], root: str) -> Configured:
    """``[scan]`` of all configuration files together. The globs of a project file count from its directory, those of
    the owners' files from ``root``. Only scanning asks for this: the guard's ``Policy`` holds none of it."""
    excludes: list[tuple[str, str]] = []
    ignores: list[tuple[str, str, tuple[str, ...]]] = []
    for layer in layers:
        base = os.path.dirname(layer.path) if layer.trust is Trust.PROJECT else root
        excludes += [(base, glob) for glob in layer.scan.exclude]
        ignores += [(base, entry.rule, entry.paths) for entry in layer.scan.ignores]
    return Configured(tuple(excludes), tuple(ignores))


def _fits(path: str, base: str, glob: str) -> bool:
    """Whether a path, or a directory above it, fits. A glob without a slash fits a name at any depth; ``*`` stays
    within a name, ``**`` crosses directories."""
    folder, name = os.path.split(path)
    link = not name or name in (".", "..") or os.path.islink(path)
    real = os.path.realpath(path) if link else os.path.join(_real(os.path.abspath(folder)), name)
    top = _real(os.path.abspath(base)).rstrip("/") + "/"
    return f"{real}/".startswith(top) and _pattern(glob).fullmatch(real[len(top) :] or ".") is not None


@lru_cache(maxsize=4096)
def _real(directory: str) -> str:
    return os.path.realpath(directory)


@lru_cache(maxsize=4096)
def _pattern(glob: str) -> re.Pattern[str]:
    glob = glob.removeprefix("./").rstrip("/")
    anywhere = "" if "/" in glob else "(?:.*/)?"
    return re.compile(rf"{anywhere}{_translated(glob.removeprefix('/'))}(?:/.*)?", re.DOTALL)


def _translated(glob: str) -> str:
    parts = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return "".join(parts.get(part) or re.escape(part) for part in re.split(r"(\*\*/|\*\*|\*|\?)", glob))


def _openers(path: str) -> tuple[str, ...]:
    name = os.path.basename(path).lower()
    return next((openers for ends, openers in _OPENERS if name.endswith(ends)), ("#",))


def _before(text: str, match: re.Match[str]) -> str:
    """The line up to the comment."""
    return text[text.rfind("\n", 0, match.start()) + 1 : match.start()]


def _logical(lines: Sequence[str], line: int) -> tuple[int, int]:
    """The first and last line of what backslashes join to a line; lines count from 1."""
    first = last = line
    while last < len(lines) and lines[last - 1].rstrip("\r").endswith("\\"):
        last += 1
    while first > 1 and first - 2 < len(lines) and lines[first - 2].rstrip("\r").endswith("\\"):
        first -= 1
    return first, last


def _block(lines: Sequence[str], line: int) -> tuple[int, int]:
    """The fenced block that begins in a line, or that line alone."""
    fence = _FENCE.match(lines[line - 1]) if line <= len(lines) else None
    if fence is None:
        return line, line
    for number in range(line + 1, len(lines) + 1):
        if (end := _FENCE.fullmatch(lines[number - 1].rstrip())) and end[1].startswith(fence[1]):
            return line, number
    return line, len(lines)


def _unclear(comment: Comment) -> Hit:
    lacks = "no rule" if not comment.rules else "no reason"
    return about_scanning(
        UNCLEAR, Severity.MEDIUM, comment.place, f"an ignore comment with {lacks} silences nothing",
        "agentguard: ignore[rule-id] -- reason", comment.source,
    )  # fmt: skip


def _unused(comment: Comment, rules: str) -> Hit:
    return about_scanning(
        UNUSED, Severity.LOW, comment.place, f"this ignore comment silences nothing: {rules}",
        "take it out, so that it hides nothing later", comment.source,
    )  # fmt: skip


def about_scanning(rule: str, severity: Severity, place: Place, title: str, instead: str, source: str) -> Hit:
    """A hit about what silences hits."""
    return Hit(place, rule, severity, title, "", "", "", instead, source, "", "silence")
