"""A made-up world, packs and invocations for the tests of the rulebook."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from agentguard.interpret.invocation import Invocation
from agentguard.interpret.values import Value, literal
from agentguard.light import dataclass, field, replace
from agentguard.operations import Operation
from agentguard.programs.options import default_table, parse
from agentguard.rulebook.load import Rulebook, load
from agentguard.rulebook.model import Finding
from agentguard.world.settings import Settings


@dataclass
class MadeRepository:
    root: str = "/work"
    branch: str | None = "topic"
    dirty: bool = False
    untracked: bool = False
    stashes: int = 0
    ahead: int | None = 0

    def holds(self, path: str) -> str:
        return "clean"

    def listed(self, state: str) -> frozenset[str] | None:
        return frozenset()

    def unpushed(self, branch: str) -> int | None:
        return self.ahead

    def has_ref(self, name: str) -> bool:
        return True

    def ancestor(self, older: str, newer: str) -> bool | None:
        return None

    def config(self, key: str) -> str | None:
        return None


@dataclass
class MadeWorld:
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: str = "/work"
    home: str = "/home/dev"
    settings: Settings = field(default_factory=Settings)
    files: Mapping[str, str] = field(default_factory=dict)
    git: MadeRepository | None = None

    def kind(self, path: str) -> str:
        return "file" if path in self.files else "missing"

    def read(self, path: str, limit: int = 262_144) -> bytes | None:
        return self.files[path].encode() if path in self.files else None

    def listing(self, path: str, limit: int = 2_000) -> tuple[str, ...] | None:
        return tuple(sorted(name.rpartition("/")[2] for name in self.files if name.rpartition("/")[0] == path))

    def resolve(self, path: str) -> str:
        return path

    def repository(self, path: str) -> MadeRepository | None:
        return self.git if self.git and path.startswith(self.git.root) else None

    def project(self) -> str:
        return self.cwd


def invocation(*words: str | Value, cwd: str = "/work", place: str = "", **changes: object) -> Invocation:
    argv = tuple(literal(word) if isinstance(word, str) else word for word in words)
    return replace(Invocation(argv, (0, 0), (), {}, literal(cwd), place=place), **changes)  # type: ignore[arg-type]


EXAMPLES = "examples = { stop = ['x', 'y'], run = ['x', 'y'] }"
FACTS = 'title = "removes {target}"\nreversible = "no"\nloses = "the data"\ninstead = "ask"\n' + EXAMPLES


def rule(body: str, name: str = "t.r", severity: str = "high") -> str:
    """A ``[[rule]]`` with this matcher (and conditions), everything else made up."""
    return f'[[rule]]\nid = "{name}"\nseverity = "{severity}"\n{FACTS}\n{body}\n'


def pack(*parts: str, name: str = "t") -> str:
    return "\n".join((f'[pack]\nid = "{name}"\nsummary = "a test"\n', *parts))


def book(tmp_path: Path, *parts: str) -> Rulebook:
    """A rulebook with one pack of these parts."""
    directory = tmp_path / "rules"
    directory.mkdir(exist_ok=True)
    (directory / "t.toml").write_text(pack(*parts))
    return load(str(directory))


def found(
    rulebook: Rulebook, operation: Operation, world: MadeWorld | None = None, at: Invocation | None = None
) -> list[Finding]:
    return list(rulebook.findings(operation, at or invocation("x"), world or MadeWorld()))


def called(
    rulebook: Rulebook, *words: str | Value, world: MadeWorld | None = None, at: Invocation | None = None
) -> list[Finding]:
    """What the rules say about a call with these words."""
    seen = at or invocation(*words)
    name = seen.name or ""
    call = parse(rulebook.table(name) or default_table(name), seen.argv)
    return found(rulebook, call, world, seen)
