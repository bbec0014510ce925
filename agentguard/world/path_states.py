"""What of a path exists nowhere else: how git holds it, and what a build makes again."""

from __future__ import annotations

from fnmatch import fnmatchcase

from agentguard.world import path_names as names
from agentguard.world.protocol import Repository, World

#: Classes that say nothing is lost.
EXCUSES = frozenset({"temporary", "fresh", "rebuildable", "restorable", "missing"})
_LOST = ("changed", "untracked", "ignored")
#: Directory entries looked at when a pattern may match inside a directory that git does not list.
_BUDGET = 500


class Unasked:
    """The same world without its repositories, for paths that are only looked at."""

    def __init__(self, world: World) -> None:
        self.env, self.cwd, self.home, self.settings = world.env, world.cwd, world.home, world.settings
        self.kind, self.read, self.listing, self.resolve = world.kind, world.read, world.listing, world.resolve
        self.project = world.project

    def repository(self, path: str) -> None:
        return None


def states(path: str, inside: bool, world: World) -> set[str]:
    """The state of one literal path, as one excuse or as the ways in which something of it would be lost."""
    repository = world.repository(path)
    parts = _relative(path, repository, world).split("/")
    if any(names.rebuildable(part) and not names.only_if_ignored(part) for part in parts):
        return {"rebuildable"}
    if world.kind(path) == "missing":
        return {"missing"}
    if repository is None:
        if not inside:
            return {"rebuildable"} if _usual_output(path, world) else set()
        return {"rebuildable"} if names.rebuildable(parts[-1]) else _kept({"untracked"}, path, world)
    if path == repository.root:
        return set() if path == world.resolve(world.project()) else {"untracked"}
    lost: set[str] = set()
    for state in _LOST:
        listed = repository.listed(state)
        if listed is None:
            return {"changed"}
        touched = [entry for entry in listed if _meets(entry, path)]
        if state != "changed":
            touched = [entry for entry in touched if not _made_again(entry, path, state)]
        if touched:
            lost.add(state)
    return _kept(lost, path, world) if lost else {"restorable"}


def states_below(base: str, glob: str, inside: bool, world: World) -> set[str]:
    """The same for something below a directory whose path ends like ``glob``."""
    parts = glob.strip("/").split("/")
    tops = base.split("/")[-1:] if inside else []
    for part in (*parts, *tops):
        name = part.replace("*", "x")
        if names.rebuildable(name) and part.strip("*?/") and not names.only_if_ignored(name):
            return {"rebuildable"}
    repository = world.repository(base)
    held = states(base, inside, world)
    if held & EXCUSES and world.kind(base) != "directory":
        return held
    if "rebuildable" in held:
        return held
    if repository is None:
        return {"untracked"} if inside else set()
    lost: set[str] = set()
    for state in _LOST:
        listed = repository.listed(state)
        if listed is None:
            return {"changed"}
        if any(_matches(entry, base, parts[-1], world) for entry in listed):
            lost.add(state)
    return lost or {"restorable"}


def _relative(path: str, repository: Repository | None, world: World) -> str:
    """The part of a path whose names may say that it is made again."""
    root = repository.root if repository is not None else world.resolve(world.project())
    if path.startswith(root + "/"):
        return path[len(root) + 1 :]
    return path.rpartition("/")[2]


def _kept(lost: set[str], path: str, world: World) -> set[str]:
    """Nothing is lost with a link, an empty file or an empty directory."""
    if "changed" in lost:
        return lost
    kind = world.kind(path)
    if kind == "link" or (kind == "file" and world.read(path, 0) == b""):
        return {"missing"}
    return {"missing"} if kind == "directory" and world.listing(path, 1) == () else lost


def _usual_output(path: str, world: World) -> bool:
    """``dist`` or ``build`` of some other project: not directly in the home directory or at the top."""
    parent, _, name = path.rpartition("/")
    return name in ("dist", "build", "target") and parent not in ("", world.home.rstrip("/")) and parent.count("/") > 1


def _meets(entry: str, path: str) -> bool:
    """Whether a listed entry lies at, below or around a path."""
    plain = entry.rstrip("/")
    return plain == path or plain.startswith(path + "/") or (entry.endswith("/") and path.startswith(entry))


def _made_again(entry: str, path: str, state: str) -> bool:
    """Whether the part of an entry that would go is one that a build makes again."""
    deeper = entry if len(entry) > len(path) else path
    parts = deeper.strip("/").split("/")[-4:]
    wanted = [part for part in parts if names.rebuildable(part)]
    if state == "untracked":
        wanted = [part for part in wanted if not names.only_if_ignored(part) or part in ("dist", "build", "target")]
    return bool(wanted)


def _matches(entry: str, base: str, name: str, world: World) -> bool:
    """Whether an entry at or below ``base``, or something in it, fits the pattern of a name."""
    plain = entry.rstrip("/")
    if plain.startswith(base.rstrip("/") + "/"):
        if any(fnmatchcase(part, name) for part in plain[len(base) :].split("/")):
            return True
        start = plain
    elif entry.endswith("/") and (base + "/").startswith(entry):
        start = base
    else:
        return False
    return entry.endswith("/") and _holds(start, name, world)


def _holds(directory: str, name: str, world: World) -> bool:
    """Whether a directory that git lists as a whole holds such a name; yes where it is too large to tell."""
    waiting, seen = [directory], 0
    while waiting:
        at = waiting.pop()
        found = world.listing(at)
        if found is None:
            if world.kind(at) == "directory":
                return True
            continue
        for entry in found:
            seen += 1
            if seen > _BUDGET or fnmatchcase(entry, name):
                return True
            if world.kind(f"{at}/{entry}") == "directory":
                waiting.append(f"{at}/{entry}")
    return False
