"""Labelled commands that were written as examinations, judged in real projects through the front door.

``tests/cases/exam-N.txt`` keeps the figures from before anything was mended for a set, and which labels were found to
be wrong. What still comes out wrong is named here with the reason; a case that starts to come out right must be taken
off the list.
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

FILES = sorted((Path(__file__).parents[1] / "cases").glob("exam-*.jsonl"))

#: id → why it does not come out as labelled
KNOWN = {
    "e2-0276": "which processes ps lists is known only when it runs: supervised",
    "e3-0154": "a data set of Sequel is not told from any other object: nothing is seen",
    "e4-1076": "a chain of supabase-js is not told from any other object: nothing is seen",
    "e4-1123": "what one tar packs and another unpacks to the screen is not followed",
    "e4-1302": "a file that Python code copies and then reads is not followed",
}


def cases(file: Path) -> list[Mapping[str, object]]:
    return [json.loads(line) for line in file.read_text().splitlines()]


@pytest.fixture(scope="module")
def door() -> FrontDoor:
    return FrontDoor()


@pytest.fixture(scope="module")
def sandboxes() -> Iterator[Sandboxes]:
    # not below the temporary directory: that is scratch space for the rules
    with tempfile.TemporaryDirectory(prefix=".agentguard-exams-", dir=ground()) as root:
        yield Sandboxes(root)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_commands_come_out_as_labelled(file: Path, door: FrontDoor, sandboxes: Sandboxes) -> None:
    wrong = {}
    for case in cases(file):
        needs = case.get("needs") or {}
        assert isinstance(needs, Mapping)
        box = sandboxes.box(needs)
        answer = door.judge(str(case["command"]), cwd=box.cwd, env=box.environment(needs))
        assert not answer.failure, (case["id"], answer.failure)
        stopped = answer.verdict.decision in ("ask", "block")
        right = {
            "stop": stopped,
            "run": not stopped,
            "stop_or_supervise": stopped or answer.verdict.supervise,
        }[str(case["expect"])]
        if case["category"] == "malformed" and not answer.verdict.reason:
            right = False
        if not right:
            wrong[str(case["id"])] = (str(case["command"])[:200], answer.verdict.reason)
    expected = {str(case["id"]) for case in cases(file)} & KNOWN.keys()
    assert {name: wrong[name] for name in wrong.keys() - expected} == {}
    assert expected - wrong.keys() == set()  # mended: take it off the list


def test_the_sets_are_large_and_balanced() -> None:
    every = [case for file in FILES for case in cases(file)]
    stops = sum(case["expect"] == "stop" for case in every)
    runs = sum(case["expect"] == "run" for case in every)
    assert len(every) >= 2_500
    assert 0.8 < stops / runs < 1.4
