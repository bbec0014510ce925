"""How a configuration file is opened, and who may have written it. Its content is read only where a file exists."""

from __future__ import annotations

import os
import stat

from agentguard.config import ConfigError, Layer, Trust

#: Longer files are refused (bytes).
LIMIT = 262_144


def read(path: str, trust: Trust, home: str) -> Layer | None:
    """The layer in ``path``, or None where no such file exists. ``home`` stands for ``~`` in its paths.

    Raises:
        ConfigError: it cannot be read, is not valid, or could be written by others.
    """
    data = content(path, trust)
    return None if data is None else parse(path, data, trust, home)


def content(path: str, trust: Trust) -> bytes | None:
    """The bytes of a configuration file, or None where there is none. Raises ConfigError as :func:`read` does."""
    try:
        if trust is Trust.MANAGED:
            _check_folders(path)  # even without a file: who can write the directory could have taken it away
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from error
    try:
        with open(descriptor, "rb") as file:
            _check_file(path, os.fstat(descriptor), trust)
            data = file.read(LIMIT + 1)
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from error
    if len(data) > LIMIT:
        raise ConfigError(f"{path}: longer than {LIMIT} bytes")
    return data


def parse(path: str, data: bytes, trust: Trust, home: str) -> Layer:
    """The layer in the bytes of a file; see :func:`read`."""
    from agentguard.config_reading import layer

    return layer(path, data, trust, home)


def _check_folders(path: str) -> None:
    """The directory of a managed file and all above it belong to root, and nobody else can write there."""
    folder = os.path.dirname(path)
    os.stat(folder)  # most machines have none, and then there is nothing to check
    for start in {folder, os.path.dirname(os.path.realpath(path))}:
        place = start
        while True:
            status = os.stat(place)
            if status.st_uid != 0 or status.st_mode & 0o022:
                raise ConfigError(f"{path}: {place} must belong to root and be writable by root alone")
            if place == (parent := os.path.dirname(place)):
                break
            place = parent


def _check_file(path: str, status: os.stat_result, trust: Trust) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise ConfigError(f"{path}: not a regular file")
    if trust is Trust.MANAGED:
        if status.st_uid != 0 or status.st_mode & 0o022:
            raise ConfigError(f"{path}: the file must belong to root and be writable by root alone")
    elif trust is Trust.USER:
        folder = os.path.dirname(os.path.realpath(path))
        for place, found in ((path, status), (folder, os.stat(folder))):
            if found.st_uid not in (0, os.getuid()) or found.st_mode & 0o002:
                raise ConfigError(f"{place}: other users can write here (chmod o-w, chown)")
