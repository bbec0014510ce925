"""Command-line tools from end to end: clouds, clusters, packages, secrets, the system and the guard itself.

The labelled commands in ``tests/cases/tools.jsonl`` have the format of the shared sample. They were written as three
lists, each before the rules were tried on it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from agentguard.analysis import Analysis
from agentguard.rulebook.model import Severity
from tests.fakes import FakeRepository, FakeWorld
from tests.programs.judging import ROOT, analysed

CASES = [json.loads(line) for line in (Path(__file__).parents[1] / "cases" / "tools.jsonl").read_text().splitlines()]
CATEGORIES = sorted({case["category"] for case in CASES})


def world(needs: Mapping[str, Mapping[str, str]]) -> FakeWorld:
    files = {
        name.replace("~", "/home/dev", 1) if name.startswith("~/") else f"{ROOT}/{name}": text
        for name, text in needs.get("files", {}).items()
    }
    return FakeWorld(files=files, env={"HOME": "/home/dev", **needs.get("env", {})}, git=FakeRepository(root=ROOT))


def stops(found: Analysis) -> bool:
    asks = any(finding.decision == "ask" and finding.severity > Severity.LOW for finding in found.findings)
    return asks or found.problem is not None


@pytest.mark.parametrize("category", CATEGORIES)
@pytest.mark.parametrize("expect", ["stop", "run"])
def test_labelled_commands(category: str, expect: str) -> None:
    wrong = []
    for case in CASES:
        if case["category"] == category and case["expect"] == expect:
            found = analysed(case["command"], world(case.get("needs", {})))
            if stops(found) != (expect == "stop"):
                wrong.append((case["id"], case["command"], [finding.rule for finding in found.findings]))
    assert wrong == []
