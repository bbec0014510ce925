"""The pre-commit hook of plain git: where it lies, putting it there and taking it away again.

A hook that is there already is kept as ``pre-commit.local`` and runs first.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping, Sequence

from agentguard.light import dataclass
from agentguard.scan.changes import environment
from agentguard.world import git

NAME = "pre-commit"
KEPT = "pre-commit.local"
_MARK = "# agentguard git-hook"
_HOOK = """\
#!/bin/sh
{mark}: scans what is staged; agentguard uninstall git-hook takes it away
kept="$(dirname "$0")/{kept}"
if [ -x "$kept" ]; then
    "$kept" "$@" || exit
fi
{program} || {{
    status=$?
    echo "agentguard: not committed; git commit --no-verify skips this" >&2
    exit $status
}}
"""


class HookError(Exception):
    """The hook cannot be put there or taken away. The message is for the user."""


@dataclass(frozen=True, slots=True)
class Place:
    """The directory in which git looks for hooks. ``shared``: core.hooksPath says so, perhaps for other repositories
    too."""

    directory: str
    shared: bool

    @property
    def hook(self) -> str:
        """The path of the hook."""
        return os.path.join(self.directory, NAME)

    @property
    def kept(self) -> str:
        """The path of a hook that was there before."""
        return os.path.join(self.directory, KEPT)


def find(directory: str, env: Mapping[str, str]) -> Place:
    """Where git looks for the hooks of the repository that holds ``directory``, also from a linked work tree.

    Raises:
        HookError: there is no repository, it is bare and has no work trees, or hooks are switched off.
    """
    bare = _line(directory, env, "rev-parse", "--is-bare-repository")
    if not bare:
        raise HookError(f"{directory} is in no git repository")
    trees = (_line(directory, env, "worktree", "list", "--porcelain") or "").split("\n\n")
    if bare == "true" and len(trees) < 2:
        raise HookError("this repository is bare: nothing is committed in it; install the hook where commits are made")
    # git gives a relative hooks path as seen from the top of the work tree, where hooks start
    start = directory if bare == "true" else _line(directory, env, "rev-parse", "--show-toplevel") or directory
    hooks = _line(start, env, "rev-parse", "--git-path", "hooks")
    if not hooks:
        raise HookError(f"git does not say where the hooks of {start} lie")
    path = os.path.join(start, hooks)
    if os.path.lexists(path) and not os.path.isdir(path):
        raise HookError(f"core.hooksPath is {path}, which is no directory: hooks are switched off here")
    return Place(os.path.normpath(path), bool(_line(start, env, "config", "--get", "core.hooksPath")))


def install(place: Place, program: Sequence[str]) -> str:
    """Put the hook there; ``program`` are the words that scan. What was done, for the user.

    Raises:
        HookError: another hook is in the way twice over, or the directory cannot be written.
    """
    text = _HOOK.format(mark=_MARK, kept=KEPT, program=shlex.join(program))
    try:
        os.makedirs(place.directory, exist_ok=True)
        said = f"{place.hook} scans what is staged before each commit"
        if not os.path.lexists(place.hook):
            _write(place.hook, text)
            return said
        if ours(place.hook):
            _write(place.hook, text)
            return f"{said} (it was there already)"
        if os.path.lexists(place.kept):
            raise HookError(f"{place.hook} and {place.kept} are there and not agentguard's; make them one hook first")
        os.rename(place.hook, place.kept)
        _write(place.hook, text)
        idle = "" if os.access(place.kept, os.X_OK) else "; it was not executable and still does not run"
    except OSError as error:
        raise HookError(f"{error.filename or place.hook}: {error.strerror}") from error
    return f"{said}; the hook that was there runs first, as {KEPT}{idle}"


def uninstall(place: Place) -> str:
    """Take the hook away, and put back the one that was there before. What was done, for the user.

    Raises:
        HookError: the hook is not agentguard's, or the directory cannot be written.
    """
    if not os.path.lexists(place.hook):
        return f"{place.hook} is not there"
    if not ours(place.hook):
        raise HookError(f"{place.hook} is not agentguard's; it is left alone")
    try:
        if os.path.lexists(place.kept):
            os.replace(place.kept, place.hook)
            return f"{place.hook} is the hook that was there before again"
        os.unlink(place.hook)
    except OSError as error:
        raise HookError(f"{error.filename or place.hook}: {error.strerror}") from error
    return f"{place.hook} is gone"


def ours(path: str) -> bool:
    """Whether agentguard wrote a hook."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return _MARK in file.read(4_096)
    except OSError:
        return False


def _write(path: str, text: str) -> None:
    made = f"{path}.agentguard-new"
    descriptor = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o755)
    with open(descriptor, "w", encoding="utf-8", errors="surrogateescape") as file:
        file.write(text)
    os.chmod(made, 0o755)
    os.replace(made, path)


def _line(directory: str, env: Mapping[str, str], *arguments: str) -> str | None:
    out = git.output(directory, environment(env), *arguments, settings=())  # with the user's core.hooksPath
    return None if out is None else os.fsdecode(out).strip("\n")
