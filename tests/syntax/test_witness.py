"""The second reading: it agrees with a right tree, and with no wrong one."""

from __future__ import annotations

import json
import marshal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentguard import kept
from agentguard.light import replace
from agentguard.syntax.bashlex_witness import agree_with_bashlex
from agentguard.syntax.errors import ShellSyntaxError
from agentguard.syntax.nodes import AndOr, Pipeline, Script, Simple, Statement
from agentguard.syntax.parser import parse
from agentguard.syntax.skeleton import Skeleton
from agentguard.syntax.text import LIMIT
from agentguard.syntax.walk import nodes
from agentguard.syntax.witness import agree, plain

AGREED = [
    "a b;c",
    "a|b|&c",
    "a&&b||c",
    "! a",
    "! ! a",
    "time -p a",
    "time",
    "! ; a",
    "a & b &",
    "(a;b)&",
    "{ a; }",
    "((1+2)) && a",
    "((a)|(b))",
    "((x<<1))",
    "if a\nthen b\nelif c\nthen d\nelse e\nfi",
    "if a;then b;elif c;then d;elif e;then f;fi",
    "while a;do b;done",
    "while a\nb\ndo c\ndone",
    "while a # x\n# y\ndo b;done",
    "until a & do b;done",
    "for x in a b;do c;done",
    "for x do c;done",
    "for x in a b\ndo\nc\ndone",
    "for ((i=0;i<3;i++));do a;done",
    "for ((;;)){ a; }",
    "for((;;))do a;done",
    "for x in a; { b; }",
    "select x in a b;do c;done",
    "case x in a) b;;esac",
    "case x in\n(a|b) c;;\n*) d\nesac",
    "case $x in a) ;; b) ;& c) d;;& e) f; esac",
    "case x in esac",
    "case x\nin # c\na) b # e\n;; # d\nesac # z",
    "f(){ a; }",
    "function f { a; }",
    "function f() (a)",
    "f() [[ x ]]",
    "f() ((1))",
    "f() if a;then b;fi",
    "f()\n{\na\n} >g",
    "[[ a && b ]] || c",
    "[[ $x =~ ^(a|b)c$ ]]",
    "[[ a == @(b|c) ]] >f",
    "coproc a b",
    "coproc N { a; }",
    "coproc while a;do b;done",
    "a=1 b",
    "a=(1 2) b",
    "a[0]=1 b",
    "a[x+1]+=2",
    "a+=(b)",
    "declare -A m=([x]=1 [y z]=2)",
    "a=([0]=x [1]+=y)",
    ">f",
    ">f a",
    "a 2>&1",
    "a >&-b",
    "a 3>&1-",
    "a {fd}>f b",
    "a &>f",
    "a &>>f",
    "a >|f",
    "a <>f",
    'a <<<"$x"',
    "a <<E\nb $(c; d)\nE\nd",
    "a <<'E'\n$(b)\nE\nc",
    "a <<-E\n\tb\n\tE\nd",
    "a <<A <<B\n1\nA\n2\nB\nc",
    "a <<A; b <<B\n1\nA\n2\nB\nc",
    "<<E\nE\n",
    "if a <<E\nb\nE\nthen c;fi",
    "while a <<E\nb\nE\ndo c;done",
    "a $(b <<E\nc\nE\n)",
    "a <<E |\nb\nE\nc",
    "a ${x:-$(b; c)} `d; e \\`f\\``",
    'a "$(b "c")" <(d;e)',
    "$'rm' x $\"y\"",
    "a \\\n b",
    "r\\\nm x",
    "a # c ' \"\nb",
    "a #\\\nb",
    "$(a # c )\nd)",
    "echo { }",
    "echo if",
    "{ { a; } }",
    "if (a) then b; fi",
    "a | time b",
    "a {b,c} *.d [e] ~/f",
    "é=1 a",
    "rm é '漢'",
    "x='${' a",
    "echo '${'x",
    "a \\",
    "git commit -m \"$(cat <<'E'\nit's (x)\nE\n)\"",
    "",
    "# c",
    "\n\na\n\n",
    "x=$(a) y=`b` c",
    "! (a)",
    "time { a; } 2>f",
    "{ a; } 2>&1 | b",
    "a() { b <<E\n)\nE\n}; a",
]


@pytest.mark.parametrize("text", AGREED)
def test_a_right_tree_is_confirmed(text: str) -> None:
    agree(text, parse(text))


def without(script: Script, gone: Simple | Statement) -> Script:
    """The tree without one of its nodes, as if the parser had overlooked it."""

    def rebuilt(node: Any) -> Any:
        if isinstance(node, tuple):
            return tuple(rebuilt(item) for item in node if item is not gone)
        if isinstance(node, AndOr | Pipeline) and gone in node.commands:
            kept = tuple(rebuilt(command) for command in node.commands if command is not gone)
            return replace(node, commands=kept) if kept else Simple(node.span, (), (), ())
        if hasattr(node, "__dataclass_fields__"):
            return replace(node, **{name: rebuilt(getattr(node, name)) for name in node.__dataclass_fields__})
        return node

    result: Script = rebuilt(script)
    return result


def damaged(text: str) -> Iterator[Script]:
    """Every tree of ``text`` in which one statement or one member of a list or pipeline is missing."""
    script = parse(text)
    for node in nodes(script):
        if isinstance(node, Statement):
            yield without(script, node)
        elif isinstance(node, AndOr | Pipeline) and len(node.commands) > 1:
            for command in node.commands:
                if isinstance(command, Simple):
                    yield without(script, command)


@pytest.mark.parametrize(
    "text",
    [
        "a; b",
        "a && b || c",
        "a | b",
        "a & b",
        "if a; then b; elif c; then d; else e; fi",
        "for x in a; do b; c; done",
        "case a in b) c;; d) e; f;; esac",
        "f() { a; b; }; g",
        'a $(b; c) `d` "$(e)"',
        "while a; do b; done\nc",
        "(a; b) && { c; }",
        "x=$(a) b",
        "a <<E\n$(b)\nE\nc",
        "coproc { a; }; b",
        "[[ a ]] && b",
        "a <(b) >(c)",
    ],
)
def test_a_tree_that_lacks_a_command_is_not_confirmed(text: str) -> None:
    agree(text, parse(text))
    count = 0
    for script in damaged(text):
        count += 1
        with pytest.raises(ShellSyntaxError) as caught:
            agree(text, script)
        assert caught.value.kind == "disagreement"
    assert count


def test_a_word_that_ends_elsewhere_is_not_confirmed() -> None:
    text = "a b c"
    script = parse(text)
    (statement,) = script.statements
    command = statement.command
    assert isinstance(command, Simple)
    shorter = replace(command, words=command.words[:2])
    longer = replace(command.words[1], span=(2, 5))
    for wrong in (shorter, replace(command, words=(command.words[0], longer))):
        with pytest.raises(ShellSyntaxError):
            agree(text, replace(script, statements=(replace(statement, command=wrong),)))


def test_masks_keep_the_length_and_every_operator() -> None:
    text = "a \"$x;\" 'b|' $(c; d) && e=(f g) >h <<E; case $i in j) k;; esac\n$(l)\nE\n[[ m ]] # n"
    skeleton = Skeleton(text, parse(text)).masked()
    assert len(skeleton) == len(text)
    assert skeleton == ("a wwwww wwww wwwwwww && e=wwwww >h <ww; { wwwwwww; w; k\n\n }   \n      \nwwwwwww # n")


def test_long_text_is_a_limit_and_not_a_wait() -> None:
    text = "a " * LIMIT
    with pytest.raises(ShellSyntaxError) as caught:
        agree(text, parse(text))
    assert caught.value.kind == "limit"


# ------------------------------------------------------------------------------------------- plain words

_WORDS = st.sampled_from("git ls -la --x=y a/b.c 1 %1 time if in do - -- a=b @x : . source".split())  # noqa: SIM905
_BETWEEN = st.sampled_from((" ", " ", " ", " && ", " || ", " | ", "; ", " & ", "  ", " ; "))


_GIVEN = st.sampled_from(
    ("", " <<'E'\nE\n", " <<'E'\n$(x) `\nE", " <<'E'\nE\nls\nE\n", " <<'E'\n E\nEE\nE\n", " <<E\nE\n")
)


@given(st.lists(st.tuples(_WORDS, _BETWEEN), min_size=1, max_size=12), _GIVEN)
def test_a_plain_text_is_one_that_bashlex_reads_alike(pieces: list[tuple[str, str]], end: str) -> None:
    text = "".join(word + between for word, between in pieces[:-1]) + pieces[-1][0] + end
    if plain(text) is not None:
        script = parse(text)
        agree(text, script)
        agree_with_bashlex(text, script)


@pytest.mark.parametrize(
    "text",
    ["git status", "npm test && git add -A && git log --format=%h | head -3", "ls; pwd", "a -F - <<'E'\n$(b) '\nE\n"],
)
def test_everyday_text_is_plain(text: str) -> None:
    assert plain(text)


@pytest.mark.parametrize(
    "text",
    [
        *("time ls", "a=b c", "echo $x", "echo 'a'", "ls *", "a; if b", "a\nb", "a > b", "! a", "", "a ;b", "a &"),
        *("a <<'E'\nE\nb\nE", "a <<E\nE"),
    ],
)
def test_anything_else_is_for_bashlex(text: str) -> None:
    assert plain(text) is None


def test_a_tree_without_a_command_of_a_plain_text_is_noticed() -> None:
    script = parse("ls && rm x")
    (statement,) = script.statements
    less = replace(script, statements=(replace(statement, command=statement.command.commands[0]),))
    with pytest.raises(ShellSyntaxError, match="two readings"):
        agree("ls && rm x", less)


def test_time_of_plain_text_grows_with_its_length() -> None:
    began = time.process_time()
    assert plain("-a-b=c " * 9_000 + "$") is None
    assert time.process_time() - began < 1


# ------------------------------------------------------------------------------------------- the tables

_LOAD = """
import json, sys
from agentguard import kept
from agentguard.syntax import bashlex_tables
kept.directory = lambda: sys.argv[1]
module = bashlex_tables.load()
import bashlex
print(json.dumps([bashlex_tables.extract(module), bashlex.parse("a && b")[0].kind, "inspect" in sys.modules]))
"""


def loaded(cache: Path) -> list[Any]:
    """What a new process gets with this cache directory: the tables, and whether the table generator ran."""
    command = [sys.executable, "-I", "-S", "-c", _PATH + _LOAD, str(cache)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    result: list[Any] = json.loads(done.stdout)
    return result


_PATH = f"import sys; sys.path[:0] = {[path for path in sys.path if path]!r}\n"


def kept_tables(cache: Path) -> Path:
    (file,) = (path for path in cache.iterdir() if path.name.startswith("bashlex-"))
    return file


def test_kept_tables_are_the_same_and_bad_ones_are_only_slow(tmp_path: Path) -> None:
    cache = tmp_path / "agentguard"
    tables, kind, slow = loaded(cache)
    assert (kind, slow) == ("list", True)
    assert loaded(cache) == [tables, kind, False]
    file = kept_tables(cache)
    whole = file.read_bytes()
    altered = whole.replace(b"simple_list", b"simple_lost", 1)
    assert altered != whole
    for bad in (b"", whole[:-9], altered, b"x\n{}", b"\xff\n", whole[:4] + b"\xff\xff"):
        file.write_bytes(bad)
        assert loaded(cache) == [tables, kind, True]
        assert file.read_bytes() == whole  # and it is put right


def test_tables_that_do_not_fit_fall_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = tmp_path / "agentguard"
    first = loaded(cache)
    monkeypatch.setattr(kept, "directory", lambda: str(cache))
    unfit = {"productions": [("x", ("y",), "p_nothing")], "action": {}, "goto": {}, "defaulted": {}}
    assert kept.write(kept_tables(cache).name, marshal.dumps(unfit))
    assert loaded(cache)[:2] == first[:2]


def test_no_place_for_tables_is_only_slow(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    assert loaded(blocked / "agentguard") == loaded(tmp_path / "agentguard")
