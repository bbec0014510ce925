"""The directory of state and the files in it, opened so that no link leads anywhere else."""

from __future__ import annotations

import os
import stat

from agentguard import policy


class StateError(Exception):
    """The state cannot be used safely. The message names the path and why."""


def directory() -> str:
    """The path of the state directory, made (0700) where it is missing.

    Raises:
        StateError: a component below the home directory is a link, is not a directory, or belongs to somebody else.
    """
    home = os.path.realpath(policy.user_home())
    below = os.path.relpath(policy.user_state(), policy.user_home())
    path, descriptor = home, _open(home, None)
    try:
        for name in below.split(os.sep):
            path = os.path.join(path, name)
            try:
                os.mkdir(name, 0o700, dir_fd=descriptor)
            except FileExistsError:
                pass
            except OSError as error:
                raise StateError(f"{path}: {error.strerror}") from error
            inner = _open(path, descriptor)
            os.close(descriptor)
            descriptor = inner
        _only_ours(path, descriptor, 0o700)
    finally:
        os.close(descriptor)
    return path


def open_file(name: str, *, create: bool = True) -> int | None:
    """A descriptor of a file in the state directory, 0600 and ours; None where it is missing and not to be made.

    Raises:
        StateError: it is a link, not a regular file, has a second name, or belongs to somebody else.
    """
    path = os.path.join(directory(), name)
    flags = os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK | (os.O_CREAT if create else 0)
    try:
        descriptor = os.open(path, flags, 0o600)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StateError(f"{path}: {error.strerror} (links are not followed)") from error
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or status.st_nlink > 1:
            raise StateError(f"{path}: not a regular file with one name")
        _only_ours(path, descriptor, 0o600)
    except StateError:
        os.close(descriptor)
        raise
    return descriptor


def _open(path: str, parent: int | None) -> int:
    """A directory opened by the last name of ``path`` in ``parent``."""
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC | os.O_NOFOLLOW
    try:
        descriptor = os.open(path if parent is None else os.path.basename(path), flags, dir_fd=parent)
    except OSError as error:
        raise StateError(f"{path}: {error.strerror} (a real directory is needed here, not a link)") from error
    owner = os.fstat(descriptor).st_uid
    if owner not in (0, os.getuid()):
        os.close(descriptor)
        raise StateError(f"{path}: belongs to somebody else")
    return descriptor


def _only_ours(path: str, descriptor: int, mode: int) -> None:
    status = os.fstat(descriptor)
    if status.st_uid != os.getuid():
        raise StateError(f"{path}: belongs to somebody else")
    if stat.S_IMODE(status.st_mode) & 0o077:
        try:
            os.fchmod(descriptor, mode)
        except OSError as error:
            raise StateError(f"{path}: others can use it: {error.strerror}") from error
