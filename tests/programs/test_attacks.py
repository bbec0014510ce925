"""Attempts to get round the guard, beside everyday commands that look like them.

``tests/cases/attacks.jsonl`` was written as lists of ideas, each before it was tried; what did not hold was mended or
left out as harmless (a tilde that the shell does not expand, an option that the program refuses).
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from agentguard.frontdoor import FrontDoor
from agentguard.rulebook.prove import ground
from agentguard.rulebook.sandbox import Sandboxes

CASES = [
    json.loads(line) for line in (Path(__file__).parents[1] / "cases" / "attacks.jsonl").read_text("utf-8").splitlines()
]


@pytest.fixture(scope="module")
def sandboxes() -> Iterator[Sandboxes]:
    with tempfile.TemporaryDirectory(prefix=".agentguard-attacks-", dir=ground()) as root:
        yield Sandboxes(root)


@pytest.mark.parametrize("expect", ["stop", "run"])
def test_labelled_commands(expect: str, sandboxes: Sandboxes) -> None:
    door = FrontDoor()
    wrong = []
    for case in CASES:
        if case["expect"] == expect:
            needs = case.get("needs", {})
            box = sandboxes.box(needs)
            answer = door.judge(case["command"], cwd=box.cwd, env=box.environment(needs))
            if answer.failure or (answer.verdict.decision != "allow") != (expect == "stop"):
                wrong.append((case["command"], [finding.rule for finding in answer.verdict.findings]))
    assert len(CASES) > 1500
    assert wrong == []
