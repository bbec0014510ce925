"""Evident outputs are what the real programs print."""

from __future__ import annotations

import pytest

from agentguard.interpret.invocation import Output, Written
from agentguard.interpret.values import Origin, Unknown, literal, unknown
from tests.programs.effects import effects, printed


@pytest.mark.parametrize(
    ("words", "stdin", "output"),
    [
        (["echo", "a", "b"], None, "a b\n"),
        (["echo", "-n", "a"], None, "a"),
        (["echo", "-e", r"a\tb\x72\0162\c", "z"], None, "a\tbrr"),
        (["echo", "-ne", r"\x72\x6d"], None, "rm"),
        (["echo", "-x", r"\n"], None, "-x \\n\n"),
        (["printf", "%s-%s\n", "a", "b", "c"], None, "a-b\nc-\n"),
        (["printf", r"\x72\155 %d%%", "7"], None, "rm 7%"),
        (["printf", "%05d|%-4s|%4s|%x|%o", "42", "a", "b", "255", "8"], None, "00042|a   |   b|ff|10"),
        (["printf", "%b", r"a\nb"], None, "a\nb"),
        (["printf", "%c%.2s", "xyz", "abc"], None, "xab"),
        (["printf", "%q", "a b"], None, "'a b'"),
        (["printf", "%d", "'A"], None, "65"),
        (["cat"], "a\n", "a\n"),
        (["cat", "f", "-"], "b", "FILEb"),
        (["tac"], "a\nb\n", "b\na\n"),
        (["rev"], "mr\n", "rm\n"),
        (["head", "-1"], "a\nb\n", "a\n"),
        (["head", "-n", "-1"], "a\nb\n", "a\n"),
        (["head", "-c", "2"], "rmx", "rm"),
        (["tail", "-n", "1"], "a\nb\n", "b\n"),
        (["tail", "-n", "+2"], "a\nb\n", "b\n"),
        (["tail", "-c2"], "xrm", "rm"),
        (["cut", "-d:", "-f2"], "a:b:c\n", "b\n"),
        (["cut", "-c1-2"], "rmx\n", "rm\n"),
        (["cut", "-f", "2-", "-d", " "], "x rm -rf\n", "rm -rf\n"),
        (["sort", "-u"], "b\na\nb\n", "a\nb\n"),
        (["tr", "a-y", "b-z"], "ql", "rm"),
        (["tr", "-d", "_"], "r_m", "rm"),
        (["tr", "[:upper:]", "[:lower:]"], "RM", "rm"),
        (["tr", "A-Za-z", "N-ZA-Mn-za-m"], "ez", "rm"),
        (["tr", "-s", " "], "a   b", "a b"),
        (["base64", "-d"], "cm0gLXJm", "rm -rf"),
        (["base64", "--decode"], "cm0g\nLXJm\n", "rm -rf"),
        (["base64", "-w0"], "rm", "cm0=\n"),
        (["base32", "-d"], "OJWQ====", "rm"),
        (["xxd", "-r", "-p"], "726d", "rm"),
        (["openssl", "base64", "-d"], "cm0=", "rm"),
        (["openssl", "enc", "-base64", "-d"], "cm0=", "rm"),
        (["basename", "/a/b.txt", ".txt"], None, "b\n"),
        (["dirname", "/a/b"], None, "/a\n"),
        (["dirname", "a"], None, ".\n"),
        (["realpath", "../x"], None, "/home/dev/x\n"),
        (["pwd"], None, "/home/dev/app\n"),
        (["seq", "3"], None, "1\n2\n3\n"),
        (["seq", "-s,", "2", "2", "6"], None, "2,4,6\n"),
        (["yes", "a"], None, "a\na\na\n"),
        (["which", "rm"], None, "/usr/bin/rm\n"),
        (["printenv", "HOME"], None, "/home/dev\n"),
        (["paste", "-sd", ""], "r\nm\n", "rm\n"),
    ],
)
def test_output(words: list[str], stdin: str | None, output: str) -> None:
    if words[0] == "paste":
        words = ["paste", "-s", "-d", "\\0"]
    assert printed(effects(*words, stdin=stdin, files={"f": "FILE"})) == output


@pytest.mark.parametrize("words", ["date +%F", "wc -l", "nproc", "whoami", "id -u", "uuidgen"])
def test_unknown_but_no_path(words: str) -> None:
    (effect,) = effects(*words.split())
    assert isinstance(effect, Output)
    (piece,) = effect.text.pieces
    assert isinstance(piece, Unknown)
    assert piece.path_safe


def test_decoded_is_tagged() -> None:
    (effect,) = effects("base64", "-d", stdin="cm0=")
    assert isinstance(effect, Output)
    assert "decoded" in effect.text.sources


def test_what_is_unknown_stays_so_and_keeps_its_sources() -> None:
    stream = unknown(Origin.NETWORK, "x", sources=("net:example.com",))
    for words in (["grep", "a"], ["tr", "a", "b"], ["head"], ["gunzip", "-c"], ["base64", "-d"], ["cut", "-c1"]):
        (effect,) = effects(*words, stdin=stream)
        assert isinstance(effect, Output)
        assert "net:example.com" in effect.text.sources


def test_tee_writes_and_prints() -> None:
    found = effects("tee", "-a", "out", stdin="a\n")
    assert [e for e in found if isinstance(e, Written | Output)] == [
        Written(literal("/home/dev/app/out"), literal("a\n"), True),
        Output(literal("a\n")),
    ]


def test_mktemp_makes_a_fresh_path() -> None:
    written, output = effects("mktemp", "-d")
    assert isinstance(written, Written)
    assert isinstance(output, Output)
    assert str(output.text) == f"{written.path}\n"
    assert str(written.path).startswith("/tmp/tmp.")


def test_printf_keeps_unknown_arguments() -> None:
    (effect,) = effects("printf", "rm -rf %s\n", unknown(Origin.OUTPUT, "x"))
    assert isinstance(effect, Output)
    assert effect.text.prefix == "rm -rf "
    assert effect.text.unknown


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("grep -rl x src", "src/…\n"),
        ("grep -l x a.py b.py", "a.py\nb.py\n"),
        ("grep -rlZ -e x /etc/", "/etc/…\n"),
        ("grep -rl x", "./…\n"),
        ("grep --rec --files-with-match x src", "src/…\n"),
        ("rg -l x", "./…\n"),
        ("rg --files src lib", "src/…\nlib/…\n"),
    ],
)
def test_names_of_matches_lie_below_the_places_searched(words: str, names: str) -> None:
    texts = [str(effect.text) for effect in effects(*words.split()) if isinstance(effect, Output)]
    assert texts == [names]
