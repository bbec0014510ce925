"""One configuration file: read, checked and turned into data. How the files add up is in ``policy.py``."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING, NoReturn

from agentguard.world.settings import Protection

if TYPE_CHECKING:
    from datetime import date

LIMIT = 262_144
KINDS = ("hosts", "databases", "kube_contexts", "railway", "branches", "projects", "profiles")
ACTIONS = ("read", "write", "delete", "chmod")

Table = Mapping[str, object]
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

    ``directory`` is absolute and must hold the working directory of the call; ``target`` is a glob on what is hit.
    """

    rule: str
    reason: str
    directory: str = ""
    target: str = ""
    environment: str = ""
    expires: date | None = None


@dataclass(frozen=True, slots=True)
class Layer:
    """What one file says; None and empty fields mean that it says nothing."""

    path: str
    mode: Mode | None = None
    shell: str = ""
    wait: int | None = None
    environments: Environments = field(default_factory=dict)
    protections: tuple[Protection, ...] = ()
    allowances: tuple[Allowance, ...] = ()


def read(path: str, trust: Trust, home: str) -> Layer | None:
    """The layer in ``path``, or None where no such file exists. ``home`` stands for ``~`` in its paths.

    Raises:
        ConfigError: it cannot be read, is not valid, says what it may not, or could be written by others.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from error
    with open(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        _check_writers(path, status, trust)
        data = file.read(LIMIT + 1)
    if len(data) > LIMIT:
        raise ConfigError(f"{path}: longer than {LIMIT} bytes")
    return parse(path, data, trust, home)


def parse(path: str, data: bytes, trust: Trust, home: str) -> Layer:
    """The layer in the bytes of a file; see :func:`read`."""
    import tomllib

    try:
        text = data.decode()
        content = tomllib.loads(text)
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not UTF-8 at byte {error.start}") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: {error}") from error
    return _Reader(path, text, trust, home).layer(content)


def _check_writers(path: str, status: os.stat_result, trust: Trust) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise ConfigError(f"{path}: not a regular file")
    if trust is Trust.PROJECT:
        return
    if trust is Trust.MANAGED:
        folder = os.stat(os.path.dirname(path))
        if any(part.st_uid != 0 or part.st_mode & 0o022 for part in (status, folder)):
            raise ConfigError(f"{path}: the file and its directory must belong to root and be writable by root alone")
    elif status.st_uid not in (0, os.getuid()) or status.st_mode & 0o002:
        raise ConfigError(f"{path}: other users can write this file (chmod o-w, chown)")


@dataclass(frozen=True, slots=True)
class _Reader:
    path: str
    text: str
    trust: Trust
    home: str

    def layer(self, content: Table) -> Layer:
        own = ("mode", "environments", "protect")
        self._keys(content, own if self.trust is Trust.PROJECT else (*own, "shell", "confirm", "allow"))
        return Layer(
            self.path,
            mode=self._mode(content),
            shell=self._shell(content),
            wait=self._wait(content),
            environments=self._environments(content),
            protections=tuple(self._protection(n, entry) for n, entry in self._entries(content, "protect")),
            allowances=tuple(self._allowance(n, entry) for n, entry in self._entries(content, "allow")),
        )

    def _mode(self, content: Table) -> Mode | None:
        name = content.get("mode")
        if name is None:
            return None
        names = [mode.name.lower() for mode in Mode]
        if name not in names:
            self._fail(f"mode must be one of {', '.join(names)}", "mode")
        return Mode[str(name).upper()]

    def _shell(self, content: Table) -> str:
        shell = self._string(content, "shell")
        if shell and not os.path.isabs(shell):
            self._fail("shell must be an absolute path", "shell")
        return shell

    def _wait(self, content: Table) -> int | None:
        table = self._table(content, "confirm")
        self._keys(table, ("wait",), "confirm")
        wait = table.get("wait")
        if wait is not None and (not isinstance(wait, int) or isinstance(wait, bool) or not 0 <= wait <= 3600):
            self._fail("wait must be whole seconds from 0 to 3600", "confirm", "wait")
        return wait if isinstance(wait, int) else None

    def _environments(self, content: Table) -> Environments:
        found: dict[str, dict[str, tuple[str, ...]]] = {}
        for name in self._table(content, "environments"):
            if self.trust is Trust.PROJECT and name != "production":
                self._fail("a project file may only add to [environments.production]", f"environments.{name}")
            where = f"environments.{name}"
            table = self._table(self._table(content, "environments"), name, where)
            self._keys(table, KINDS, where)
            found[name] = {kind: self._strings(table, kind, where) for kind in table}
        return found

    def _protection(self, number: int, entry: Table) -> Protection:
        where = ("protect", number)
        self._keys(entry, ("paths", "stops", "reason"), *where)
        paths = tuple(self._absolute(path, *where, "paths") for path in self._strings(entry, "paths", *where))
        stops = self._strings(entry, "stops", *where) if "stops" in entry else ("write", "delete")
        if not paths:
            self._fail("a [[protect]] entry needs paths", *where)
        for action in stops:
            if action not in ACTIONS:
                self._fail(f"stops holds {action!r}; known are {', '.join(ACTIONS)}", *where, "stops")
        return Protection(paths, frozenset(stops), self._string(entry, "reason", *where))

    def _allowance(self, number: int, entry: Table) -> Allowance:
        where = ("allow", number)
        self._keys(entry, ("rule", "scope", "reason", "expires"), *where)
        rule, reason = self._string(entry, "rule", *where), self._string(entry, "reason", *where)
        if not rule or not reason:
            self._fail("an [[allow]] entry needs a rule and a reason", *where)
        scope = self._table(entry, "scope", *where)
        self._keys(scope, ("directory", "target", "environment"), *where, "scope")
        directory = self._string(scope, "directory", *where, "scope")
        return Allowance(
            rule,
            reason,
            directory=self._absolute(directory, *where, "scope") if directory else "",
            target=self._string(scope, "target", *where, "scope"),
            environment=self._string(scope, "environment", *where, "scope"),
            expires=self._date(entry, *where),
        )

    def _date(self, entry: Table, *where: str | int) -> date | None:
        from datetime import date, datetime

        value = entry.get("expires")
        if isinstance(value, datetime):
            return value.date()
        if value is not None and not isinstance(value, date):
            self._fail("expires must be a date: 2027-01-31", *where, "expires")
        return value

    def _absolute(self, path: str, *where: str | int) -> str:
        if path == "~" or path.startswith("~/"):
            path = self.home + path[1:]
        elif not os.path.isabs(path):
            if self.trust is not Trust.PROJECT:
                self._fail(f"{path!r} must be absolute or begin with ~/", *where)
            path = os.path.join(os.path.dirname(self.path), path)
        return os.path.normpath(path)

    def _entries(self, content: Table, key: str) -> list[tuple[int, Table]]:
        entries = content.get(key, [])
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            self._fail(f"{key} is written as [[{key}]]", key)
        return list(enumerate(entries))

    def _table(self, content: Table, key: str, *where: str | int) -> Table:
        table = content.get(key, {})
        if not isinstance(table, dict):
            self._fail(f"{key} must be a table", *(where or (key,)))
        return table

    def _string(self, content: Table, key: str, *where: str | int) -> str:
        value = content.get(key, "")
        if not isinstance(value, str):
            self._fail(f"{key} must be a string", *where, key)
        return value

    def _strings(self, content: Table, key: str, *where: str | int) -> tuple[str, ...]:
        value = content.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            self._fail(f"{key} must be a list of strings", *where, key)
        return tuple(value)

    def _keys(self, table: Table, known: tuple[str, ...], *where: str | int) -> None:
        for key in table:
            if key not in known:
                hint = "; a project file may only tighten" if self.trust is Trust.PROJECT else ""
                self._fail(f"unknown key {key!r} (known here: {', '.join(known)}){hint}", *where, key)

    def _fail(self, why: str, *where: str | int) -> NoReturn:
        line = _line(self.text, where)
        raise ConfigError(f"{self.path}:{line}: {why}" if line else f"{self.path}: {why}")


def _line(text: str, where: tuple[str | int, ...]) -> int | None:
    """The line of a key: of the last header or assignment of ``where`` that the text writes out."""
    lines = text.splitlines()
    found = None
    start = 0
    for position, step in enumerate(where):
        if isinstance(step, int):
            continue
        number = where[position + 1] if position + 1 < len(where) else 0
        count = number if isinstance(number, int) else 0
        name = re.escape(step)
        pattern = re.compile(rf"\s*(\[\[?\s*{name}\s*[\].]|[\"']?{name}[\"']?\s*=)")
        hits = [index for index in range(start, len(lines)) if pattern.match(lines[index])]
        if len(hits) > count:
            start = hits[count]
            found = start + 1
    return found
