"""Commands on other machines and in containers say where they run."""

from __future__ import annotations

import pytest

from agentguard.interpret.invocation import InnerCommand, InnerScript
from agentguard.interpret.values import literal
from tests.programs.effects import commands, effects


@pytest.mark.parametrize(
    ("words", "inner", "place"),
    [
        ("ssh db1 rm -rf x", "rm -rf x", "ssh db1"),
        ("ssh -p 22 -i key dev@db1 -- rm x", "rm x", "ssh db1"),
        ("ssh -tt db1 rm x", "rm x", "ssh db1"),
        ("ssh db1 -p 22 rm x", "rm x", "ssh db1"),
        ("mosh dev@db1 -- rm x", "rm x", "ssh db1"),
        ("multipass exec web -- rm x", "rm x", "guest web"),
        ("lxc exec web -- rm x", "rm x", "guest web"),
        ("vagrant ssh -c rm", "rm", "guest default"),
        ("parallel -S db1 rm ::: a", "rm a", "ssh db1"),
    ],
)
def test_places(words: str, inner: str, place: str) -> None:
    (effect,) = effects(*words.split())
    assert isinstance(effect, InnerCommand | InnerScript)
    assert commands([effect]) == [inner]
    assert effect.place == place


def test_a_session_reads_what_is_piped_in() -> None:
    (effect,) = effects("ssh", "db1", stdin=literal("rm x\n"))
    assert isinstance(effect, InnerScript)
    assert effect.place == "ssh db1"
    assert str(effect.text) == "rm x\n"


def test_proxy_commands_run_here() -> None:
    (effect,) = effects("ssh", "-o", "ProxyCommand=rm x", "-N", "db1")
    assert isinstance(effect, InnerScript)
    assert (str(effect.text), effect.place) == ("rm x", None)
