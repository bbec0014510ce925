"""Shells: text, file or stream, and where it came from."""

from __future__ import annotations

import pytest

from agentguard.interpret.invocation import InnerScript
from agentguard.interpret.values import Origin, literal, unknown
from agentguard.operations import CodeExecution, Opaque
from tests.programs.effects import commands, effects


@pytest.mark.parametrize(
    "words",
    [
        ["bash", "-c", "rm x"],
        ["sh", "-lc", "rm x", "name", "a"],
        ["bash", "-euo", "pipefail", "-c", "rm x"],
        ["bash", "-oc", "pipefail", "rm x"],
        ["bash", "+x", "--norc", "-c", "--", "rm x"],
        ["zsh", "-fc", "rm x"],
        ["/bin/dash", "-c", "rm x"],
        ["bash", "-O", "extglob", "-ic", "rm x"],
        ["bash", "--init-file", "rc", "-c", "rm x"],
    ],
)
def test_text(words: list[str]) -> None:
    assert commands(effects(*words, files={"rc": ""})) == ["rm x"]


def test_arguments() -> None:
    (effect,) = effects("bash", "-c", "rm $1", "name", "a", "b")
    assert isinstance(effect, InnerScript)
    assert [str(word) for word in effect.arguments] == ["name", "a", "b"]


def test_script_file() -> None:
    (effect,) = effects("bash", "-e", "x.sh", "a", files={"x.sh": "rm $1\n"})
    assert isinstance(effect, InnerScript)
    assert str(effect.text) == "rm $1\n"
    assert [str(word) for word in effect.arguments] == ["x.sh", "a"]


def test_a_script_that_cannot_be_read_is_opaque() -> None:
    (effect,) = effects("bash", "missing.sh")
    assert isinstance(effect, Opaque)


def test_stream() -> None:
    assert commands(effects("bash", stdin="rm x\n")) == ["rm x\n"]
    assert commands(effects("bash", "-s", "a", stdin="rm x\n")) == ["rm x\n"]
    assert commands(effects("bash", "/dev/stdin", stdin="rm x\n")) == ["rm x\n"]


@pytest.mark.parametrize(
    ("sources", "origin"),
    [(("net:example.com",), "network"), (("cmd:curl",), "network"), (("decoded",), "decoded"), (("cmd:gen",), "input")],
)
def test_origin_of_a_stream(sources: tuple[str, ...], origin: str) -> None:
    (effect,) = effects("sh", stdin=unknown(Origin.OUTPUT, "x", many=True, sources=sources))
    assert effect == CodeExecution(origin, "sh")


def test_decoded_text_is_read_too() -> None:
    found = effects("sh", stdin=literal("rm x", "decoded"))
    assert CodeExecution("decoded", "sh") in found
    assert commands(found) == ["rm x"]


def test_process_substitution() -> None:
    found = effects("bash", "/dev/fd/63", written={"/dev/fd/63": literal("rm x")})
    assert commands(found) == ["rm x"]


def test_syntax_check_runs_nothing() -> None:
    assert effects("bash", "-n", "x.sh", files={"x.sh": "rm x"}) == []
