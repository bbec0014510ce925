"""The two test sets that were written without sight of the code, judged in real projects through the front door.

``first-run.txt`` beside each set keeps the figures from before anything was mended for it. What still comes out wrong
is named here with the reason; a case that starts to come out right must be taken off the list.
"""

from __future__ import annotations

import base64
import json
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from agentguard.frontdoor import FrontDoor
from agentguard.rulebook.prove import ground
from agentguard.rulebook.sandbox import Sandboxes

HERE = Path(__file__).parent
FILES = [*sorted(HERE.glob("*.jsonl")), HERE.parent / "independent" / "commands.jsonl"]

#: id → why it does not come out as labelled
KNOWN = {
    "t-cloud-103": "no such command in flyctl; its database is dropped through psql",
    "t-cloud-147": "a program that no pack describes: supervised",
    "t-obfuscation-013": "bash does not expand a tilde in the middle of a word: nothing is deleted",
    "t-sql-023": "statements that a query prints are known only when it runs: supervised",
    "t-system-020": "bash -c with its own name starts nothing without arguments: supervised",
}


def cases(file: Path) -> list[Mapping[str, object]]:
    items = [json.loads(line) for line in file.read_text().splitlines() if line.strip()]
    return [item for item in items if not _outside(item)]


def _outside(case: Mapping[str, object]) -> bool:
    """Files at absolute paths cannot be laid out in a sandbox."""
    needs = case.get("needs")
    files = needs.get("files") if isinstance(needs, Mapping) else None
    return isinstance(files, Mapping) and any(str(name).startswith("/") for name in files)


def text(case: Mapping[str, object]) -> str:
    if "command" in case:
        return str(case["command"])
    return base64.b64decode(str(case["command_b64"])).decode("utf-8", "surrogateescape")


@pytest.fixture(scope="module")
def door() -> FrontDoor:
    return FrontDoor()


@pytest.fixture(scope="module")
def sandboxes() -> Iterator[Sandboxes]:
    # not below the temporary directory: that is scratch space for the rules
    with tempfile.TemporaryDirectory(prefix=".agentguard-families-", dir=ground()) as root:
        yield Sandboxes(root)


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_commands_come_out_as_labelled(file: Path, door: FrontDoor, sandboxes: Sandboxes) -> None:
    wrong = {}
    for case in cases(file):
        needs = case.get("needs") or {}
        assert isinstance(needs, Mapping)
        box = sandboxes.box(needs)
        answer = door.judge(text(case), cwd=box.cwd, env=box.environment(needs))
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
            wrong[str(case["id"])] = (text(case)[:200], answer.verdict.reason)
    expected = {str(case["id"]) for case in cases(file)} & KNOWN.keys()
    assert {name: wrong[name] for name in wrong.keys() - expected} == {}
    assert expected - wrong.keys() == set()  # mended: take it off the list


def test_the_sets_are_large_and_balanced() -> None:
    every = [case for file in FILES for case in cases(file)]
    stops = sum(case["expect"] == "stop" for case in every)
    runs = sum(case["expect"] == "run" for case in every)
    assert len(every) >= 1_800
    assert 0.8 < stops / runs < 1.25
