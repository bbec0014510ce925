"""A made-up machine for tests: files, environment and a repository as plain data."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass, field

from agentguard.world.settings import Settings


@dataclass
class FakeRepository:
    """``states`` maps paths to what ``holds`` says; everything else is ``clean``."""

    root: str = "/home/dev/work/app"
    branch: str | None = "main"
    dirty: bool = False
    untracked: bool = False
    stashes: int = 0
    states: Mapping[str, str] = field(default_factory=dict)
    ahead: Mapping[str, int] = field(default_factory=dict)
    refs: frozenset[str] = frozenset({"main", "HEAD"})
    settings: Mapping[str, str] = field(default_factory=dict)

    def holds(self, path: str) -> str:
        if not (path + "/").startswith(self.root + "/"):
            return "outside"
        return self.states.get(path, "clean")

    def listed(self, state: str) -> frozenset[str] | None:
        return frozenset(path for path, held in self.states.items() if held == state)

    def unpushed(self, branch: str) -> int | None:
        return self.ahead.get(branch, 0 if branch in self.refs else None)

    def has_ref(self, name: str) -> bool:
        return name in self.refs

    def ancestor(self, older: str, newer: str) -> bool | None:
        return None

    def config(self, key: str) -> str | None:
        return self.settings.get(key)


@dataclass
class FakeWorld:
    """``files`` maps absolute paths to text; directories are implied by them (and listed in ``directories``)."""

    files: Mapping[str, str] = field(default_factory=dict)
    env: Mapping[str, str] = field(default_factory=lambda: {"HOME": "/home/dev"})
    cwd: str = "/home/dev/work/app"
    home: str = "/home/dev"
    settings: Settings = field(default_factory=Settings)
    directories: tuple[str, ...] = ("/", "/home/dev", "/home/dev/work/app", "/tmp")
    links: Mapping[str, str] = field(default_factory=dict)
    git: FakeRepository | None = None

    def kind(self, path: str) -> str:
        plain = path.rstrip("/") or "/"
        if plain in self.links:
            return "link"
        if plain in self.files:
            return "file"
        below = plain.rstrip("/") + "/"
        known = plain in self.directories or any(name.startswith(below) for name in self.files)
        return "directory" if known else "missing"

    def read(self, path: str, limit: int = 262_144) -> bytes | None:
        text = self.files.get(path)
        data = text.encode() if text is not None else None
        return data if data is None or len(data) <= limit else None

    def listing(self, path: str, limit: int = 2_000) -> tuple[str, ...] | None:
        below = path.rstrip("/") + "/"
        names = {n[len(below) :].split("/")[0] for n in [*self.files, *self.links] if n.startswith(below)}
        names |= {d[len(below) :].split("/")[0] for d in self.directories if d.startswith(below) and d != below}
        names.discard("")
        return tuple(sorted(names)) if self.kind(path) == "directory" and len(names) <= limit else None

    def resolve(self, path: str) -> str:
        plain = posixpath.normpath(path)
        for link, target in self.links.items():
            if plain == link or plain.startswith(link + "/"):
                return self.resolve(posixpath.join(posixpath.dirname(link), target) + plain[len(link) :])
        return plain

    def repository(self, path: str) -> FakeRepository | None:
        if self.git is None or not (path + "/").startswith(self.git.root + "/"):
            return None
        return self.git

    def project(self) -> str:
        return self.git.root if self.git is not None else self.cwd
