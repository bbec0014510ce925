"""What an ``[[allow]]`` entry reaches. Imported only where there is one.

An allowance is the human's; the command is the agent's. So wherever the command leaves open what it reaches, the
allowance does not hold.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase

from agentguard import regex
from agentguard.config import Allowance
from agentguard.interpret.invocation import Invocation
from agentguard.interpret.values import Unknown, Value
from agentguard.rulebook.model import Finding

#: what can stand before a path in a word
_BEFORE = regex.compile(r"[=:,@]")
_LETTERS = regex.compile(r"-\w+")
#: a path in some home directory, and a pattern that ``..`` may fit
_ELSEWHERE = regex.compile(r"~[^/]*/|(?:.*/)?\.\.?[*?\[]")
_GIT_PLACES = regex.compile(r"GIT_(?:DIR|WORK_TREE|COMMON_DIR|INDEX_FILE|OBJECT_DIRECTORY|NAMESPACE)")

#: characters of a path; nothing longer can be opened
_LONGEST = 4096
#: names that are looked up for one word; where there are more, it stays open what it reaches
_STEPS = 20_000


def covers(allowance: Allowance, finding: Finding) -> bool:
    """Whether the allowance lifts this finding: its rule, and every part of its scope."""
    if not fnmatchcase(finding.rule, allowance.rule):
        return False
    if allowance.directory and not _within(allowance.directory, finding.invocation):
        return False
    if allowance.target and not _glob(allowance.target).fullmatch(finding.target):
        return False
    return not allowance.environment or finding.environment == allowance.environment


def _glob(pattern: str) -> re.Pattern[str]:
    """``*`` stays within a word: ``origin/*`` is one branch, not a list of them. ``**`` is anything."""
    parts = {"**": ".*", "*": r"[^\s,]*", "?": r"[^\s,]"}
    return re.compile("".join(parts.get(part) or re.escape(part) for part in re.split(r"(\*\*|\*|\?)", pattern)), re.S)


def _within(directory: str, invocation: Invocation) -> bool:
    """Whether a program works below ``directory``, and is given no path that leads out of it."""
    where = invocation.cwd.known
    if where is None or invocation.place:
        return False
    if any(source.startswith("link:") for content in invocation.written.values() for source in content.sources):
        return False  # this very command line makes links: where a directory leads is not certain
    if any(_GIT_PLACES.fullmatch(name) and value is not None for name, value in invocation.env.items()):
        return False
    allowed = os.path.realpath(directory)
    if not _below(where, allowed):
        return False
    return all(_stays(word, where, allowed) for word in invocation.argv[1:])


def _stays(word: Value, where: str, allowed: str) -> bool:
    """Whether a word is certain not to lead out, whichever part of it the program takes for a path."""
    if word.known is None and not word.prefix:
        return False
    if any(isinstance(piece, Unknown) and not piece.path_safe for piece in word.pieces):
        return False
    steps = 0
    for path in _paths(str(word)):
        readable = len(path) <= _LONGEST
        steps += path.count("/") + 1 if readable else 1
        if steps > _STEPS:
            return False
        if readable and (_ELSEWHERE.match(path) or not _below(os.path.join(where, path), allowed)):
            return False
    return True


def _paths(word: str) -> Iterator[str]:
    """Everything in a word that could be a path: all of it, what follows a sign, and what is glued to letter options.

    What follows the ``:`` of a URL begins with the name of a host.
    """
    yield word
    for found in _BEFORE.finditer(word):
        path = word[found.end() :]
        if not (found[0] == ":" and path.startswith("//") and not path.startswith("///")):
            yield path
    if letters := _LETTERS.match(word):
        for start in range(2, letters.end() + 1):
            yield word[start:]


def _below(path: str, allowed: str) -> bool:
    return f"{os.path.realpath(path)}/".startswith(allowed.rstrip("/") + "/")
