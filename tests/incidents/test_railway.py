"""The founding incident: every spelling is stopped, and what only looks like it runs."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator

import pytest

from agentguard.frontdoor import FrontDoor
from agentguard.rulebook.prove import ground
from agentguard.rulebook.sandbox import Box, Sandboxes
from tests.incidents.railway import FILES, RUNNING, STOPPED


@pytest.fixture(scope="module")
def box() -> Iterator[Box]:
    # not below the temporary directory: that is scratch space for the rules
    with tempfile.TemporaryDirectory(prefix=".agentguard-incidents-", dir=ground()) as root:
        yield Sandboxes(root).box({"files": FILES})


@pytest.fixture(scope="module")
def door() -> FrontDoor:
    return FrontDoor()


def test_there_are_many() -> None:
    assert len(set(STOPPED)) >= 40
    assert len(set(RUNNING)) >= 40


@pytest.mark.parametrize("command", STOPPED)
def test_a_spelling_is_stopped(command: str, door: FrontDoor, box: Box) -> None:
    answer = door.judge(command, cwd=box.cwd, env=box.environment({}))
    assert answer.verdict.decision in ("ask", "block")
    assert any(finding.rule.startswith("railway.") for finding in answer.verdict.findings), answer.verdict.reason


@pytest.mark.parametrize("command", RUNNING)
def test_a_look_alike_runs(command: str, door: FrontDoor, box: Box) -> None:
    answer = door.judge(command, cwd=box.cwd, env=box.environment({}))
    assert answer.verdict.decision == "allow", answer.verdict.reason
