"""One configuration file as data, and how it is opened. Its content is read in ``config_reading.py``, and only where
a file exists; how the files add up is in ``policy.py``.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from enum import IntEnum

from agentguard.light import dataclass, field
from agentguard.world.settings import Protection

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import date

LIMIT = 262_144

Environments = Mapping[str, Mapping[str, tuple[str, ...]]]


class Mode(IntEnum):
    """From loose to tight."""

    OBSERVE = 0
    STANDARD = 1
    STRICT = 2


class Trust(IntEnum):
    """Who may have written a file, and so what it may say."""

    PROJECT = 0
    USER = 1
    MANAGED = 2


class ConfigError(Exception):
    """A configuration file that cannot be used. The message names the file, the line where known, and why."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """An ``[[allow]]`` entry: the rules it lifts (a glob on the id), and where. Empty fields do not limit.

    ``directory`` is absolute and must hold the working directory of the call; ``target`` is a glob on what is hit,
    in which ``*`` stays within a word.
    """

    rule: str
    reason: str
    directory: str = ""
    target: str = ""
    environment: str = ""
    expires: date | None = None


@dataclass(frozen=True, slots=True)
class ScanIgnore:
    """A ``[[scan.ignore]]`` entry: a glob on rule ids, and globs on paths below the file's directory (empty: all)."""

    rule: str
    paths: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class ScanRules:
    """``[scan]``: what ``agentguard scan`` leaves out. It never touches what the shell guard decides: no ``Policy``
    holds it, which is why a project file may say it."""

    exclude: tuple[str, ...] = ()
    ignores: tuple[ScanIgnore, ...] = ()


@dataclass(frozen=True, slots=True)
class Layer:
    """What one file says. ``values`` holds the plain keys by their dotted names, the mode as a :class:`Mode`.

    ``warnings`` are the parts that are left out because this kind of file may not say them, as ``file:line: why``.
    ``text`` is the file, in which a message can look up its line.
    """

    path: str
    trust: Trust
    values: Mapping[str, str | int] = field(default_factory=dict)
    environments: Environments = field(default_factory=dict)
    protections: tuple[Protection, ...] = ()
    allowances: tuple[Allowance, ...] = ()
    scan: ScanRules = ScanRules()
    warnings: tuple[str, ...] = ()
    text: str = field(default="", compare=False, repr=False)


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
