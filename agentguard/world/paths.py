"""What a path is: the classes that the ``files`` rules speak of.

root home home_entry system device | cwd_all parent project_root inside outside | temporary fresh rebuildable restorable
changed untracked ignored missing | git_dir vcs_config data secret shell_startup guard protected | unknown
"""

from __future__ import annotations

import fnmatch
import posixpath
from collections.abc import Iterable, Mapping

from agentguard.interpret import patterns
from agentguard.interpret.invocation import Invocation
from agentguard.interpret.values import Pattern, Truth, Unknown, Value, literal
from agentguard.world import path_names as names
from agentguard.world.protocol import World

Classes = Mapping[str, Truth]

#: A name that stands for any entry of a directory.
_SOMETHING = "\x01"
#: More matches of a pattern than this are judged by their directory.
_MATCHES = 64


def classes(path: Value, invocation: Invocation, world: World) -> Classes:
    """The classes of an absolute path; absent keys are NO. ``path`` may hold patterns and unknown pieces."""
    if not path.pieces:
        return {}
    known = path.known
    if known is not None:
        return _of(known, invocation, world)
    if path.unknown:
        return _unknown(path, invocation, world)
    return _pattern(path, invocation, world)


def _of(text: str, invocation: Invocation, world: World) -> Classes:
    if not text.startswith("/"):
        return {"unknown": Truth.YES, "outside": Truth.MAYBE}
    return {name: Truth.YES for name in classify(text, invocation, world)}


def _unknown(path: Value, invocation: Invocation, world: World) -> Classes:
    """Bounded by the literal text in front: ``/tmp/…`` stays below ``/tmp`` where the piece is path-safe."""
    head = path.prefix
    if not head.startswith("/"):
        result = {"unknown": Truth.YES, "outside": Truth.MAYBE}
        safe = all(p.path_safe for p in path.pieces if isinstance(p, Unknown))
        if not safe:
            result.update(root=Truth.MAYBE, home=Truth.MAYBE, system=Truth.MAYBE)
        return result
    base = head[: head.rindex("/")] or "/"
    stem = head[head.rindex("/") + 1 :]
    pieces = [p for p in path.pieces if isinstance(p, Unknown)]
    last = path.pieces[-1]
    inner = posixpath.join(base, stem + _SOMETHING)
    if isinstance(last, str):
        inner += last
    result = {name: Truth.YES for name in classify(inner, invocation, world)}
    result["unknown"] = Truth.YES
    if not stem and not all(p.path_safe for p in pieces):
        # an empty piece would leave the directory itself, and ``..`` could lead out of it
        for name in classify(base, invocation, world):
            result.setdefault(name, Truth.MAYBE)
    return result


def _pattern(path: Value, invocation: Invocation, world: World) -> Classes:
    """A glob: the union of what it matches, or of what its directory could hold."""
    head = path.prefix
    base = (head[: head.rindex("/")] or "/") if "/" in head else ""
    if not base:
        return {"unknown": Truth.YES}
    text = "".join(p.text if isinstance(p, Pattern) else str(p) for p in path.pieces)
    rest = text[len(base.rstrip("/")) + 1 :]
    if rest.strip("/") in ("*", ".*", "**", "**/*", "*.*", "?*", ".[!.]*", ".??*", ".[^.]*", "{*,.*}", "*/*", "[!.]*"):
        result = set(classify(base, invocation, world, contents=True))
        if rest.startswith("."):
            result |= set(classify(posixpath.join(base, ".git"), invocation, world)) & {"git_dir"}
        return dict.fromkeys(result, Truth.YES)
    if not invocation.place:
        found = patterns.glob(path, literal(base), world, _MATCHES)
        if found:
            return _union(found, invocation, world)
        made = [p for p in invocation.created if fnmatch.fnmatchcase(p, text)]
        if made:
            return _union(made, invocation, world)
        if found == [] and world.kind(base) == "directory" and "inside" in classify(base, invocation, world):
            return {"missing": Truth.YES, "inside": Truth.YES}
    last = rest.rstrip("/").rpartition("/")[2]
    name = last if names.rebuildable(last.replace("*", "x")) else _SOMETHING + last.replace("*", "")
    if "/" in rest.rstrip("/") and any(names.rebuildable(part) for part in rest.split("/")):
        name = next(part for part in rest.split("/") if names.rebuildable(part))
    found_classes = set(classify(posixpath.join(base, name), invocation, world))
    if base == "/":
        found_classes.add("system")
    return dict.fromkeys(found_classes, Truth.YES)


def _union(paths: Iterable[str], invocation: Invocation, world: World) -> Classes:
    """Dangerous classes hold if one path has them; excusing classes only if all have them."""
    every: list[frozenset[str]] = [classify(path, invocation, world) for path in paths]
    union = frozenset().union(*every)
    excuses = {"temporary", "fresh", "rebuildable", "restorable", "missing"}
    common = every[0].intersection(*every[1:])
    kept = (union - excuses) | (common & excuses)
    mixed = [c for c in every if not c & excuses]
    if not mixed and not common & excuses:
        kept |= {"restorable"}  # each of them is excused, if not for the same reason
    return dict.fromkeys(kept, Truth.YES)


def classify(text: str, invocation: Invocation, world: World, *, contents: bool = False) -> frozenset[str]:
    """The classes of one literal absolute path. ``contents``: everything in it rather than itself."""
    trailing = text.endswith(("/", "/.")) and text != "/"
    path = posixpath.normpath(text)
    path = path[1:] if path.startswith("//") else path
    if invocation.place:
        return frozenset(_by_name(path, world) | {"outside"})
    if not trailing:
        parent, _, last = path.rpartition("/")
        resolved = world.resolve(parent or "/")
        path = posixpath.join(resolved, last) if last else path
    else:
        path = world.resolve(path)
    result = _by_name(path, world)
    if path in invocation.created or any(path.startswith(made + "/") for made in invocation.created):
        result.add("fresh")
    if _temporary(path, world):
        result.add("temporary")
        result -= {"system", "outside", "data"}
    result |= _in_project(path, invocation, world, contents)
    for protection in world.settings.protections:
        if any(_covers(pattern, path) for pattern in protection.paths):
            result.add("protected")
    return frozenset(result)


def _covers(pattern: str, path: str) -> bool:
    return path == pattern or path.startswith(pattern.rstrip("/") + "/") or fnmatch.fnmatchcase(path, pattern)


def _by_name(path: str, world: World) -> set[str]:
    """What the path alone says."""
    result: set[str] = set()
    parts = path.split("/")[1:]
    home = world.home.rstrip("/") or "/root"
    if path == "/":
        return {"root", "system"}
    if path in names.HOMES or path == home or home.startswith(path + "/"):
        result.add("home")
    elif len(parts) == 2 and "/" + parts[0] in names.HOMES:
        result.add("home")
    in_home = path.startswith(home + "/") or (len(parts) > 2 and "/" + parts[0] in ("/home", "/Users"))
    if in_home:
        result.add("home_entry")
    if parts[0] in names.SYSTEM_TOPS and not in_home and path not in (home,):
        result.add("system")
    if parts[0] == "dev" and len(parts) > 1 and parts[1] not in ("null", "shm", "fd", "stdin", "stdout", "stderr", "tty"):
        result.add("device")
    if ".git" in parts:
        result.add("git_dir")
        tail = parts[parts.index(".git") + 1 :]
        if tail[:1] in (["config"], ["hooks"], ["info"]):
            result.add("vcs_config")
    if parts[-1] in (".gitconfig", ".gitattributes_global") or path.endswith("/.config/git/config"):
        result.add("vcs_config")
    if parts[-1] in names.STARTUP or path.startswith(("/etc/profile", "/etc/bash.bashrc", "/etc/zsh")):
        result.add("shell_startup")
    if names.data(parts[-1]):
        result.add("data")
    if names.secret(path, home):
        result.add("secret")
    if names.guard(path, home):
        result.add("guard")
    return result


def _temporary(path: str, world: World) -> bool:
    own = world.env.get("TMPDIR", "").rstrip("/")
    places = (*names.TEMPORARY, own) if own.startswith("/") and own not in ("/", world.home) else names.TEMPORARY
    return any(path == place or path.startswith(place + "/") for place in places) or path.startswith("/var/folders/")


def _in_project(path: str, invocation: Invocation, world: World, contents: bool) -> set[str]:
    """How the path lies to the working directory and its project, and how git holds it."""
    result: set[str] = set()
    root = world.project()
    cwd = invocation.cwd.known or world.cwd
    home = world.home.rstrip("/")
    if cwd == path and not (contents and path == "/"):
        result.add("cwd_all")
    if (cwd + "/").startswith(path + "/") and cwd != path:
        result.add("parent")
    if path == root:
        result.add("project_root")
    inside = path.startswith(root + "/") or path == root
    if inside and root not in ("/", home):
        result.add("inside")
        result.discard("home_entry")
    else:
        result.add("outside")
    below = path[len(home) + 1 :] if path.startswith(home + "/") else ""
    if any(below == cache or below.startswith(cache + "/") for cache in names.HOME_CACHES):
        result.add("rebuildable")
    result |= _by_git(path, world, inside, root)
    return result


def _by_git(path: str, world: World, inside: bool, root: str) -> set[str]:
    result: set[str] = set()
    repository = world.repository(path)
    relative = path[len(root) + 1 :] if inside else path.rpartition("/")[2]
    candidates = [part for part in relative.split("/") if names.rebuildable(part)]
    held = ""
    if repository is not None and not _vague(path) and path != repository.root:
        if "/.git/" in path + "/":
            return result
        held = repository.holds(path)
    certain = [part for part in candidates if not names.only_if_ignored(part)]
    if certain or (candidates and held in ("ignored", "", "missing")):
        if held not in ("changed", "untracked") or certain:
            return {"rebuildable"} if held != "clean" else {"restorable"}
    if held == "clean":
        result.add("restorable")
    elif held in ("changed", "untracked", "ignored"):
        result.add(held)
    elif held == "missing" and inside and world.kind(path) in ("missing", "directory"):
        result.add("missing")
    elif not held and inside and world.kind(path) == "missing" and not _vague(path):
        result.add("missing")
    elif not held and repository is not None and _vague(path):
        return _by_git(path.rpartition("/")[0], world, inside, root) if path.rpartition("/")[0] != root else {"changed"}
    elif not held and repository is None and inside:
        result.add("untracked")
    return result


def _vague(path: str) -> bool:
    return _SOMETHING in path
