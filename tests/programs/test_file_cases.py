"""Labelled commands on files and git, each judged in a real project in the state that it needs.

``tests/cases/files.jsonl`` has the format of the shared sample. Nothing in it is ever executed.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from agentguard.rulebook.load import load
from agentguard.rulebook.prove import Court, ground

CASES = [json.loads(line) for line in (Path(__file__).parents[1] / "cases" / "files.jsonl").read_text().splitlines()]


@pytest.fixture(scope="module")
def court() -> Iterator[Court]:
    with tempfile.TemporaryDirectory(prefix=".agentguard-cases-", dir=ground()) as root:
        yield Court(load(), root)


@pytest.mark.parametrize("category", ["filesystem", "git"])
@pytest.mark.parametrize("expect", ["stop", "run", "stop_or_supervise"])
def test_labelled_commands(court: Court, category: str, expect: str) -> None:
    wrong = []
    for case in CASES:
        if case["category"] != category or case["expect"] != expect:
            continue
        answer = court.judge(case["command"], case.get("needs", {}))
        stopped = answer.verdict.decision != "allow"
        if expect == "stop_or_supervise":
            right = stopped or answer.verdict.supervise
        else:
            right = stopped == (expect == "stop")
        if not right or answer.failure:
            wrong.append((case["id"], case["command"], answer.verdict.decision, answer.verdict.reason))
    assert wrong == []
