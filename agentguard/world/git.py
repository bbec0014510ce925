"""The only place that runs git: reading commands, without locks, hooks, pagers, file-system monitors or network."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cached_property

from agentguard.world.path_names import REBUILDABLE_NAMES

#: Where git is looked for before PATH, which the command's environment could have changed.
_PLACES = ("/usr/bin/git", "/usr/local/bin/git", "/opt/homebrew/bin/git", "/bin/git")
_TIMEOUT = 5.0  # seconds; a hung git answers nothing, and what is unknown is treated as precious
_MAX_OUTPUT = 4_000_000
_SAFE = ("-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "core.pager=cat", "--no-optional-locks")


def _program() -> str:
    return next((place for place in _PLACES if os.access(place, os.X_OK)), "git")


def find_root(path: str, home: str) -> str | None:
    """The work tree that holds ``path``: the nearest directory upwards with a ``.git``. No git is run."""
    current = os.path.normpath(path)
    while True:
        if os.path.exists(os.path.join(current, ".git")):
            return current
        parent = os.path.dirname(current)
        if parent == current or current == home:
            return None
        current = parent


def output(
    directory: str,
    env: Mapping[str, str],
    *arguments: str,
    settings: tuple[str, ...] = _SAFE,
    given: bytes | None = None,
    timeout: float = _TIMEOUT,
    limit: int = _MAX_OUTPUT,
) -> bytes | None:
    """What a reading git command prints, at most ``limit`` bytes; None where it fails or takes longer than ``timeout``
    seconds. ``env`` is its whole environment, ``given`` its standard input."""
    import subprocess

    try:
        done = subprocess.run(
            [_program(), *settings, *arguments],
            cwd=directory,
            env=env,
            capture_output=True,
            timeout=timeout,
            check=False,
            input=given or b"",
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout[:limit] if done.returncode == 0 else None


class GitRepository:
    """One work tree, read lazily; answers are kept for the life of one judgement."""

    def __init__(self, root: str, env: Mapping[str, str]) -> None:
        self.root = root
        self._env = {k: v for k, v in env.items() if k in ("HOME", "PATH", "XDG_CONFIG_HOME")}
        self._env.update(GIT_OPTIONAL_LOCKS="0", GIT_TERMINAL_PROMPT="0", LC_ALL="C")
        self._held: dict[str, str] = {}
        self._settings: dict[str, str | None] = {}

    def _git(self, *arguments: str, settings: tuple[str, ...] = _SAFE) -> bytes | None:
        """Output of a reading git command, None where it fails."""
        return output(self.root, self._env, *arguments, settings=settings)

    def _line(self, *arguments: str, settings: tuple[str, ...] = _SAFE) -> str | None:
        out = self._git(*arguments, settings=settings)
        return out.decode("utf-8", "surrogateescape").strip() if out is not None else None

    @cached_property
    def directory(self) -> str:
        """The ``.git`` directory, also of a linked work tree."""
        plain = os.path.join(self.root, ".git")
        try:
            with open(plain, encoding="utf-8", errors="surrogateescape") as file:
                text = file.read(4_096)
        except OSError:
            return plain
        return os.path.normpath(os.path.join(self.root, text.removeprefix("gitdir:").strip()))

    @cached_property
    def branch(self) -> str | None:
        try:
            with open(os.path.join(self.directory, "HEAD"), encoding="utf-8", errors="surrogateescape") as file:
                head = file.read(4_096).strip()
        except OSError:
            return None
        return head.removeprefix("ref: refs/heads/") if head.startswith("ref: refs/heads/") else None

    @cached_property
    def _status(self) -> tuple[frozenset[str], frozenset[str]] | None:
        """(changed tracked paths, untracked paths), relative; an untracked directory ends in ``/``."""
        out = self._git("status", "--porcelain=v1", "-z", "--untracked-files=normal", "--ignore-submodules=all")
        if out is None:
            return None
        changed: set[str] = set()
        untracked: set[str] = set()
        entries = iter(out.decode("utf-8", "surrogateescape").split("\0"))
        for entry in entries:
            if not entry:
                continue
            code, path = entry[:2], entry[3:]
            if code == "??":
                untracked.add(path)
                continue
            changed.add(path)
            if "R" in code or "C" in code:
                changed.add(next(entries, ""))
        return frozenset(changed), frozenset(untracked)

    @property
    def changed(self) -> frozenset[str] | None:
        """Tracked paths (relative) that differ from HEAD; None where git does not answer."""
        return self._status[0] if self._status is not None else None

    @property
    def dirty(self) -> bool:
        return self._status is None or bool(self._status[0])

    @property
    def untracked(self) -> bool:
        return self._status is None or bool(self._status[1])

    @cached_property
    def stashes(self) -> int:
        out = self._git("stash", "list", "--format=%H")
        return len(out.split()) if out is not None else 1

    def holds(self, path: str) -> str:
        if path not in self._held:
            self._held[path] = self._holds(path)
        return self._held[path]

    def _holds(self, path: str) -> str:
        relative = os.path.relpath(path, self.root)
        if relative == ".." or relative.startswith("../"):
            return "outside"
        if self._status is None:
            return "changed"
        everything = relative == "."
        below = relative + "/"
        changed, untracked = self._status
        if any(everything or p == relative or p.startswith(below) for p in changed):
            return "changed"
        if any(
            everything or p.rstrip("/") == relative or p.startswith(below) or (p.endswith("/") and below.startswith(p))
            for p in untracked
        ):
            return "untracked"
        tracked = self._git("ls-files", "-z", "--", f":(literal){relative}")
        if not tracked:
            if not os.path.lexists(path):
                return "missing"
            out = self._git("check-ignore", "--", relative)
            return "ignored" if out else "missing"
        ignored = self._git("ls-files", "-oi", "--exclude-standard", "--directory", "-z", "--", f":(literal){relative}")
        for entry in (ignored or b"").decode("utf-8", "surrogateescape").split("\0"):
            if entry and not _rebuildable(entry):
                return "ignored"
        return "clean"

    def listed(self, state: str) -> frozenset[str] | None:
        if state in ("changed", "untracked"):
            if self._status is None:
                return None
            return frozenset(f"{self.root}/{path}" for path in self._status[0 if state == "changed" else 1])
        if self._ignored is None:
            return None
        return frozenset(f"{self.root}/{path}" for path in self._ignored if not _rebuildable(path))

    @cached_property
    def _ignored(self) -> tuple[str, ...] | None:
        """Ignored paths, relative; a directory that is ignored as a whole ends in ``/``."""
        out = self._git("ls-files", "-oi", "--exclude-standard", "--directory", "-z")
        if out is None:
            return None
        return tuple(path for path in out.decode("utf-8", "surrogateescape").split("\0") if path)

    def unpushed(self, branch: str) -> int | None:
        out = self._line(
            "rev-list", "--count", f"refs/heads/{branch}", "--not", f"--exclude={branch}", "--branches", "--remotes",
            "--tags", "--",
        )  # fmt: skip
        return int(out) if out and out.isdigit() else None

    def has_ref(self, name: str) -> bool:
        return self._line("rev-parse", "--verify", "--quiet", "--end-of-options", name) is not None

    def ancestor(self, older: str, newer: str) -> bool | None:
        if not (self.has_ref(older) and self.has_ref(newer)):
            return None
        return self._git("merge-base", "--is-ancestor", older, newer) is not None

    def config(self, key: str) -> str | None:
        if key not in self._settings:
            self._settings[key] = self._line("config", "--get", key, settings=())  # not what _SAFE says
        return self._settings[key]


def _rebuildable(entry: str) -> bool:
    return any(part in REBUILDABLE_NAMES for part in entry.split("/")) or entry.endswith((".pyc", ".o", ".class"))
