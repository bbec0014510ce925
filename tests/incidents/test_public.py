"""The public incidents, replayed: each is stopped with a reason, and its everyday sibling runs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from agentguard.frontdoor import Answer, FrontDoor
from agentguard.rulebook.prove import ground
from agentguard.rulebook.sandbox import Sandboxes
from tests.incidents.public import INCIDENTS, Incident


@pytest.fixture(scope="module")
def sandboxes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandboxes]:
    import tempfile

    # not below the temporary directory: that is scratch space for the rules
    with tempfile.TemporaryDirectory(prefix=".agentguard-incidents-", dir=ground()) as root:
        yield Sandboxes(root)


@pytest.fixture(scope="module")
def door() -> FrontDoor:
    return FrontDoor()


def judged(door: FrontDoor, sandboxes: Sandboxes, command: str, incident: Incident) -> Answer:
    box = sandboxes.box(incident.needs)
    return door.judge(command, cwd=box.cwd, env=box.environment(incident.needs))


@pytest.mark.parametrize("incident", INCIDENTS, ids=lambda incident: incident.name)
def test_the_command_is_stopped(incident: Incident, door: FrontDoor, sandboxes: Sandboxes) -> None:
    answer = judged(door, sandboxes, incident.command, incident)
    assert answer.verdict.decision in ("ask", "block")
    assert answer.verdict.findings, answer.verdict.reason


@pytest.mark.parametrize("incident", INCIDENTS, ids=lambda incident: incident.name)
def test_its_sibling_runs(incident: Incident, door: FrontDoor, sandboxes: Sandboxes) -> None:
    answer = judged(door, sandboxes, incident.sibling, incident)
    assert answer.verdict.decision == "allow", answer.verdict.reason
