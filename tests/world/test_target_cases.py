"""Where a command hits, in real projects through the front door: the commands in ``tests/cases/targets.jsonl``.

Beside the verdict a case may say the ``environment`` of a finding and words of its title or target (``target``): the
context, profile, region, project, workspace, host and database, link, remote and branch, the redacted token.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from agentguard.frontdoor import FrontDoor
from agentguard.rulebook.prove import ground
from agentguard.rulebook.sandbox import Sandboxes

LINES = (Path(__file__).parents[1] / "cases" / "targets.jsonl").read_text("utf-8").splitlines()
CASES: list[Mapping[str, object]] = [json.loads(line) for line in LINES]


@pytest.fixture(scope="module")
def door() -> FrontDoor:
    return FrontDoor()


@pytest.fixture(scope="module")
def sandboxes() -> Iterator[Sandboxes]:
    # not below the temporary directory: that is scratch space for the rules
    with tempfile.TemporaryDirectory(prefix=".agentguard-targets-", dir=ground()) as root:
        yield Sandboxes(root)


def faults(case: Mapping[str, object], door: FrontDoor, sandboxes: Sandboxes) -> Iterator[str]:
    """What is wrong with the answer to a case."""
    needs = case.get("needs") or {}
    assert isinstance(needs, Mapping)
    box = sandboxes.box(needs)
    answer = door.judge(str(case["command"]), cwd=box.cwd, env=box.environment(needs))
    findings = answer.verdict.findings
    if answer.failure:
        yield answer.failure
    if (answer.verdict.decision != "allow") != (case["expect"] == "stop"):
        yield f"{answer.verdict.decision}: {answer.verdict.reason}"
    if "environment" in case and findings and case["environment"] not in {each.environment for each in findings}:
        yield f"environment {findings[0].environment} instead of {case['environment']}"
    wanted = case.get("target") or ()
    assert isinstance(wanted, list | tuple)
    shown = [f"{each.title} {each.target}" for each in findings]
    if wanted and not any(all(str(word) in text for word in wanted) for text in shown):
        yield f"{wanted} is not in {shown}"


@pytest.mark.parametrize("category", sorted({str(case["category"]) for case in CASES}))
def test_verdict_target_and_environment(category: str, door: FrontDoor, sandboxes: Sandboxes) -> None:
    wrong = {
        str(case["id"]): (case["command"], told)
        for case in CASES
        if case["category"] == category and (told := list(faults(case, door, sandboxes)))
    }
    assert wrong == {}


def test_there_are_many_of_both_kinds() -> None:
    stops = sum(case["expect"] == "stop" for case in CASES)
    assert stops >= 400 and len(CASES) - stops >= 200
    assert len({case["id"] for case in CASES}) == len(CASES)
