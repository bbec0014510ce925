"""The real machine as a World: every read is bounded, cached for the life of one judgement, and changes nothing."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from functools import cached_property

from agentguard.world.protocol import Repository
from agentguard.world.settings import Settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from agentguard.world.git import GitRepository


class MachineWorld:
    """What one command would find: its environment, its working directory, and the files of this machine."""

    def __init__(self, env: Mapping[str, str], cwd: str, settings: Settings) -> None:
        self._env = dict(env)
        self._cwd = cwd
        self._settings = settings
        self._kinds: dict[str, str] = {}
        self._resolved: dict[str, str] = {}
        self._texts: dict[tuple[str, int], bytes | None] = {}
        self._repositories: dict[str, GitRepository] = {}

    @property
    def env(self) -> Mapping[str, str]:
        return self._env

    @property
    def cwd(self) -> str:
        return self._cwd

    @property
    def settings(self) -> Settings:
        return self._settings

    @cached_property
    def home(self) -> str:
        return self._env.get("HOME") or os.path.expanduser("~")

    def kind(self, path: str) -> str:
        if path not in self._kinds:
            self._kinds[path] = _kind(path)
        return self._kinds[path]

    def read(self, path: str, limit: int = 262_144) -> bytes | None:
        key = (path, limit)
        if key not in self._texts:
            self._texts[key] = _read(path, limit)
        return self._texts[key]

    def listing(self, path: str, limit: int = 2_000) -> tuple[str, ...] | None:
        names: list[str] = []
        try:
            with os.scandir(path) as entries:
                for entry in entries:
                    if len(names) == limit:
                        return None
                    names.append(entry.name)
        except (OSError, ValueError):
            return None
        return tuple(sorted(names))

    def resolve(self, path: str) -> str:
        if path not in self._resolved:
            try:
                self._resolved[path] = os.path.realpath(path)
            except (OSError, ValueError):
                self._resolved[path] = path
        return self._resolved[path]

    def repository(self, path: str) -> Repository | None:
        from agentguard.world.git import GitRepository, find_root

        root = find_root(path, self.home)
        if root is None:
            return None
        if root not in self._repositories:
            self._repositories[root] = GitRepository(root, self._env)
        return self._repositories[root]

    def project(self) -> str:
        from agentguard.world.git import find_root

        return find_root(self._cwd, self.home) or self._cwd


def _kind(path: str) -> str:
    try:
        mode = os.lstat(path).st_mode
    except (OSError, ValueError):
        return "missing"
    if stat.S_ISREG(mode):
        return "file"
    if stat.S_ISDIR(mode):
        return "directory"
    if stat.S_ISLNK(mode):
        return "link"
    return "device" if stat.S_ISBLK(mode) or stat.S_ISCHR(mode) else "other"


def _read(path: str, limit: int) -> bytes | None:
    """Regular files only: opening a pipe or a device could block or change something."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError):
        return None
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return None
        with os.fdopen(os.dup(descriptor), "rb") as file:
            data = file.read(limit + 1)
    except OSError:
        return None
    finally:
        os.close(descriptor)
    return data if len(data) <= limit else None
