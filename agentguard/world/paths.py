"""What a path is: the classes that the ``files`` rules speak of.

where     root home home_entry home_top system device | cwd_all parent project_root inside outside | temporary
what      git_dir vcs_config data vital secret login autostart shell_startup guard
          protected (protected_read, protected_write …;
          above_protected_read … for a directory that holds something protected)
what of   fresh (made by this command line), rebuildable, restorable (from git), missing, or
it        changed untracked ignored: held by nothing but this file
unknown   known only when it runs; the other classes then tell what it is bounded by (found_outside: a name outside
          that a search prints, so that there is such a file)
"""

from __future__ import annotations

import fnmatch
import posixpath
import re
from collections.abc import Iterable, Mapping

from agentguard.interpret import patterns
from agentguard.interpret.invocation import Invocation
from agentguard.interpret.values import EMPTY, Pattern, Truth, Unknown, Value, literal
from agentguard.world import path_names as names
from agentguard.world.path_states import EXCUSES, Unasked, states, states_below
from agentguard.world.protocol import World

Classes = Mapping[str, Truth]

#: More matches of a pattern than this are judged by their directory.
_MATCHES = 64
#: Last components of a pattern that mean everything in a directory.
_EVERYTHING = frozenset(
    ("*", ".*", "**", "**/*", "*.*", "?*", ".[!.]*", ".??*", ".[^.]*", "*/*", "[!.]*", "[!.]*/*", "..?*")
)
#: Ends of a word behind which an unknown beginning may be a whole directory, up to the root.
_OPEN_ENDS = frozenset(("", "/", "/*", "/.", "/..", "/.*", "*", "/**", "/../..", "/../*"))

#: the last answer: several rules ask about the same path one after the other
_last: list[tuple[Value, Invocation, World, bool, Classes]] = []


def classes(path: Value, invocation: Invocation, world: World, *, lost: bool = True) -> Classes:
    """The classes of a path; absent keys are NO. ``path`` may hold patterns and unknown pieces.

    ``lost`` false: git need not be asked what would be lost, because the path is only read.
    """
    if _last and _last[0][3] is lost and all(a is b for a, b in zip(_last[0], (path, invocation, world), strict=False)):
        return _last[0][4]
    found = _classes(path, invocation, world if lost else Unasked(world))
    _last[:] = [(path, invocation, world, lost, found)]
    return found


def _classes(path: Value, invocation: Invocation, world: World) -> Classes:
    if not path.pieces:
        return {}
    known = path.known
    if known is not None:
        if not known.startswith("/"):
            return {"unknown": Truth.YES, "outside": Truth.MAYBE}
        return dict.fromkeys(classify(known, invocation, world), Truth.YES)
    if path.unknown:
        return _unknown(path, invocation, world)
    return _pattern(path, invocation, world)


# --------------------------------------------------------------------------------- words in part unknown


def _unknown(path: Value, invocation: Invocation, world: World) -> Classes:
    """Bounded by the literal text in front: ``/tmp/…`` stays below ``/tmp`` where the piece is path-safe."""
    head = path.prefix
    pieces = [piece for piece in path.pieces if isinstance(piece, Unknown)]
    safe = all(piece.path_safe for piece in pieces)
    tail = _tail(path)
    if not head.startswith("/"):
        here = invocation.cwd.known
        if not (safe and here and not head):
            return _unbounded(tail, safe, invocation)
        head = here.rstrip("/") + "/"
    base = head[: head.rindex("/")] or "/"
    stem = head[head.rindex("/") + 1 :]
    if safe and not stem and not tail and any(piece.many for piece in pieces):
        found: dict[str, Truth] = dict.fromkeys(classify(base, invocation, world, contents=True), Truth.YES)
    else:
        found = dict.fromkeys(below(base, f"{stem}*{tail}", invocation, world), Truth.YES)
        if any(piece.many for piece in pieces) and not invocation.place:  # at any depth
            there = _resolved(base, invocation, world, through=True)
            found.update((name, Truth.YES) for name in _protected(there, world, there) if name.startswith("above_"))
    found["unknown"] = Truth.YES
    if "outside" in found and any(piece.detail == "find" for piece in pieces):
        found["found_outside"] = Truth.YES
    if not stem and not safe and tail in _OPEN_ENDS:
        # an empty piece would leave the directory itself, and ``..`` could lead out of it
        for name in classify(base, invocation, world) - EXCUSES:
            found.setdefault(name, Truth.MAYBE)
    return found


def _tail(path: Value) -> str:
    """The text behind the last unknown piece, patterns as written."""
    last = max(i for i, piece in enumerate(path.pieces) if isinstance(piece, Unknown))
    return "".join(p.text if isinstance(p, Pattern) else str(p) for p in path.pieces[last + 1 :])


def _unbounded(tail: str, safe: bool, invocation: Invocation) -> Classes:
    """Nothing is known of the beginning."""
    found = {"unknown": Truth.YES, "outside": Truth.MAYBE}
    if tail in _OPEN_ENDS:
        if not safe:
            found.update(root=Truth.MAYBE, home=Truth.MAYBE, system=Truth.MAYBE)
        return found
    parts = [part for part in tail.strip("/").split("/") if part]
    if ".git" in parts:
        found["git_dir"] = Truth.YES
    elif any(names.rebuildable(part.replace("*", "x")) and not _vague(part) for part in parts):
        found["rebuildable"] = Truth.YES
    elif invocation.place:
        found["outside"] = Truth.YES
    return found


def _vague(part: str) -> bool:
    """A name that people also give to things of their own."""
    return names.only_if_ignored(part) and part not in ("dist", "build", "target", ".cache")


# ---------------------------------------------------------------------------------------------- patterns


def _pattern(path: Value, invocation: Invocation, world: World) -> Classes:
    """A glob: the union of what it matches, or of what its directory could hold."""
    text = "".join(p.text if isinstance(p, Pattern) else str(p) for p in path.pieces)
    head = path.prefix
    if "/" not in head:
        return {"unknown": Truth.YES}
    base = head[: head.rindex("/")] or "/"
    rest = text[len(base.rstrip("/")) + 1 :]
    if rest.rstrip("/") in _EVERYTHING:
        found = set(classify(base, invocation, world, contents=True))
        if rest.startswith("."):
            found |= classify(posixpath.join(base, ".git"), invocation, world) & {"git_dir"}
        return dict.fromkeys(found, Truth.YES)
    if not invocation.place:
        matches = patterns.glob(path, literal(base), world, _MATCHES)
        made = [p for p in invocation.created if fnmatch.fnmatchcase(p, text.rstrip("/"))]
        if matches or made:
            return _union([*(matches or ()), *made], invocation, world)
        inside = "inside" in classify(base, invocation, world)
        if matches == [] and inside and world.kind(base) in ("directory", "missing"):
            return {"missing": Truth.YES, "inside": Truth.YES}
    found = set(below(base, rest.rstrip("/"), invocation, world))
    if base == "/":
        found.add("system")
    return dict.fromkeys(found, Truth.YES)


def _union(paths: Iterable[str], invocation: Invocation, world: World) -> Classes:
    """Dangerous classes hold if one path has them; excusing classes only if all have them."""
    every = [classify(path, invocation, world) for path in paths]
    return dict.fromkeys(_merged(every), Truth.YES)


def _merged(every: list[frozenset[str]]) -> frozenset[str]:
    union = frozenset().union(*every)
    common = every[0].intersection(*every[1:])
    kept = (union - EXCUSES) | (common & EXCUSES)
    if not common & EXCUSES and all(found & EXCUSES for found in every):
        kept |= {"restorable"}  # each of them is excused, if not for the same reason
    return kept


# ---------------------------------------------------------------------------------------- literal paths


def classify(text: str, invocation: Invocation, world: World, *, contents: bool = False) -> frozenset[str]:
    """The classes of one literal absolute path. ``contents``: everything in it rather than itself."""
    path = _resolved(text, invocation, world, through=contents)
    if invocation.place:
        return _elsewhere(path, world)
    found = _by_name(path, world)
    made = _made(path, invocation)
    if _temporary(path, world, contents):
        found.add("temporary")
        found -= {"system", "outside", "data"}
    elif made and not found & {"root", "home"}:
        found -= {"system", "data"}
    if made:
        found.add("fresh")
    found |= _in_project(path, invocation, world, contents)
    if "inside" in found:
        found.discard("home_entry")
    if world.settings.protections:
        through = _resolved(text, invocation, world, through=True)
        found |= _protected(path, world, through, contents=contents)
    if "temporary" not in found and "fresh" not in found and "git_dir" not in found:
        found |= states(path, "inside" in found, world)
    return frozenset(found)


def below(base: str, glob: str, invocation: Invocation, world: World) -> frozenset[str]:
    """The classes of something below a directory whose path ends like ``glob`` (``*.pyc``, ``*/build``)."""
    name = re.sub(r"\[[^\]]*\]|[*?]+", "x", glob.rstrip("/"))
    path = posixpath.normpath(posixpath.join(_resolved(base, invocation, world, through=True), name))
    if invocation.place:
        return _elsewhere(path, world)
    found = _by_name(path, world)
    found.discard("home")
    if path.rpartition("/")[0] == "":
        found.add("system")  # anywhere on the machine
    if _temporary(path, world):
        return frozenset(found - {"system", "outside", "data"} | {"temporary"} | _protected(path, world, path))
    if _made(path, invocation):
        found.add("fresh")
    found |= _in_project(path, invocation, world, False) - {"cwd_all", "parent"}
    if "inside" in found:
        found.discard("home_entry")
    found |= _protected(path, world, path)
    if "fresh" not in found and "git_dir" not in found:
        found |= states_below(posixpath.normpath(base), glob, "inside" in found, world)
    return frozenset(found)


def _resolved(text: str, invocation: Invocation, world: World, *, through: bool) -> str:
    """The path with links followed as the kernel would: the last one only behind a slash, or where ``through``."""
    trailing = through or text.endswith(("/", "/.", "/.."))
    path = posixpath.normpath(text) if ".." not in text or invocation.place else text.rstrip("/") or "/"
    path = path[1:] if path.startswith("//") else path
    if invocation.place:
        return path
    linked = _linked(posixpath.normpath(path), trailing, invocation)
    if linked is not None:
        path = linked
    parent, _, last = path.rpartition("/")
    if trailing or last in ("", ".", ".."):
        return world.resolve(path)
    return posixpath.join(world.resolve(parent or "/"), last)


def _linked(path: str, trailing: bool, invocation: Invocation) -> str | None:
    """The target of a symbolic link that this command line made, where the path leads through one."""
    for place, content in invocation.written.items():
        if not (path.startswith(place + "/") or (trailing and path == place)):
            continue
        for source in content.sources:
            if source.startswith("link:"):
                return posixpath.normpath(source[5:] + path[len(place) :])
    return None


def _made(path: str, invocation: Invocation) -> bool:
    if not any(path == made or path.startswith(made.rstrip("/") + "/") for made in invocation.created):
        return False
    return not invocation.written.get(path, EMPTY).sources & {"git:stash"}


def _elsewhere(path: str, world: World) -> frozenset[str]:
    """On another machine or in a container: only what the text says."""
    if any(path.startswith(place + "/") for place in names.TEMPORARY):
        return frozenset({"temporary"})
    found = _by_name(path, world)
    parts = path.strip("/").split("/")
    if len(parts) > 1 and not found & {"root", "home", "git_dir"}:
        if any(names.rebuildable(part) and not _vague(part) for part in parts[1:]) or _spool(path):
            found = (found - {"system"}) | {"rebuildable"}
    return frozenset(found | {"outside"})


def _spool(path: str) -> bool:
    """Caches of the system that its package managers fill again."""
    return path.startswith(("/var/cache/", "/var/lib/apt/lists", "/root/.cache"))


def _protected(path: str, world: World, through: str, *, contents: bool = False) -> set[str]:
    """What the configuration protects, if it protects anything."""
    if not world.settings.protections:
        return set()
    from agentguard.world.protected import classes as protected

    return protected(path, through, world, contents=contents)


def _by_name(path: str, world: World) -> set[str]:
    """What the path alone says."""
    if path == "/":
        return {"root", "system"}
    found: set[str] = set()
    parts = path.split("/")[1:]
    home = world.home.rstrip("/") or "/root"
    users = "/" + parts[0] in names.HOMES and len(parts) > 1
    if path in names.HOMES or (home + "/").startswith(path + "/") or (users and len(parts) == 2):
        found.add("home")
    in_home = path.startswith((home + "/", "/root/")) or (users and len(parts) > 2)
    if in_home:
        found.add("home_entry")
        if path.startswith(home + "/") and "/" not in path[len(home) + 1 :]:
            found.add("home_top")
    top = len(parts) == 1 and not names.rebuildable(path[1:])
    if "home" not in found and not in_home and (parts[0] in names.SYSTEM_TOPS or top):
        found.add("system")
    if parts[0] == "dev" and len(parts) > 1 and not names.soft_device(parts[1]):
        found.add("device")
    if _spool(path):
        found.discard("system")
        found.add("rebuildable")
    if ".git" in parts:
        found.add("git_dir")
        if parts[parts.index(".git") + 1 :][:1] in (["config"], ["hooks"], ["info"]):
            found.add("vcs_config")
    if parts[-1] in (".gitconfig", ".gitattributes_global") or path.endswith("/.config/git/config"):
        found.add("vcs_config")
    if parts[-1] in names.STARTUP or path.startswith(("/etc/profile", "/etc/bash.bashrc", "/etc/zsh")):
        found.add("shell_startup")
    if names.AUTOSTART.fullmatch(path):
        found.add("autostart")
    if names.LOGIN.fullmatch(path):
        found.add("login")
    if names.data(parts[-1]):
        found.add("data")
    if names.vital(parts[-1]):
        found.add("vital")
    if names.secret(path, home):
        found.add("secret")
    if names.guard(path, home):
        found.add("guard")
    return found


def _temporary(path: str, world: World, contents: bool = False) -> bool:
    """Below a directory for scratch files (the directory itself is not scratch)."""
    own = world.env.get("TMPDIR", "").rstrip("/")
    places = (*names.TEMPORARY, own) if re.match(names.TEMPORARY_ROOT, own) else names.TEMPORARY
    return any(path.startswith(place + "/") or (contents and path == place) for place in places)


def _in_project(path: str, invocation: Invocation, world: World, contents: bool) -> set[str]:
    """How the path lies to the working directory and its project."""
    found: set[str] = set()
    root = world.resolve(world.project())
    cwd = world.resolve(invocation.cwd.known or world.cwd)
    home = world.resolve(world.home.rstrip("/") or "/root")
    inside = (path.startswith(root + "/") or path == root) and root not in ("/", home)
    if path == cwd and not (contents and path == "/"):
        if not contents or not inside or path == root:
            found.add("cwd_all")  # a directory of the project is judged by what it holds
    if (cwd + "/").startswith(path + "/") and cwd != path:
        found.add("parent")
    if path == root:
        found.add("project_root")
    found.add("inside" if inside else "outside")
    tail = path[len(home) + 1 :] if path.startswith(home + "/") else ""
    if any(tail == cache or tail.startswith(cache + "/") for cache in names.HOME_CACHES):
        found.add("rebuildable")
    return found
