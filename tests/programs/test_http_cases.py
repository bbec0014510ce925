"""Requests and Railway from end to end: the labelled commands in ``tests/cases/http.jsonl``.

They have the format of the shared sample. Nothing in them is ever executed.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agentguard.rulebook.model import Severity
from tests.fakes import FakeRepository, FakeWorld
from tests.programs.judging import ROOT, analysed

CASES = [json.loads(line) for line in (Path(__file__).parents[1] / "cases" / "http.jsonl").read_text().splitlines()]


@pytest.mark.parametrize("category", ["http-api", "railway-cli"])
@pytest.mark.parametrize("expect", ["stop", "run"])
def test_labelled_commands(category: str, expect: str) -> None:
    wrong = []
    chosen = [case for case in CASES if case["category"] == category and case["expect"] == expect]
    assert chosen
    for case in chosen:
        files = {f"{ROOT}/{name}": text for name, text in case.get("needs", {}).get("files", {}).items()}
        found = analysed(case["command"], FakeWorld(files=files, git=FakeRepository(root=ROOT)))
        asks = any(f.decision == "ask" and f.severity > Severity.LOW for f in found.findings)
        if (asks or found.problem is not None) != (expect == "stop"):
            wrong.append((case["id"], case["command"], [finding.rule for finding in found.findings]))
    assert wrong == []
