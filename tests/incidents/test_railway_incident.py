"""The incident this project began with: stopped however it is written, and nothing that only looks like it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator

import pytest

from agentguard.frontdoor import Answer, FrontDoor
from agentguard.rulebook.model import Severity
from agentguard.rulebook.prove import ground
from agentguard.rulebook.sandbox import Sandboxes
from tests.incidents.railway import FILES, RUNNING, STOPPED

NEEDS: dict[str, object] = {"files": FILES}


@pytest.fixture(scope="module")
def sandboxes() -> Iterator[Sandboxes]:
    with tempfile.TemporaryDirectory(prefix=".agentguard-railway-", dir=ground()) as root:
        yield Sandboxes(root)


@pytest.fixture(scope="module")
def door() -> FrontDoor:
    return FrontDoor()


def judged(door: FrontDoor, sandboxes: Sandboxes, command: str) -> Answer:
    box = sandboxes.box(NEEDS)
    return door.judge(command, cwd=box.cwd, env=box.environment(NEEDS))


def test_there_are_enough_of_both() -> None:
    assert len(set(STOPPED)) >= 40
    assert len(set(RUNNING)) >= 40


@pytest.mark.parametrize("command", STOPPED)
def test_it_is_stopped(command: str, door: FrontDoor, sandboxes: Sandboxes) -> None:
    answer = judged(door, sandboxes, command)
    assert answer.verdict.decision in ("ask", "block")
    found = {finding.rule: finding for finding in answer.verdict.findings}
    worst = max(found.values(), key=lambda finding: finding.severity)
    assert worst.severity is Severity.CRITICAL
    assert worst.rule.startswith("railway.")
    assert "backups" in worst.loses


@pytest.mark.parametrize("command", RUNNING)
def test_its_look_alike_runs(command: str, door: FrontDoor, sandboxes: Sandboxes) -> None:
    answer = judged(door, sandboxes, command)
    assert answer.verdict.decision == "allow", answer.verdict.reason
