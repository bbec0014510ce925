"""The content of a configuration file, checked and turned into a layer. Imported only where a file exists."""

from __future__ import annotations

import marshal
import os
from collections.abc import Mapping

from agentguard import kept
from agentguard.config import Allowance, ConfigError, Environments, Layer, Mode, ScanIgnore, ScanRules, Trust
from agentguard.config_keys import ACTIONS, KEYS, KINDS, TOP
from agentguard.config_text import line_of
from agentguard.light import dataclass
from agentguard.world.settings import Protection

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import date
    from typing import NoReturn

Table = Mapping[str, object]
#: what a project file may say; the rest could loosen, and is left out. ``scan`` is about files, not about the guard
_PROJECT = ("mode", "environments", "protect", "scan")


def layer(path: str, data: bytes, trust: Trust, home: str) -> Layer:
    """The layer in the bytes of a file; see ``config.read``."""
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not UTF-8 at byte {error.start}") from error
    known = kept.settings.get(data) if trust is not Trust.MANAGED else None  # the user's cache is not above a user
    content = _parsed(path, text, data) if known is None else marshal.loads(known)
    return _Reader(path, text, trust, home, []).layer(content)


def _parsed(path: str, text: str, data: bytes) -> Table:
    """The TOML as plain data; kept by the very bytes of the file, because parsing takes longer than judging."""
    import tomllib

    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: {error}") from error
    except RecursionError as error:
        raise ConfigError(f"{path}: nested too deeply") from error
    try:
        kept.settings.put(data, marshal.dumps(content))
    except ValueError:
        return content  # it holds a date, which has no such form
    return content


@dataclass(frozen=True, slots=True)
class _Reader:
    path: str
    text: str
    trust: Trust
    home: str
    warnings: list[str]

    def layer(self, content: Table) -> Layer:
        self._keys(content, TOP)
        if self.trust is Trust.PROJECT:
            content = self._tightening(content)
        return Layer(
            self.path,
            self.trust,
            values=self._values(content),
            environments=self._environments(content),
            protections=tuple(self._protection(n, entry) for n, entry in self._entries(content, "protect")),
            allowances=tuple(self._allowance(n, entry) for n, entry in self._entries(content, "allow")),
            scan=self._scan(self._table(content, "scan")),
            warnings=tuple(self.warnings),
            text=self.text,
        )

    def _tightening(self, content: Table) -> Table:
        """What a project file may say; the rest is noted as left out."""
        tight: dict[str, object] = {}
        for key, value in content.items():
            if key not in _PROJECT:
                shown = {"allow": "[[allow]]", "confirm": "[confirm]", "audit": "[audit]"}.get(key, key)
                self._leave_out(f"{shown} is only for the user's own file", key)
            elif key == "environments" and isinstance(value, dict):
                tight[key] = {name: table for name, table in value.items() if name == "production"}
                for name in sorted(value.keys() - {"production"}):
                    self._leave_out(f"[environments.{name}] is only for the user's own file; a project may add to "
                                    "[environments.production]", f"environments.{name}")  # fmt: skip
            else:
                tight[key] = value
        return tight

    def _leave_out(self, why: str, *where: str | int) -> None:
        self.warnings.append(f"{self._at(where)}: left out: {why}")

    def _values(self, content: Table) -> Mapping[str, str | int]:
        found: dict[str, str | int] = {}
        for name, key in KEYS.items():
            section, _, last = name.rpartition(".")
            table = self._table(content, section) if section else content
            value = table.get(last)
            if value is None:
                continue
            if not key.valid(value) or not isinstance(value, str | int):
                self._fail(f"{last} must be {key.wanted}", *name.split("."))
            found[name] = Mode[str(value).upper()] if name == "mode" else value
        for section in dict.fromkeys(name.partition(".")[0] for name in KEYS if "." in name):
            known = tuple(name.partition(".")[2] for name in KEYS if name.startswith(f"{section}."))
            self._keys(self._table(content, section), known, section)
        return found

    def _environments(self, content: Table) -> Environments:
        found: dict[str, dict[str, tuple[str, ...]]] = {}
        for name in self._table(content, "environments"):
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
        if not stops:
            self._fail(f"stops is empty; known are {', '.join(ACTIONS)}", *where, "stops")
        for action in stops:
            if action not in ACTIONS:
                self._fail(f"stops holds {action!r}; known are {', '.join(ACTIONS)}", *where, "stops")
        return Protection(paths, frozenset(stops), self._string(entry, "reason", *where))

    def _scan(self, table: Table) -> ScanRules:
        self._keys(table, ("exclude", "ignore"), "scan")
        ignores = tuple(self._ignore(number, entry) for number, entry in self._entries(table, "ignore", "scan"))
        return ScanRules(self._strings(table, "exclude", "scan"), ignores)

    def _ignore(self, number: int, entry: Table) -> ScanIgnore:
        where = ("scan.ignore", number)
        self._keys(entry, ("rule", "paths", "reason"), *where)
        rule, reason = self._string(entry, "rule", *where), self._string(entry, "reason", *where).strip()
        if not rule or not reason:
            self._fail("a [[scan.ignore]] entry needs a rule and a reason", *where)
        return ScanIgnore(rule, self._strings(entry, "paths", *where), reason)

    def _allowance(self, number: int, entry: Table) -> Allowance:
        where = ("allow", number)
        self._keys(entry, ("rule", "scope", "reason", "expires"), *where)
        rule, reason = self._string(entry, "rule", *where), self._string(entry, "reason", *where)
        if not rule or not reason:
            self._fail("an [[allow]] entry needs a rule and a reason", *where)
        scope = self._table(entry, "scope", *where)
        self._keys(scope, ("directory", "target", "environment"), *where, "scope")
        for key in scope:
            if not self._string(scope, key, *where, "scope"):
                self._fail(f"{key} is empty; leave it away where it should not limit", *where, "scope")
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
        value = entry.get("expires")
        if value is None:
            return None
        from datetime import date, datetime

        if isinstance(value, datetime):
            return value.date()
        if not isinstance(value, date):
            self._fail("expires must be a date: 2027-01-31", *where, "expires")
        return value

    def _absolute(self, path: str, *where: str | int) -> str:
        if not path or "\0" in path:
            self._fail("a path is empty", *where)
        if path == "~" or path.startswith("~/"):
            path = self.home + path[1:]
        elif not os.path.isabs(path):
            if self.trust is not Trust.PROJECT:
                self._fail(f"{path!r} must be absolute or begin with ~/", *where)
            path = os.path.join(os.path.dirname(self.path), path)
        path = os.path.normpath(path)
        return path[1:] if path.startswith("//") else path

    def _entries(self, content: Table, key: str, *where: str) -> list[tuple[int, Table]]:
        entries = content.get(key, [])
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            self._fail(f"{key} is written as [[{'.'.join((*where, key))}]]", *where, key)
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
                self._fail(f"unknown key {key!r} (known here: {', '.join(known)})", *where, key)

    def _at(self, where: tuple[str | int, ...]) -> str:
        line = line_of(self.text, where)
        return f"{self.path}:{line}" if line else self.path

    def _fail(self, why: str, *where: str | int) -> NoReturn:
        raise ConfigError(f"{self._at(where)}: {why}")
