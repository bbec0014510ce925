"""One configuration file as data. How it is opened is in ``config_files.py``, how the files add up in ``policy.py``."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum

from agentguard.light import dataclass, field
from agentguard.world.settings import Protection

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import date

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
