"""Commands judged from end to end in a made-up world: text → the ids of the rules that hold."""

from __future__ import annotations

from functools import cache

from agentguard.analysis import Analysis, analyse
from agentguard.interpret.values import Truth
from agentguard.rulebook.load import Rulebook, load
from tests.fakes import FakeRepository, FakeWorld

ROOT = "/home/dev/work/app"


@cache
def rulebook() -> Rulebook:
    return load()


def analysed(command: str, world: FakeWorld) -> Analysis:
    return analyse(command, world, rulebook())


def found(command: str, world: FakeWorld, prefix: str = "") -> set[str]:
    """The rules that stop a command (decision ask), whose id begins with ``prefix``."""
    analysis = analysed(command, world)
    assert analysis.problem is None, analysis.problem
    return {f.rule for f in analysis.findings if f.decision == "ask" and f.severity > 0 and f.rule.startswith(prefix)}


def certain(command: str, world: FakeWorld) -> set[str]:
    return {f.rule for f in analysed(command, world).findings if f.certainty is Truth.YES}


def in_state(states: dict[str, str], **changes: object) -> FakeWorld:
    """A world whose repository holds these paths (relative) as ``changed``, ``untracked`` or ``ignored``."""
    held = {f"{ROOT}/{path}": state for path, state in states.items()}
    repository = FakeRepository(
        root=ROOT,
        dirty="changed" in held.values(),
        untracked="untracked" in held.values(),
        states=held,
        refs=frozenset({"main", "topic", "HEAD", "origin/main"}),
    )
    for name, value in changes.items():
        setattr(repository, name, value)
    files = dict.fromkeys(held, "x\n") | {f"{ROOT}/README.md": "# app\n"}
    return FakeWorld(files=files, directories=("/", "/home/dev", ROOT, f"{ROOT}/docs", "/tmp"), git=repository)
