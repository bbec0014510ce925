"""What git says has changed: the lines since a revision, and the files of the index with their content."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

from agentguard.light import dataclass
from agentguard.world import git

#: variables that say which repository and index a hook is about: ``git commit FILE`` commits another index
_KEPT = (
    *("HOME", "PATH", "XDG_CONFIG_HOME", "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR"),
    *("GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_NOSYSTEM"),
    "GIT_CEILING_DIRECTORIES",
)
_TIMEOUT = 120.0  # seconds
_LARGEST = 2_000_000_000
_HUNK = re.compile(rb"@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_DIFF = ("--no-color", "--no-ext-diff", "--no-textconv", "--no-renames", "--ignore-submodules=all")
_BARE = ("-U0", "--inter-hunk-context=0", "--src-prefix=a/", "--dst-prefix=b/")

_FILTERS = r"^filter\..*\.(clean|smudge|process|required)$"

#: path from the top of the work tree → its changed stretches (first and last line), None for a file that is all new
Changed = Mapping[str, tuple[tuple[int, int], ...] | None]


class ChangesError(Exception):
    """git does not answer, or there is no such revision. The message is for the user."""


@dataclass(frozen=True, slots=True)
class Index:
    """Reads files as they are staged; called with a path. ``blobs``: path from the top → object name."""

    root: str
    env: Mapping[str, str]
    blobs: Mapping[str, str]

    def __call__(self, path: str) -> bytes:
        """The staged content. Raises OSError for what is not staged."""
        blob = self.blobs.get(os.path.relpath(os.path.join(os.getcwd(), path), self.root))
        content = _git(self.root, self.env, "cat-file", "blob", blob) if blob else None
        if content is None:
            raise FileNotFoundError(2, "not in the index", path)
        return content


def environment(env: Mapping[str, str]) -> dict[str, str]:
    """What git is told of the environment. It fetches nothing: a repository names the program that would."""
    kept = {name: value for name, value in env.items() if name in _KEPT}
    alone = {"GIT_ALLOW_PROTOCOL": "none", "GIT_NO_LAZY_FETCH": "1"}
    return {**kept, **alone, "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}


def top(directory: str, env: Mapping[str, str]) -> str | None:
    """The top of the work tree that holds a directory, None outside of one."""
    out = _git(directory, env, "rev-parse", "--show-toplevel")
    return os.fsdecode(out.removesuffix(b"\n")) if out and out.strip() else None


def staged(root: str, env: Mapping[str, str]) -> Index:
    """The regular files of the index that differ from the last commit (all of them before the first one).

    Raises:
        ChangesError: git does not answer.
    """
    names = set(_paths(_must(root, env, "diff", "--cached", *_DIFF, "--name-only", "--diff-filter=d", "-z")))
    blobs = {}
    for entry in _must(root, env, "ls-files", "--stage", "--full-name", "-z").split(b"\0"):
        about, _, name = entry.partition(b"\t")
        mode, _, rest = about.partition(b" ")
        if mode.startswith(b"100") and (path := os.fsdecode(name)) in names:
            blobs[path] = rest.partition(b" ")[0].decode()
    return Index(root, env, blobs)


def since(root: str, env: Mapping[str, str], revision: str, cached: bool) -> Changed:
    """The lines of the work tree (``cached``: of the index) that are new or changed since the point where this branch
    left ``revision``. Files that git does not know are new as a whole.

    Raises:
        ChangesError: there is no such revision, or git does not answer.
    """
    commit = _git(root, env, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    if commit is None:
        raise ChangesError(f"{revision!r} is no revision here")
    start = commit.decode().strip()
    base = _git(root, env, "merge-base", start, "HEAD")
    if base and base.strip():  # there is none in a shallow clone, or before the first commit
        start = base.decode().strip()
    which = ("--cached",) if cached else ()
    patch = _must(root, _without_filters(root, env), "diff", *which, *_DIFF, *_BARE, start, "--")
    changed: dict[str, tuple[tuple[int, int], ...] | None] = dict(_hunks(patch))
    if not cached:
        changed |= dict.fromkeys(_paths(_must(root, env, "ls-files", "--others", "--exclude-standard", "-z")))
    return changed


def _without_filters(root: str, env: Mapping[str, str]) -> dict[str, str]:
    """The environment in which git runs none of the programs that a repository may name to filter what it compares."""
    names = _git(root, env, "config", "--name-only", "-z", "--get-regexp", _FILTERS)
    keys = [key for key in dict.fromkeys(os.fsdecode(names or b"").split("\0")) if key]
    settings = {"GIT_CONFIG_COUNT": str(len(keys))}
    for number, key in enumerate(keys):  # as words, -c KEY=VALUE, a name with a = in it would be another one
        settings[f"GIT_CONFIG_KEY_{number}"] = key
        settings[f"GIT_CONFIG_VALUE_{number}"] = "false" if key.endswith(".required") else ""
    return {**env, **settings}


def _hunks(patch: bytes) -> dict[str, tuple[tuple[int, int], ...]]:
    """The stretches that a patch without context adds, by file."""
    found: dict[str, list[tuple[int, int]]] = {}
    lines = iter(patch.split(b"\n"))
    path = ""
    for line in lines:
        if line.startswith(b"+++ "):
            path = _name(line[4:])
        elif hunk := _HUNK.match(line):
            taken, first, added = int(hunk[1] or 1), int(hunk[2]), int(hunk[3] or 1)
            if added:
                found.setdefault(path, []).append((first, first + added - 1))
            for _ in range(taken + added):  # what a hunk holds may look like a header
                if next(lines, b"").startswith(b"\\"):  # "\ No newline at end of file" is not a line of its own
                    next(lines, b"")
    return {path: tuple(stretches) for path, stretches in found.items()}


def _name(written: bytes) -> str:
    """A path as a patch writes it: ``b/path``, quoted as in C where it holds something special."""
    written = written.removesuffix(b"\t")
    if written.startswith(b'"') and written.endswith(b'"'):
        written = written[1:-1].decode("unicode_escape").encode("latin-1")
    return os.fsdecode(written.removeprefix(b"b/"))


def _paths(out: bytes) -> list[str]:
    return [os.fsdecode(name) for name in out.split(b"\0") if name]


def _must(root: str, env: Mapping[str, str], *arguments: str) -> bytes:
    out = _git(root, env, *arguments)
    if out is None:
        raise ChangesError(f"git {arguments[0]} does not answer in {root}")
    return out


def _git(root: str, env: Mapping[str, str], *arguments: str) -> bytes | None:
    return git.output(root, env, *arguments, timeout=_TIMEOUT, limit=_LARGEST)
