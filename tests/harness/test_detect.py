"""The harness by its variables."""

from __future__ import annotations

import pytest

from agentguard.confirm import attended
from agentguard.harness.detect import HARNESS_MARKERS, harness


@pytest.mark.parametrize("variable", HARNESS_MARKERS)
def test_each_variable_names_its_harness(variable: str) -> None:
    assert harness({"PATH": "/bin", variable: "1"}) == (HARNESS_MARKERS[variable] or "an agent")
    assert harness({variable: ""}) == ""


def test_the_one_that_is_its_own_wins_over_what_several_set() -> None:
    assert harness({"AGENT": "1", "OPENCODE": "1"}) == "OpenCode"
    assert harness({"AI_AGENT": "hermes-agent"}) == "hermes-agent"
    assert harness({"AI_AGENT": "true"}) == "an agent"
    assert harness({"AGENT": "\x1b[2Jx"}) == "an agent"
    assert harness({}) == ""


def test_a_person_is_not_asked_under_any_of_them() -> None:
    assert all(not attended.attended({name: "1"}) for name in HARNESS_MARKERS)
    assert attended.HARNESS_MARKERS is HARNESS_MARKERS
