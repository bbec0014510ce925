"""Every rule that comes with agentguard, judged by its own examples through the real entry point."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import cache

import pytest

from agentguard.rulebook.load import Rulebook, load
from agentguard.rulebook.model import Rule
from agentguard.rulebook.prove import Court, ground


@cache
def rulebook() -> Rulebook:
    return load()


@pytest.fixture(scope="module")
def court() -> Iterator[Court]:
    with tempfile.TemporaryDirectory(prefix=".agentguard-proof-", dir=ground()) as root:
        yield Court(rulebook(), root)


@pytest.mark.parametrize("rule", rulebook().rules, ids=lambda rule: str(rule.id))
def test_a_rule_stops_and_spares_what_it_says(rule: Rule, court: Court) -> None:
    failures = [failure for example in rule.stop for failure in court.stop(rule, example)]
    failures += [failure for example in rule.run for failure in court.run(rule, example)]
    assert not failures, "\n".join(map(str, failures))


@pytest.mark.parametrize("rule", rulebook().rules, ids=lambda rule: str(rule.id))
def test_no_rule_denies_its_own_suggestion(rule: Rule, court: Court) -> None:
    failures = list(court.instead(rule))
    assert not failures, "\n".join(map(str, failures))


def test_the_program_itself_says_the_same(court: Court) -> None:
    """All plain examples once more through ``agentguard explain --batch``, in a process of its own."""
    commands = [
        example.command for rule in rulebook().rules for example in (*rule.stop, *rule.run) if not example.needs
    ]
    box = court.box({})
    lines = "".join(json.dumps({"id": number, "command": command}) + "\n" for number, command in enumerate(commands))
    environment = {**box.environment({}), "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-m", "agentguard", "explain", "--batch"],
        input=lines.encode(),
        capture_output=True,
        cwd=box.cwd,
        env=environment,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr.decode()
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(answers) == len(commands)
    for command, answer in zip(commands, answers, strict=True):
        assert answer["verdict"] == court.judge(command, {}).verdict.decision, command
