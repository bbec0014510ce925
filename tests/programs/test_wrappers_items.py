"""xargs and parallel run a command for each item."""

from __future__ import annotations

import pytest

from agentguard.interpret.invocation import InnerCommand
from agentguard.interpret.values import Origin, Unknown, Value, concat, literal, unknown
from tests.programs.effects import commands, effects


@pytest.mark.parametrize(
    ("words", "stdin", "inner"),
    [
        ("xargs rm -f", "a b\nc\n", ["rm -f a b c"]),
        ("xargs -n1 rm", "a b\n", ["rm a", "rm b"]),
        ("xargs -n 2 rm", "a b c\n", ["rm a b", "rm c"]),
        ("xargs -0 rm", "a b\0c\0", ["rm a b c"]),
        ("xargs -d , rm", "a,b", ["rm a b"]),
        ("xargs -I{} rm {}/x", "a\nb c\n", ["rm a/x", "rm b c/x"]),
        ("xargs -I % sh -c %", "rm x\n", ["sh -c rm x"]),
        ("xargs -i rm {}", "a\n", ["rm a"]),
        ("xargs --max-args=1 --no-run-if-empty rm", "", []),
        ("xargs rm", "", ["rm"]),
        ("xargs", "a b", ["echo a b"]),
        ("xargs rm", "'a b' c\\ d\n", ["rm a b c d"]),
        ("parallel rm ::: a b", None, ["rm a", "rm b"]),
        ("parallel rm {}/x ::: a", None, ["rm a/x"]),
        ("parallel -j4 rm", "a\nb\n", ["rm a", "rm b"]),
        ("parallel", "rm a\nrm b\n", ["rm a", "rm b"]),
        ("parallel --dry-run rm ::: a", None, []),
        ("parallel rm {1} {2} ::: a b ::: c", None, ["rm a c", "rm b c"]),
        ("parallel echo {.} ::: a.txt", None, ["echo a"]),
        ("sem rm x", None, ["rm x"]),
    ],
)
def test_items(words: str, stdin: str | None, inner: list[str]) -> None:
    assert commands(effects(*words.split(), stdin=stdin)) == inner


def test_unknown_items_may_be_many_words() -> None:
    (effect,) = effects("xargs", "rm", stdin=unknown(Origin.OUTPUT, "ls"))
    assert isinstance(effect, InnerCommand)
    assert effect.argv[1].pieces == (Unknown(Origin.OUTPUT, "ls", many=True),)


def test_items_keep_what_is_known_of_their_beginning() -> None:
    line = concat((literal("src/"), Value((Unknown(Origin.OUTPUT, "find", path_safe=True),)), literal("\n")))
    (effect,) = effects("xargs", "rm", stdin=line)
    assert isinstance(effect, InnerCommand)
    assert effect.argv[1].prefix == "src/"
