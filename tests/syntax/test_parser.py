"""Lists, pipelines and compound commands, and what they hold."""

from __future__ import annotations

import gc
import subprocess
import sys
import time
from contextlib import suppress

import pytest

from agentguard.syntax.errors import ShellSyntaxError
from agentguard.syntax.nodes import (
    AndOr,
    ArithmeticCommand,
    ArithmeticFor,
    Case,
    Command,
    Conditional,
    Coproc,
    For,
    Function,
    Group,
    If,
    Pipeline,
    Simple,
    Subshell,
    While,
)
from agentguard.syntax.parser import parse
from agentguard.syntax.walk import nodes
from tests.syntax.trees import argv, show


def only(text: str) -> Command:
    (statement,) = parse(text).statements
    return statement.command


@pytest.mark.parametrize("text", ["", " ", "\n", "# only a comment", "\n # a\n\n\t# b", "\\\n"])
def test_nothing_to_run_is_an_empty_script(text: str) -> None:
    assert parse(text).statements == ()


def test_lists_pipelines_and_background() -> None:
    first, second = parse("a && b || ! c |& d | e & f;").statements
    assert first.background and not second.background
    assert isinstance(first.command, AndOr) and first.command.operators == ("&&", "||")
    pipeline = first.command.commands[2]
    assert isinstance(pipeline, Pipeline)
    assert (pipeline.operators, pipeline.negated, pipeline.timed) == (("|&", "|"), True, False)
    assert isinstance(only("a"), Simple)


def test_time_and_negation() -> None:
    timed = only("time -p -- ! a")
    assert isinstance(timed, Pipeline) and timed.timed and timed.negated
    assert argv(parse("time -v a")) == ["-v a"]
    assert argv(parse("a | time b")) == ["a", "time b"]


def test_every_branch_is_kept() -> None:
    command = only("if a; then b; elif c; then d; elif e; then f; else g; fi >h")
    assert isinstance(command, If)
    assert len(command.branches) == 3 and command.otherwise and len(command.redirects) == 1
    assert argv(parse("if a; then b; elif c; then d; elif e; then f; else g; fi")) == list("abcdefg")


def test_loops() -> None:
    loop = only("for x in a $b {c,d}; do e; done")
    assert isinstance(loop, For) and loop.words is not None and len(loop.words) == 3 and not loop.select
    bare = only("for x\ndo a; done")
    assert isinstance(bare, For) and bare.words is None
    empty = only("for x in; do a; done")
    assert isinstance(empty, For) and empty.words == ()
    assert isinstance(only("for x in a; { b; }"), For)
    select = only("select x in a; do b; done")
    assert isinstance(select, For) and select.select
    counted = only("for ((i=0; i<$(a); i++)) { b; }")
    assert isinstance(counted, ArithmeticFor) and show(counted.clauses[0]) == "i=0"
    until = only("until a\n# c\ndo b; done <f")
    assert isinstance(until, While) and until.until and until.redirects
    assert argv(parse("while a; b; do c; done")) == ["a", "b", "c"]


def test_case() -> None:
    command = only("case $x in\n# c\n(a|b*) c;;\nd) ;& $(e)) f;;& 'g')\nh\nesac")
    assert isinstance(command, Case)
    assert [arm.terminator for arm in command.arms] == [";;", ";&", ";;&", ";;"]
    assert [[show(p) for p in arm.patterns] for arm in command.arms] == [["a", "b<*>"], ["d"], ["$(e)"], ["'g'"]]
    assert argv(parse("case a in esac")) == []


def test_groups_functions_and_coprocesses() -> None:
    assert isinstance(only("{ a; }"), Group) and isinstance(only("(a)"), Subshell)
    for text in ("f() { a; }", "f ()\n(a)", "function f { a; }", "function f () { a; }", "f() if a; then b; fi"):
        function = only(text)
        assert isinstance(function, Function) and function.name == "f"
    named = only("coproc N { a; }")
    assert isinstance(named, Coproc) and named.name == "N"
    plain = only("coproc a b")
    assert isinstance(plain, Coproc) and plain.name == "COPROC" and isinstance(plain.command, Simple)


def test_arithmetic_or_nested_parentheses() -> None:
    assert isinstance(only("((x<<1))"), ArithmeticCommand)
    assert argv(parse("((a);b)")) == ["a", "b"]
    assert argv(parse("((a) | (b))")) == ["a", "b"]
    assert argv(parse("echo $((a) | (b))"))[1:] == ["a", "b"]


def test_conditions() -> None:
    command = only("[[ ! ( -f $x && a == @(b|c) ) || $y =~ ^(d|e f)$ ]] >g")
    assert isinstance(command, Conditional)
    assert [show(word) for word in command.words] == [
        "!",
        "(",
        "-f",
        "${x}",
        "&&",
        "a",
        "==",
        "<@(b|c)>",
        ")",
        "||",
        "${y}",
        "=~",
        "^(d|e f)$",
    ]
    assert argv(parse("[[ -n $(a) ]] && b")) == ["b", "a"]


def test_reserved_words_are_words_where_bash_takes_them_for_words() -> None:
    assert argv(parse("echo if then } { !")) == ["echo if then } { !"]
    assert argv(parse("'if' a; \\time b; x=1 while c; >f do")) == ["'if' a", "'t'ime b", "x=1 while c", "do >f"]
    assert argv(parse("{ { a; } }; if { b; } then c; fi")) == ["a", "b", "c"]


def test_heredocs_stand_where_bash_reads_them() -> None:
    assert argv(parse("if a <<E\n$(b)\nE\nthen c; fi")) == ["a <<E«\"$(b)\"'\n'»", "c", "b"]
    assert argv(parse("$(a <<E\nx\nE\n) b"))[1:] == ["a <<E«'x\n'»"]
    assert argv(parse("(a <<E)\nx\nE\nb")) == ["a <<E«'x\n'»", "b"]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("ls | | wc", "syntax"),
        ("a ;; b", "syntax"),
        ("; a", "syntax"),
        ("a & ; b", "syntax"),
        ("a &&", "unterminated"),
        ("(a", "unterminated"),
        ("a)", "syntax"),
        ("{ a", "unterminated"),
        ("}", "syntax"),
        ("()", "zsh"),
        ("if a; then fi", "syntax"),
        ("if a; fi", "syntax"),
        ("for 1 in a; do b; done", "syntax"),
        ("while a; do b", "unterminated"),
        ("done", "syntax"),
        ("case a in b) c", "unterminated"),
        ("f() a", "syntax"),
        ("'a", "unterminated"),
        ('"a', "unterminated"),
        ("`a", "unterminated"),
        ("$(a", "unterminated"),
        ("${a", "unterminated"),
        ("$((1", "unterminated"),
        ("[[ a", "unterminated"),
        ("a=(b", "unterminated"),
        ("$'a", "unterminated"),
        ("a >", "unterminated"),
        ("a > ;", "syntax"),
        ("a >#f", "syntax"),
        ("<<", "unterminated"),
        ("${}", "syntax"),
        ("${x!}", "syntax"),
        ("(a) b", "syntax"),
        ("a (b)", "syntax"),
        ("a | ! b", "syntax"),
        ("[[ ]]", "syntax"),
        ("${ a; }", "syntax"),
        ("a=(b)c", "syntax"),
        ("echo a=(b)", "syntax"),
        ("a\0b", "character"),
        # zsh
        ("echo ${(f)x}", "zsh"),
        ("echo ${=x}", "zsh"),
        ("echo ${${x}}", "zsh"),
        ("for x (a b) c", "zsh"),
        ("a &!", "zsh"),
        ("a &| b", "zsh"),
        ("function { a; }", "zsh"),
        ("() { a; }", "zsh"),
        ("{ a; } always { b; }", "zsh"),
        ("diff =(a) =(b)", "zsh"),
        ("foreach x (a b)", "zsh"),
        # continued lines where bash joins more than a word
        ("i\\\nf a", "syntax"),
        ("x\\\n=1 a", "syntax"),
        ("a &\\\n& b", "syntax"),
        ("a |\\\n| b", "syntax"),
        ("a 2\\\n>f", "syntax"),
        ("a >\\\n>f", "syntax"),
        ("$\\\n(a)", "syntax"),
        ("(\\\n(a))", "syntax"),
        ("a <<E\\\nF\nEF", "syntax"),
    ],
)
def test_what_is_not_understood_is_refused(text: str, kind: str) -> None:
    with pytest.raises(ShellSyntaxError) as caught:
        parse(text)
    assert caught.value.kind == kind, caught.value.reason
    start, end = caught.value.span
    assert 0 <= start <= end <= len(text)


NESTINGS = [
    ("(", ")"),
    ("( ", " )"),
    ("$(", ")"),
    ("{ ", "; }"),
    ('"$(', ')"'),
    ("${x:-", "}"),
    ('"${x:-', '}"'),
    ("$((", "))"),
    ("((", "))"),
    ("<(", ")"),
    ("a=(", ")"),
    ("if ", "; then b; fi"),
    ("while ", "; do b; done"),
    ("{a,", "}"),
    ("case a in a) ", ";; esac"),
    ("f() { ", "; }"),
    ("[[ ( ", " ) ]]"),
    ("${x#@(a|", ")}"),
    ("${a[", "]}"),
    ("a[", "]=1"),
    ("coproc { ", "; }"),
    ("for x in a; do ", "; done"),
    ("$[", "]"),
    ('"${x#', '}"'),
    ("$(( (a) + ", "))"),
]


@pytest.mark.parametrize(("opening", "closing"), NESTINGS)
def test_deep_nesting_is_a_limit_and_never_a_traceback(opening: str, closing: str) -> None:
    text = opening * 5000 + "a" + closing * 5000

    def deeper(frames: int) -> None:
        if frames:
            deeper(frames - 1)
        else:
            parse(text)

    with pytest.raises(ShellSyntaxError) as caught:
        deeper(150)
    assert caught.value.kind == "limit"


@pytest.mark.parametrize(("opening", "closing"), [pair for pair in NESTINGS if pair[0] not in ("a=(", "[[ ( ", "a[")])
def test_ordinary_nesting_is_read(opening: str, closing: str) -> None:
    parse(opening * 5 + "a" + closing * 5)


def test_depth_is_a_parameter() -> None:
    parse("(" + " (" * 9 + "a" + ")" * 10, depth=10)
    with pytest.raises(ShellSyntaxError):
        parse("(" + " (" * 10 + "a" + ")" * 11, depth=10)


@pytest.mark.parametrize(
    "unit",
    [
        "a;",
        "a ",
        "a|",
        '"a" ',
        "\\a",
        "$x",
        "$(a) ",
        "`a` ",
        "${x:-a} ",
        "*",
        "[a",
        "{a,b}",
        "{,",
        ":~",
        "x=(a) ",
        "<<E ",
        "((1));",
        '"',
        "'",
        "\\\n",
        "$'a'",
        "case a in a) b;; esac;",
        "a[1]=x ",
        "!(",
        "[",
        "a[",
        "$(( (",
        "@(a",
        '"${a-{}"',
    ],
)
def test_time_grows_with_the_length_only(unit: str) -> None:
    def seconds(size: int) -> float:
        text = (unit * (size // len(unit) + 1))[:size]
        began = time.process_time()
        with suppress(ShellSyntaxError):
            parse(text)
        return time.process_time() - began

    gc.disable()  # full collections take longer the more tests have run before
    try:
        small, large = min(seconds(8_000) for _ in range(3)), min(seconds(64_000) for _ in range(2))
    finally:
        gc.enable()
    assert large < 25 * small + 0.05


def test_a_megabyte_line_is_read() -> None:
    script = parse("echo " + "word " * 200_000)
    (command,) = (node for node in nodes(script) if isinstance(node, Simple))
    assert len(command.words) == 200_001


def test_importing_the_parser_stays_light() -> None:
    code = (
        "import sys, agentguard.syntax.parser as p; print([m for m in ('bashlex', 'subprocess') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
