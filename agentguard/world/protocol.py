"""What the pure stages may ask about the machine: a protocol, so that a test can pass a made-up world."""

from __future__ import annotations

from collections.abc import Mapping

from agentguard.world.settings import Settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol
else:
    Protocol = object


class Repository(Protocol):
    """A git work tree, read lazily. Paths are absolute."""

    @property
    def root(self) -> str: ...

    @property
    def branch(self) -> str | None:
        """The branch checked out, None when detached."""

    @property
    def dirty(self) -> bool:
        """Whether a tracked file differs from HEAD, in the index or in the work tree."""

    @property
    def untracked(self) -> bool:
        """Whether there are untracked files that are not ignored."""

    @property
    def stashes(self) -> int: ...

    def holds(self, path: str) -> str:
        """How a path stands: ``clean`` (every file there is tracked and unchanged; ignored rebuildable ones aside),
        ``changed`` (a tracked file differs), ``untracked`` (holds untracked files), ``ignored``, ``missing``,
        ``outside``."""

    def listed(self, state: str) -> frozenset[str] | None:
        """The absolute paths in a state: ``changed``, ``untracked`` or ``ignored`` (without what any build makes
        again). A directory that is untracked or ignored as a whole ends in ``/``. None where git does not answer."""

    def unpushed(self, branch: str) -> int | None:
        """Commits of a local branch that no other ref (remote or branch) holds; None if there is no such branch."""

    def has_ref(self, name: str) -> bool: ...

    def ancestor(self, older: str, newer: str) -> bool | None:
        """Whether ``older`` is contained in ``newer``; None if one of them is not known."""

    def config(self, key: str) -> str | None:
        """The last value of a configuration key (repository, then user), None if unset."""


class World(Protocol):
    """Everything outside the command text. All reads are bounded and cached; none changes anything."""

    @property
    def env(self) -> Mapping[str, str]: ...

    @property
    def cwd(self) -> str: ...

    @property
    def home(self) -> str: ...

    @property
    def settings(self) -> Settings: ...

    def kind(self, path: str) -> str:
        """``file``, ``directory``, ``link``, ``device``, ``other`` or ``missing``; links are not followed."""

    def read(self, path: str, limit: int = 262_144) -> bytes | None:
        """At most ``limit`` bytes of a regular file (links followed); None if it cannot be read or is larger."""

    def listing(self, path: str, limit: int = 2_000) -> tuple[str, ...] | None:
        """Sorted names in a directory; None if it is none, is unreadable or holds more than ``limit``."""

    def resolve(self, path: str) -> str:
        """The path with symbolic links followed, as far as it exists."""

    def repository(self, path: str) -> Repository | None:
        """The work tree that holds ``path`` (which need not exist)."""

    def project(self) -> str:
        """The root of the project that ``cwd`` lies in: the work tree, else ``cwd``."""
