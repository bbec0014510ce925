"""What the ``[[protect]]`` entries say of a path, by its name and by where links lead."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from fnmatch import fnmatchcase
from functools import cache

from agentguard.world import path_names as names
from agentguard.world.protocol import World
from agentguard.world.settings import Protection

#: entries looked at to see whether a tree holds something that a pattern means
_BUDGET = 2_000

#: what lies below the directory that is looked at, see ``_tree``
Below = Callable[[], tuple[str | None, ...]]


def classes(path: str, through: str, world: World, *, contents: bool = False) -> set[str]:
    """``protected`` and ``protected_VERB`` for what is stopped at a path; ``above_protected_VERB`` for a directory
    with something below it for which that is stopped.

    ``path`` has its directories resolved, ``through`` its last link too: that is what reading, writing and chmod
    reach, while deleting takes only the link. ``contents``: everything in the directory rather than itself.
    """
    found: set[str] = set()
    below = cache(lambda: tuple(_tree(path, world)))  # read once for all entries, and only if a glob needs it
    for protection in world.settings.protections:
        patterns = tuple(_patterns(protection, world))
        stopped: frozenset[str] = frozenset()
        if any(_covers(pattern, path) or (contents and _child(pattern, path, world, below)) for pattern in patterns):
            stopped = protection.stops
        elif through != path and any(_covers(pattern, through) for pattern in patterns):
            stopped = protection.stops - {"delete"}
        if stopped:
            found |= {"protected", *(f"protected_{verb}" for verb in stopped)}
        rest = protection.stops - stopped
        if rest and any(_above(pattern, path, world, below) for pattern in patterns):
            found |= {f"above_protected_{verb}" for verb in rest}
    return found


def with_trees(wanted: Iterable[str], only: str, world: World) -> Iterator[str]:
    """The classes a rule wants, for an operation on a whole tree, or on the names like ``only`` in it."""
    for name in wanted:
        yield name
        if name.startswith("protected_") and (not only or _named(only, name.partition("_")[2], world)):
            yield f"above_{name}"


def _patterns(protection: Protection, world: World) -> Iterator[str]:
    """The paths of an entry, as written and with links followed as far as no glob stands there."""
    for path in protection.paths:
        path = path.removesuffix("/**") or "/"  # everything in a directory: the directory with it
        yield path
        parts = path.split("/")
        fixed = next((index for index, part in enumerate(parts) if _vague(part)), len(parts))
        resolved = "/".join([world.resolve("/".join(parts[:fixed]) or "/").rstrip("/"), *parts[fixed:]]) or "/"
        if resolved != path:
            yield resolved


def _vague(part: str) -> bool:
    return any(sign in part for sign in "*?[")


def _covers(pattern: str, path: str) -> bool:
    return (
        path == pattern
        or path.startswith(pattern.rstrip("/") + "/")
        or fnmatchcase(path, pattern)
        or any(fnmatchcase(parent, pattern) for parent in _parents(path) if _vague(pattern))
    )


def _parents(path: str) -> Iterator[str]:
    while path := path.rpartition("/")[0]:
        yield path


def _child(pattern: str, path: str, world: World, below: Below) -> bool:
    return pattern.count("/") == path.rstrip("/").count("/") + 1 and _above(pattern, path, world, below)


def _above(pattern: str, path: str, world: World, below: Below) -> bool:
    """Whether a directory holds, at whatever depth, something that is there and that the pattern means."""
    parts, place = pattern.split("/"), path.rstrip("/").split("/")
    if len(place) >= len(parts) and "**" not in parts:
        return False
    for part, name in zip(parts, place, strict=False):
        if part == "**":
            break
        if not fnmatchcase(name, part):
            return False
    if not _vague(pattern):
        return world.kind(pattern) != "missing"
    found = next((entry for entry in below() if entry is None or fnmatchcase(entry, pattern)), "")
    return not names.rebuildable(place[-1]) if found is None else bool(found)


def _named(only: str, verb: str, world: World) -> bool:
    """Whether something protected, or something in it, has a name like ``only``."""
    for protection in world.settings.protections:
        if verb not in protection.stops:
            continue
        for pattern in _patterns(protection, world):
            last = pattern.rpartition("/")[2]
            if fnmatchcase(last, only) or _vague(last):
                return True
            if any(entry is None or fnmatchcase(entry.rpartition("/")[2], only) for entry in _tree(pattern, world)):
                return True
    return False


def _tree(path: str, world: World) -> Iterator[str | None]:
    """Everything below a directory, breadth first; None at the end where there is more than is looked at."""
    waiting = [path.rstrip("/")]
    seen = 0
    while waiting:
        folder = waiting.pop(0)
        if (listed := world.listing(folder or "/")) is None:
            if world.kind(folder or "/") == "directory":
                yield None
            continue
        for name in listed:
            seen += 1
            if seen > _BUDGET:
                yield None
                return
            entry = f"{folder}/{name}"
            yield entry
            if world.kind(entry) == "directory":
                waiting.append(entry)
