"""Packs → an index of plain data: for every program, host, field and verb the rules that can match it.

The entries (all marshal-able)::

    meta               {"rules": count, "problems": […]}
    t:NAME             the option table of a program, or the canonical name of an alias
    globs              [(pattern, canonical name)]: program names with ``*``
    r:N  x:N           a rule; its examples
    endpoints          {id: {hosts, paths}}
    call:PROGRAM/WORD  numbers of the rules that name this program and first sub-command word (``*`` any,
                       ``?`` every rule of the program)
    http:METHOD:HOST   HOST is a host name, ``*.domain`` or ``*``
    graphql:FIELD      likewise ``graphql-host:HOST`` for operations whose fields are not known
    files:ACTION sql:VERB credential:HOW code:ORIGIN tamper:WHAT device: bomb: opaque:
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from agentguard import regex
from agentguard.programs.option_table import KEYS, Table, merged, nested
from agentguard.rulebook.pack import Pack
from agentguard.rulebook.problem import Problem

Entries = dict[str, object]
Record = dict[str, Any]

_GLOB: Final = regex.compile(r"[*?\[]")
#: per kind, the matcher key that the index goes by
_KEYED: Final = {
    "files": "action",
    "sql": "verb",
    "credential": "how",
    "code": "origin",
    "tamper": "what",
    "device": "",
    "bomb": "",
    "opaque": "",
}


def host_key(pattern: str) -> str:
    """Where a host glob is filed: itself, or ``*.`` and the domain right of its last label with a glob."""
    if not _GLOB.search(pattern):
        return pattern
    labels = pattern.split(".")
    last = max(index for index, label in enumerate(labels) if _GLOB.search(label))
    rest = labels[last + 1 :]
    return ".".join(("*", *rest)) if rest else "*"


class Compiler:
    """Adds packs up; the built-in ones first."""

    def __init__(self) -> None:
        self.tables: dict[str, dict[str, object]] = {}
        self.canonical: dict[str, str] = {}
        self.endpoints: dict[str, dict[str, list[str]]] = {}
        self.records: list[Record] = []
        self.lines: dict[str, tuple[str, int]] = {}
        self.problems: list[Problem] = []

    def add(self, packs: Iterable[Pack], *, whole: bool = False) -> None:
        """Take packs in. ``whole``: a pack with a problem is left out altogether (user packs)."""
        usable: list[Pack] = []
        for pack in packs:
            problems = list(pack.problems)
            for name, line in pack.lines.items():
                if name in self.lines:
                    problems.append(Problem(pack.file, line, f"rule {name}: {self.lines[name][0]} has it already"))
            if whole:
                problems += self._clashes(pack)
            self.problems += problems
            if not (whole and problems):
                usable.append(pack)
                self.lines.update((name, (pack.file, line)) for name, line in pack.lines.items())
        for pack in usable:
            for raw in pack.programs:
                self._program(raw)
            for name, endpoint in pack.endpoints.items():
                self.endpoints.setdefault(name, endpoint)
        for pack in usable:
            records: list[Record] = []
            before = len(self.problems)
            for record in pack.rules:
                try:
                    records.append(self._rule(dict(record), pack))
                except ValueError as error:
                    line = pack.lines[str(record["id"])]
                    self.problems.append(Problem(pack.file, line, f"rule {record['id']}: {error}"))
            if not (whole and len(self.problems) > before):
                self.records += records

    # ---------------------------------------------------------------------------------- programs

    def _program(self, raw: Mapping[str, object]) -> None:
        names = _names(raw)
        if raw.get("each") is True:
            shared = {key: value for key, value in raw.items() if key != "each"}
            for name in names:
                self._program({**shared, "names": [name]})
            return
        canonical = next((self.canonical[name] for name in names if name in self.canonical), names[0])
        own = {**raw, "names": names}
        if "sub" in own:
            own["sub"] = nested(own["sub"])
        known = self.tables.get(canonical)
        self.tables[canonical] = merged(known, own) if known is not None else own
        self.canonical.update((name, canonical) for name in names)
        self.canonical[canonical] = canonical

    def _clashes(self, pack: Pack) -> Iterator[Problem]:
        """A user's table may add to a known one, and must not read its options in another way."""
        for raw in pack.programs:
            for name in _names(raw):
                if name not in self.canonical:
                    continue
                known = Table.from_toml(self.tables[self.canonical[name]])
                option = _contradiction(known, Table.from_toml(raw))
                if option:
                    yield Problem(pack.file, 0, f"program {name}: {option} is described in another way already")

    # ------------------------------------------------------------------------------------- rules

    def _rule(self, record: Record, pack: Pack) -> Record:
        if record["kind"] == "call":
            record["matcher"] = self._call(dict(record["matcher"]))
        elif record["kind"] in ("http", "graphql"):
            key = "host" if record["kind"] == "http" else "endpoint"
            record["matcher"] = self._hosts(dict(record["matcher"]), key, pack)
            if "not_endpoint" in record["matcher"]:
                record["matcher"]["not_places"] = self._spared(record["matcher"].pop("not_endpoint"), pack)
        return record

    def _call(self, matcher: Record) -> Record:
        """Programs and options by their canonical names; what the rule knows is added to the option tables."""
        programs = list(dict.fromkeys(self.canonical.get(name, name) for name in matcher["program"]))
        matcher["program"] = programs
        paths: list[list[str]] = matcher.get("subcommand", [[]])
        tables: list[Table] = []
        resolved: list[list[str]] = [] if programs != ["*"] else paths
        for program in programs:
            if program != "*":
                raw = self._table(program)
                if "stands_for" in raw:
                    raise ValueError(f"{program} stands for {' '.join(_split(raw['stands_for']))}: name that")
                for path in paths:
                    self._learn(raw, path, matcher)
                table = Table.from_toml(raw)
                tables += (table.at(path) for path in paths)
                resolved += (found for path in paths if (found := _words(table, path)) not in resolved)
        if "subcommand" in matcher:
            matcher["subcommand"] = resolved
        for key in ("any", "none"):
            if key in matcher:
                matcher[key] = sorted({name for option in matcher[key] for name in _canonical(tables, option)})
        if "all" in matcher:
            matcher["all"] = [sorted(_canonical(tables, option)) for option in matcher["all"]]
        for key in ("values", "no_values"):
            if key in matcher:
                matcher[key] = [
                    (sorted({name for option in options.split() for name in _canonical(tables, option)}), patterns)
                    for options, patterns in matcher[key].items()
                ]
                for option in (option for names, _ in matcher[key] for option in names):
                    if tables and not any(table.takes_value(option) for table in tables):
                        raise ValueError(f"{key}: {option} is no value option of {', '.join(programs)}")
        return matcher

    def _table(self, program: str) -> dict[str, object]:
        if program not in self.tables:
            self.tables[program] = {"names": [program], "depth": 0}
            self.canonical[program] = program
        return self.tables[program]

    def _learn(self, raw: dict[str, object], path: list[str], matcher: Record) -> None:
        """Make the sub-command path of a rule and the flags it names known to the table."""
        sub = nested(raw.get("sub", {}))
        depth = raw.setdefault("depth", 1 if sub else 0)
        assert isinstance(depth, int)
        level: dict[str, object] = raw
        table = Table.from_toml(raw)
        if len(path) <= depth and table.at(path) == table.at(path[:-1]).below() and "*" not in path:
            path = []  # the words are found without an entry
        for word in path:
            sub = nested(level.get("sub", {}))
            name = next((w for w, t in sub.items() if word in (w, *_aliases(t))), word)
            child = dict(sub.get(name, {}))
            sub[name] = child
            level["sub"] = sub
            level = child
        at = table.at(path)
        options = [*matcher.get("any", ()), *matcher.get("all", ()), *matcher.get("none", ())]
        new = [option for option in options if not at.knows(option) and not at.knows(at.canonical(option))]
        if new:
            level["flag"] = list(dict.fromkeys((*_split(level.get("flag", ())), *new)))

    def _hosts(self, matcher: Record, key: str, pack: Pack) -> Record:
        """Endpoint names replaced by their hosts and paths: a list of (hosts, paths)."""
        places: list[tuple[list[str], list[str]]] = []
        plain: list[str] = []
        for host in matcher.pop(key, ["*"]):
            if not host.startswith("@"):
                plain.append(host)
                continue
            endpoint = pack.endpoints.get(host[1:]) or self.endpoints.get(host[1:])
            if endpoint is None:
                raise ValueError(f"{key}: there is no [[endpoint]] {host[1:]}")
            places.append((endpoint["hosts"], endpoint["paths"] if "path" not in matcher else []))
        if plain:
            places.append((plain, []))
        matcher["places"] = places
        return matcher

    def _spared(self, names: list[str], pack: Pack) -> list[tuple[list[str], list[str]]]:
        """Endpoints that a rule leaves alone, as (hosts, paths)."""
        return list(self._hosts({"host": names}, "host", pack)["places"])

    # ------------------------------------------------------------------------------------- index

    def entries(self) -> Entries:
        """The finished index."""
        index: dict[str, list[int]] = {}
        entries: Entries = {}
        for number, record in enumerate(self.records):
            for key in dict.fromkeys(_keys(record)):
                index.setdefault(key, []).append(number)
            entries[f"x:{number}"] = (record["stop"], record["run"])
            entries[f"r:{number}"] = {key: value for key, value in record.items() if key not in ("stop", "run")}
        entries.update(index)
        globs: list[tuple[str, str]] = []
        for canonical, raw in self.tables.items():
            entries[f"t:{canonical}"] = _plain(raw)
        for name, canonical in self.canonical.items():
            if _GLOB.search(name):
                globs.append((name, canonical))
            elif name != canonical:
                entries[f"t:{name}"] = canonical
        entries["globs"] = globs
        entries["endpoints"] = self.endpoints
        problems = [(problem.file, problem.line, problem.reason) for problem in self.problems]
        entries["meta"] = {"rules": len(self.records), "problems": problems}
        return entries


def _keys(record: Record) -> Iterator[str]:
    kind, matcher = record["kind"], record["matcher"]
    if kind == "call":
        for program in matcher["program"]:
            yield f"call:{program}/?"
            for path in matcher.get("subcommand", [[]]):
                yield f"call:{program}/{path[0] if path else '*'}"
    elif kind == "http":
        for host in _place_hosts(matcher):
            for method in matcher.get("method", ["*"]):
                yield f"http:{method}:{host_key(host)}"
    elif kind == "graphql":
        for name in matcher.get("field", ["*"]):
            yield "graphql:*" if _GLOB.search(name) else f"graphql:{name}"
        for host in _place_hosts(matcher):
            yield f"graphql-host:{host_key(host)}"
    else:
        key = _KEYED[kind]
        for word in matcher.get(key, ["*"]) if key else [""]:
            yield f"{kind}:{'*' if _GLOB.search(word) else word}"


def _place_hosts(matcher: Record) -> Iterator[str]:
    for hosts, _ in matcher["places"]:
        yield from hosts


def _words(table: Table, path: list[str]) -> list[str]:
    """A sub-command path with aliases replaced by the canonical words."""
    result: list[str] = []
    for word in path:
        result.append(table.words.get(word, word))
        table = table.at([word])
    return result


def _canonical(tables: list[Table], option: str) -> set[str]:
    return {table.canonical(option) for table in tables} or {option}


def _names(raw: Mapping[str, object]) -> list[str]:
    return _split(raw.get("names", ()))


def _aliases(raw: Mapping[str, object]) -> list[str]:
    return _split(raw.get("aliases", ()))


def _split(value: object) -> list[str]:
    if isinstance(value, str):
        return value.split()
    return [str(item) for item in value] if isinstance(value, (list, tuple)) else []


def _contradiction(known: Table, new: Table) -> str:
    """An option that two tables read in different ways, or ""."""
    for key in ("value", "flag", "optional", "pair"):
        for option in sorted(getattr(new, key)):
            if known.knows(option) and option not in getattr(known, key) and option not in known.same:
                return str(option)
            if known.takes_value(option) != new.takes_value(option) and known.knows(option):
                return str(option)
    for word in new.words:
        one, two = known.child(word), new.child(word)
        if one is not None and two is not None:
            option = _contradiction(one[1], two[1])
            if option:
                return option
    return ""


def _plain(raw: Mapping[str, object]) -> dict[str, object]:
    """A table level as nothing but dicts, lists, strings, numbers and booleans."""
    plain: dict[str, object] = {}
    for key in sorted(raw.keys() & KEYS):
        value = raw[key]
        if key == "sub":
            plain[key] = {word: _plain(level) for word, level in nested(value).items()}
        elif isinstance(value, tuple):
            plain[key] = list(value)
        else:
            plain[key] = value
    return plain
