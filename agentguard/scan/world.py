"""The world of a file that somebody will run somewhere: its own tree is known, the rest of the machine is not.

What a scan finds must not depend on who scans: the state of git, the environment and the files outside of the tree
are made up, the same everywhere.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cached_property

from agentguard.world.machine import MachineWorld
from agentguard.world.protocol import Repository
from agentguard.world.settings import Settings

_HOME = "/home/user"
#: The environment that every script can count on.
ENVIRONMENT = {
    "HOME": _HOME, "USER": "user", "LOGNAME": "user", "SHELL": "/bin/bash", "TMPDIR": "/tmp",
    "RUNNER_TEMP": "/tmp/runner", "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
}  # fmt: skip
#: Variables that name the work tree where a service runs jobs.
_WORK_TREE = ("GITHUB_WORKSPACE", "CI_PROJECT_DIR", "BUILD_SOURCESDIRECTORY", "BITBUCKET_CLONE_DIR", "TRAVIS_BUILD_DIR")


class CleanRepository:
    """A work tree in which everything is committed and pushed."""

    def __init__(self, root: str) -> None:
        self.root = root
        self.branch: str | None = None
        self.dirty = False
        self.untracked = False
        self.stashes = 0

    def holds(self, path: str) -> str:
        return "clean" if path == self.root or path.startswith(self.root.rstrip("/") + "/") else "outside"

    def listed(self, state: str) -> frozenset[str] | None:
        return frozenset()

    def unpushed(self, branch: str) -> int | None:
        return 0

    def has_ref(self, name: str) -> bool:
        return False

    def ancestor(self, older: str, newer: str) -> bool | None:
        return None

    def config(self, key: str) -> str | None:
        return None


class ScriptWorld:
    """What a script finds that starts in ``cwd`` of the tree ``root``. Reads are bounded and change nothing."""

    def __init__(self, root: str, cwd: str, settings: Settings) -> None:
        self._machine = MachineWorld({}, cwd, settings)
        self._root = root
        self._repository = CleanRepository(root)

    @cached_property
    def env(self) -> Mapping[str, str]:
        return {**ENVIRONMENT, **dict.fromkeys(_WORK_TREE, self._root)}

    @property
    def cwd(self) -> str:
        return self._machine.cwd

    @property
    def home(self) -> str:
        return _HOME

    @property
    def settings(self) -> Settings:
        return self._machine.settings

    def _inside(self, path: str) -> bool:
        return path == self._root or path.startswith(self._root.rstrip("/") + "/")

    def kind(self, path: str) -> str:
        if self._inside(path):
            return self._machine.kind(path)
        return "device" if path.startswith("/dev/") else "directory"

    def read(self, path: str, limit: int = 262_144) -> bytes | None:
        if not self._inside(path) or not self._inside(self._machine.resolve(path)):
            return None
        return self._machine.read(path, limit)

    def listing(self, path: str, limit: int = 2_000) -> tuple[str, ...] | None:
        return self._machine.listing(path, limit) if self._inside(path) else None

    def resolve(self, path: str) -> str:
        return self._machine.resolve(path) if self._inside(path) else os.path.normpath(path)

    def repository(self, path: str) -> Repository | None:
        return self._repository if self._inside(path) else None

    def project(self) -> str:
        return self._root


def root_of(path: str) -> str:
    """The tree that a file belongs to: the nearest directory above it with a ``.git``, else its own directory."""
    start = at = os.path.dirname(path) or "/"
    while True:
        if os.path.lexists(os.path.join(at, ".git")):
            return at
        above = os.path.dirname(at)
        if above == at:
            return start
        at = above
