"""One pack file: TOML → checked plain data, with every problem named by file, line and reason."""

from __future__ import annotations

import re
from collections.abc import Mapping

from agentguard.light import dataclass, field
from agentguard.programs.option_table import Table, TableError
from agentguard.rulebook.problem import Problem
from agentguard.rulebook.schema import (
    CONDITION_CHECKS,
    ENVIRONMENTS,
    MATCHERS,
    MAYBE,
    REVERSIBLE,
    SEVERITIES,
    Raw,
    SchemaError,
    checked,
    matcher,
    paths,
    text,
    words,
)

_PACK_KEYS = frozenset(("pack", "program", "endpoint", "rule"))
_RULE_KEYS = frozenset(
    (
        *("id", "title", "severity", "reversible", "loses", "instead", "floor", "maybe", "severity_in"),
        *("when", "unless", "examples", "source"),
        *MATCHERS,
    )
)
_NEEDS = frozenset(("git", "files", "env", "cwd"))
_STATES = ("clean", "dirty", "untracked", "unpushed", "stash", "none")


@dataclass(slots=True)
class Pack:
    """What one file holds, as plain data. ``rules`` are records as compile.py stores them; ``lines`` says where each
    rule stands. With a problem the rest is what could be read."""

    file: str
    id: str = ""
    source: str = ""
    programs: list[Raw] = field(default_factory=list)
    endpoints: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    rules: list[dict[str, object]] = field(default_factory=list)
    lines: dict[str, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def read(file: str, data: bytes) -> Pack:
    """A pack from the bytes of its file. Never raises: problems are in the result."""
    import tomllib

    pack = Pack(file)
    try:
        content = data.decode()
        document = tomllib.loads(content)
    except UnicodeDecodeError as error:
        pack.problems.append(Problem(file, data.count(b"\n", 0, error.start) + 1, "not UTF-8"))
        return pack
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"at line (\d+)", str(error))
        line = int(place[1]) if place else content.count("\n") + 1
        pack.problems.append(Problem(file, line, f"not TOML: {error}"))
        return pack
    _Reader(pack, content, document).run()
    return pack


class _Reader:
    def __init__(self, pack: Pack, content: str, document: Raw) -> None:
        self.pack = pack
        self.document = document
        self.starts: dict[str, list[int]] = {}
        for number, line in enumerate(content.splitlines(), 1):
            header = re.match(r"\s*\[\[?\s*(\w+)\s*\]\]?", line)
            if header:
                self.starts.setdefault(header[1], []).append(number)

    def run(self) -> None:
        for key in self.document:
            if key not in _PACK_KEYS:
                self._problem("", 0, f"unknown table {key}")
        self._head(self.document.get("pack"))
        for kind, take in (("program", self._program), ("endpoint", self._endpoint), ("rule", self._rule)):
            entries = self.document.get(kind, [])
            if not isinstance(entries, list):
                self._problem(kind, 0, f"[[{kind}]] is needed, not [{kind}]")
                continue
            for index, raw in enumerate(entries):
                try:
                    take(raw, index)
                except (SchemaError, TableError) as error:
                    self._problem(kind, index, f"{self._name(kind, raw)}: {error}")

    def _name(self, kind: str, raw: object) -> str:
        if isinstance(raw, Mapping):
            name = raw.get("id") or raw.get("names")
            if name:
                return f"{kind} {name[0] if isinstance(name, list) else name}"
        return kind

    def _problem(self, kind: str, index: int, reason: str) -> None:
        lines = self.starts.get(kind, [])
        line = lines[index] if index < len(lines) else 0
        self.pack.problems.append(Problem(self.pack.file, line, reason))

    def _head(self, raw: object) -> None:
        try:
            head = checked("pack", raw, {"id": text, "summary": text, "source": text})
        except SchemaError as error:
            self._problem("pack", 0, str(error))
            return
        for key in ("id", "summary"):
            if key not in head:
                self._problem("pack", 0, f"pack.{key} is needed")
        self.pack.id = str(head.get("id", ""))
        self.pack.source = str(head.get("source", ""))

    def _program(self, raw: object, index: int) -> None:
        if not isinstance(raw, Mapping):
            raise SchemaError("a table is needed")
        _check_levels(Table.from_toml(raw))
        self.pack.programs.append(raw)

    def _endpoint(self, raw: object, index: int) -> None:
        found = checked("endpoint", raw, {"id": text, "hosts": words, "paths": paths})
        if "id" not in found or "hosts" not in found:
            raise SchemaError("id and hosts are needed")
        hosts = [host.lower() for host in words("hosts", found["hosts"])]
        self.pack.endpoints[str(found["id"]).lower()] = {
            "hosts": hosts,
            "paths": words("paths", found["paths"]) if "paths" in found else [],
        }

    def _rule(self, raw: object, index: int) -> None:
        if not isinstance(raw, Mapping):
            raise SchemaError("a table is needed")
        record = rule(raw)
        name = str(record["id"])
        if not name.startswith(self.pack.id + "."):
            raise SchemaError(f"the id does not begin with {self.pack.id}.")
        if name in self.pack.lines:
            raise SchemaError("two rules have this id")
        record["pack"] = self.pack.id
        record.setdefault("source", self.pack.source)
        lines = self.starts.get("rule", [])
        self.pack.lines[name] = lines[index] if index < len(lines) else 0
        self.pack.rules.append(record)


def _check_levels(table: Table) -> None:
    """Read every level below, so that a mistake in a sub-command shows when the pack is read."""
    for word in table.sub:
        found = table.child(word)
        if found is not None:
            _check_levels(found[1])


def _choice(raw: Raw, key: str, allowed: tuple[str, ...], default: str | None = None) -> str:
    value = raw.get(key, default)
    if value not in allowed or not isinstance(value, str):
        raise SchemaError(f"{key}: one of {', '.join(allowed)} is needed")
    return value


def rule(raw: Raw) -> dict[str, object]:
    """One ``[[rule]]`` as a record of plain values. Raises SchemaError."""
    unknown = raw.keys() - _RULE_KEYS
    if unknown:
        raise SchemaError(f"unknown key {min(unknown)}")
    kinds = [kind for kind in MATCHERS if kind in raw]
    if len(kinds) != 1:
        raise SchemaError(f"exactly one matcher is needed, found {', '.join(kinds) or 'none'}")
    record: dict[str, object] = {key: text(key, raw.get(key)) for key in ("id", "title", "loses", "instead")}
    for key in ("title", "loses"):
        strange = re.findall(r"\{(?!target\})[^}]*\}?", str(record[key]))
        if strange:
            raise SchemaError(f"{key}: only {{target}} is filled in, not {strange[0]}")
    record["severity"] = SEVERITIES.index(_choice(raw, "severity", SEVERITIES))
    record["reversible"] = _choice(raw, "reversible", REVERSIBLE)
    record["maybe"] = _choice(raw, "maybe", MAYBE) if "maybe" in raw else ""
    floor = raw.get("floor", False)
    if not isinstance(floor, bool):
        raise SchemaError("floor: true or false is needed")
    record["floor"] = floor
    record["kind"] = kinds[0]
    record["matcher"] = matcher(kinds[0], raw[kinds[0]])
    for key in ("when", "unless"):
        record[key] = checked(key, raw.get(key, {}), CONDITION_CHECKS)
    milder = checked("severity_in", raw.get("severity_in", {}), dict.fromkeys(ENVIRONMENTS, text))
    record["severity_in"] = {name: SEVERITIES.index(_choice(milder, name, SEVERITIES)) for name in milder}
    if "source" in raw:
        record["source"] = text("source", raw["source"])
    examples = raw.get("examples")
    if not isinstance(examples, Mapping) or examples.keys() - {"stop", "run"}:
        raise SchemaError("examples: a table with stop and run is needed")
    for key in ("stop", "run"):
        found = examples.get(key, [])
        if not isinstance(found, list) or len(found) < 2:
            raise SchemaError(f"examples.{key}: at least two commands are needed")
        record[key] = [_example(f"examples.{key}", item) for item in found]
    return record


def _example(key: str, raw: object) -> tuple[str, dict[str, object]]:
    if isinstance(raw, str):
        return raw, {}
    if not isinstance(raw, Mapping) or not isinstance(raw.get("command"), str):
        raise SchemaError(f"{key}: a command or a table with command is needed")
    needs = {name: value for name, value in raw.items() if name != "command"}
    unknown = needs.keys() - _NEEDS
    if unknown:
        raise SchemaError(f"{key}: unknown key {min(unknown)} (known: command, {', '.join(sorted(_NEEDS))})")
    if "git" in needs:
        _choice(needs, "git", _STATES)
    for name in ("files", "env"):
        if not isinstance(needs.get(name, {}), Mapping):
            raise SchemaError(f"{key}.{name}: a table is needed")
    return str(raw["command"]), needs
