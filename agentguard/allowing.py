"""What an ``[[allow]]`` entry reaches. Imported only where there is one.

An allowance is the human's; the command is the agent's. So wherever the command leaves open what it reaches, the
allowance does not hold.
"""

from __future__ import annotations

import os
import re
from fnmatch import fnmatchcase

from agentguard import regex
from agentguard.config import Allowance
from agentguard.interpret.invocation import Invocation
from agentguard.rulebook.model import Finding

#: a path in a word: all of it, after ``=`` or ``:``, or glued to a letter option
_PATH = regex.compile(r"(?:^|[=:,@]|^-\w)((?:/(?!/)|~|\.\./|\.\.$).*)")
_GIT_PLACES = regex.compile(r"GIT_(?:DIR|WORK_TREE|COMMON_DIR|INDEX_FILE|OBJECT_DIRECTORY|NAMESPACE)")


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
    for word in invocation.argv[1:]:
        if word.known is None and not word.prefix:
            return False
        found = _PATH.search(word.known if word.known is not None else word.prefix)
        if found and not _below(os.path.join(where, found[1]), allowed):
            return False
    return True


def _below(path: str, allowed: str) -> bool:
    return f"{os.path.realpath(path)}/".startswith(allowed.rstrip("/") + "/")
