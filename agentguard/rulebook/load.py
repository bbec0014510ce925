"""Pack files → the Rulebook: read from the compiled form of the last start, or from the TOML itself."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence

from agentguard.interpret.invocation import Invocation
from agentguard.operations import Operation
from agentguard.programs.option_table import Table
from agentguard.rulebook import store
from agentguard.rulebook.installed import installed
from agentguard.rulebook.keys import keys
from agentguard.rulebook.model import Example, Finding, Rule, Severity
from agentguard.rulebook.problem import Problem
from agentguard.world.protocol import World

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class RulebookError(Exception):
    """A pack of the installation cannot be used. ``problems`` says which file, line and why."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = tuple(problems)


class _Memory:
    """The compiled entries where no file can hold them."""

    def __init__(self, entries: Mapping[str, object]) -> None:
        self._entries = entries

    def get(self, key: str) -> object:
        return self._entries.get(key)


class _File:
    """The compiled entries of a file; where it turns out to be damaged, those of the TOML."""

    def __init__(self, opened: store.Store, file: str, again: Callable[[], Mapping[str, object]]) -> None:
        self._store = opened
        self._file = file
        self._again = again
        self._entries: Mapping[str, object] | None = None

    def get(self, key: str) -> object:
        if self._entries is None:
            try:
                return self._store.get(key)
            except store.Damaged:
                store.forget(self._file)
                self._entries = self._again()
        return self._entries.get(key)


class Rulebook:
    """All rules and option tables. Only what is asked for is decoded."""

    def __init__(self, entries: _Memory | _File) -> None:
        self._entries = entries
        self._rules: dict[int, Rule] = {}
        self._tables: dict[str, Table | None] = {}

    @classmethod
    def of(cls, entries: Mapping[str, object]) -> Rulebook:
        """A rulebook of entries in memory (see ``compiled``)."""
        return cls(_Memory(entries))

    def table(self, program: str) -> Table | None:
        """The option table of a program by any of its names; None where no pack describes it."""
        if program not in self._tables:
            self._tables[program] = self._table(program)
        return self._tables[program]

    def judged(self, program: str) -> bool:
        """Whether some rule is about this program (canonical name), or nothing that it is told destroys anything."""
        table = self.table(program)
        return (table is not None and table.inert) or self._entries.get(f"call:{program}/?") is not None

    def _table(self, program: str) -> Table | None:
        raw = self._entries.get(f"t:{program}")
        if raw is None:
            globs: Any = self._entries.get("globs")
            for pattern, canonical in globs or ():
                if _fits(program, pattern):
                    return self.table(canonical)
            return None
        if isinstance(raw, str):
            return self.table(raw)
        assert isinstance(raw, Mapping)
        table = Table.from_toml(raw)
        whole = self.table(table.stands_for[0]) if table.stands_for else None
        return table if whole is None else whole.called(table)

    def findings(
        self, operation: Operation, invocation: Invocation, world: World, heard: Callable[[str], bool] | None = None
    ) -> Iterator[Finding]:
        """What the rules say about one operation; findings whose ``maybe`` is to ignore are left out.

        ``heard`` tells which rules are asked at all, by their ids; None for every one.
        """
        seen: set[int] = set()
        for key in keys(operation):
            numbers: Any = self._entries.get(key)
            for number in numbers or ():
                if number not in seen:
                    from agentguard.rulebook.match import finding  # most commands have no rule to match

                    seen.add(number)
                    rule = self._rule(number)
                    if heard is not None and not heard(rule.id):
                        continue
                    found = finding(rule, operation, invocation, world)
                    if found is not None:
                        yield found

    def _rule(self, number: int) -> Rule:
        rule = self._rules.get(number)
        if rule is None:
            rule = self._rules[number] = _decoded(self._entries.get(f"r:{number}"), ((), ()))
        return rule

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Every rule with its examples, in the order of the packs."""
        meta: Any = self._entries.get("meta")
        return tuple(
            _decoded(self._entries.get(f"r:{number}"), self._entries.get(f"x:{number}"))
            for number in range(meta["rules"])
        )

    @property
    def endpoints(self) -> Mapping[str, Mapping[str, Sequence[str]]]:
        """The named endpoints with their ``hosts`` and ``paths``."""
        found: Any = self._entries.get("endpoints")
        return dict(found)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What was wrong with user packs (these packs are left out)."""
        meta: Any = self._entries.get("meta")
        return tuple(Problem(*problem) for problem in meta["problems"])


def _fits(name: str, pattern: str) -> bool:
    head, star, rest = pattern.partition("*")
    if star and not rest and not any(sign in head for sign in "?["):
        return name.startswith(head)
    from fnmatch import fnmatchcase

    return fnmatchcase(name, pattern)


def _decoded(record: Any, examples: Any) -> Rule:
    stop, run = examples
    fields = {
        **record,
        "severity": Severity(record["severity"]),
        "severity_in": {name: Severity(value) for name, value in record["severity_in"].items()},
        "stop": tuple(Example(*example) for example in stop),
        "run": tuple(Example(*example) for example in run),
    }
    return Rule(**fields)


# -------------------------------------------------------------------------------------------- loading


def load(builtin: str | None = None, user: Sequence[str] = (), cache: str | None = None) -> Rulebook:
    """The rulebook of the pack files in ``builtin`` (default: the installed ones) and in ``user`` directories.

    ``cache`` is a directory for the compiled form (``$XDG_CACHE_HOME/agentguard``); without it the TOML is read each
    time. Raises RulebookError for a broken built-in pack; a broken user pack is left out and listed in ``problems``.
    """
    own = _files(installed() if builtin is None else builtin)
    added = [file for directory in user for file in _files(directory)]
    stamp = "\n".join((_engine(), *(f"{kind}\t{line}" for kind, files in (("b", own), ("u", added)) for line in files)))

    def fresh() -> dict[str, object]:
        return compiled([line.split("\t", 1)[1] for line in own], [line.split("\t", 1)[1] for line in added])

    if cache is None:
        return Rulebook(_Memory(fresh()))
    file = store.path(cache, stamp)
    opened = store.load(file, stamp)
    if opened is not None:
        return Rulebook(_File(opened, file, fresh))
    entries = fresh()
    store.save(file, stamp, entries)
    return Rulebook(_Memory(entries))


def compiled(builtin: Sequence[str], user: Sequence[str] = ()) -> dict[str, object]:
    """The index of pack files, from their TOML. Raises RulebookError."""
    from agentguard.rulebook.compile import Compiler
    from agentguard.rulebook.pack import Pack, read

    def packs(files: Sequence[str]) -> Iterator[Pack]:
        for file in files:
            try:
                with open(file, "rb") as source:
                    data = source.read()
            except OSError as error:
                pack = Pack(file)
                pack.problems.append(Problem(file, 0, error.strerror or "unreadable"))
                yield pack
            else:
                yield read(file, data)

    compiler = Compiler()
    compiler.add(packs(builtin))
    if compiler.problems:
        raise RulebookError(compiler.problems)
    compiler.add(packs(user), whole=True)
    return compiler.entries()


def _files(directory: str) -> list[str]:
    """``mtime size<tab>path`` of every pack file in a directory, by name; nothing where it does not exist."""
    try:
        entries = sorted(os.scandir(directory), key=lambda entry: entry.name)
    except OSError:
        return []
    found: list[str] = []
    for entry in entries:
        if entry.name.endswith(".toml"):
            try:
                status = entry.stat()
            except OSError:
                found.append(f"?\t{entry.path}")
            else:
                found.append(f"{status.st_mtime_ns} {status.st_size}\t{entry.path}")
    return found


def _engine() -> str:
    """What else a compiled file depends on: the code that made it."""
    here = os.path.dirname(os.path.abspath(__file__))
    parts: list[str] = []
    for name in ("compile.py", "pack.py", "schema.py", "store.py", "../programs/option_table.py"):
        try:
            parts.append(str(os.stat(os.path.join(here, name)).st_mtime_ns))
        except OSError:
            parts.append("?")
    return " ".join(parts)
