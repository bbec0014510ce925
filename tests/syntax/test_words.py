"""Words after quote removal: each line of the table is a script and its simple commands."""

from __future__ import annotations

import pytest

from agentguard.syntax.nodes import Parameter, Simple, Text
from agentguard.syntax.parser import parse
from agentguard.syntax.walk import nodes
from tests.syntax.trees import argv

CASES = {
    # quotes and escapes
    "a 'b c' d": ["a 'b c' d"],
    r"a\ b \* c": ["a' 'b '*' c"],
    r'a "b \" \$ \` \\ \x"': [r"""a 'b " $ ` \ \x'"""],
    "a '' \"\"": ["a '' ''"],
    "a 'x'\"y\"z": ["a 'x''y'z"],
    "r\\\nm x\\\n y": ["rm x y"],
    r"$'r\x6d' $'\u00e9\n\'' $'\303\251' $'a\0b'": ["'rm' 'é\n'' 'é' 'a'"],
    '$"rm" "$"': ["'rm' '$'"],
    "rm\\": ["rm"],
    # parameters
    'a $x ${y} "$z" $1 ${10} $@ $# $?': ['a ${x} ${y} "${z}" ${1} ${10} ${@} ${#} ${?}'],
    "a ${x:-b c} ${x:='d'} ${x+e} ${x:?}": ["a ${x :- b c} ${x := 'd'} ${x + e} ${x :? ∅}"],
    "a ${x#*/} ${x##a} ${x%.c} ${x%%$y}": ["a ${x # <*>/} ${x ## a} ${x % .c} ${x %% ${y}}"],
    "a ${x/b/c} ${x//b} ${x/#b/c} ${x//\\//-}": ["a ${x / b|c} ${x // b} ${x /# b|c} ${x // '/'|-}"],
    "a ${x:1} ${x:1:$n} ${x: -1} ${@:2}": ['a ${x : 1} ${x : 1|"${n}"} ${x :  -1} ${@ : 2}'],
    "a ${#x} ${#} ${##} ${#a[@]} ${!x} ${!p*} ${!a[@]} ${!#}": [
        "a ${#x} ${#} ${##} ${#a[@]} ${!x} ${!p names} ${!a[@]} ${!#}"
    ],
    "a ${x^} ${x,,} ${x~~} ${x@Q} ${b[$i]} ${b[@]}": ['a ${x ^ ∅} ${x ,, ∅} ${x ~~ ∅} ${x @ Q} ${b["${i}"]} ${b[@]}'],
    "a \"${x:-'$(b)'}\"": ["a \"${x :- '''\"$(b)\"'''}\"", "b"],
    'a "${x:-"b $y"}"': ['a "${x :- \'b \'"${y}"}"'],
    "a ${x:-$(b `c`)}": ["a ${x :- $(b $(c))}", "b $(c)", "c"],
    # substitutions
    "a $(b; c) `d`": ["a $(b; c) $(d)", "b", "c", "d"],
    r"a `b \`c\` \$x`": ["a $(b $(c) ${x})", "b $(c) ${x}", "c"],
    'a "`b \\"c\\"`"': ["a \"$(b 'c')\"", "b 'c'"],
    "a <(b) >(c) x<(d)": ["a <(b) >(c) x<(d)", "b", "c", "d"],
    "a $((1+$(b))) $[x]": ['a $((1+"$(b)")) $((x))', "b"],
    "a $((b);c) $( (d) )": ["a $(Subshell; c) $(Subshell)", "b", "c", "d"],
    "a $(b # c)\nd)": ["a $(b; d)", "b", "d"],
    # patterns, tildes, braces
    "a *.c [a-z]? [ ]": ["a <*>.c <[a-z]><?> [ ]"],
    "shopt -s extglob\na @(b|c) +([0-9])": ["shopt -s extglob", "a <@(b|c)> <+([0-9])>"],
    "shopt -s extglob\na @(b|$(c))": ["shopt -s extglob", "a <@(>b<|>$(c)<)>", "c"],
    "~/a ~ ~u/b a~ \\~ x=~/y --x=~/y": ["<~>/a <~> <~u>/b a~ '~' x=<~>/y --x=~/y"],
    "x=~/a:~/b:c~ y": ["x=<~>/a:<~>/b:c~ y"],
    "a {b,c}d {x,{y,z}} {,.bak}": ["a {b,c}d {x,{y,z}} {∅,.bak}"],
    "a {1..3} {c..a} {01..3..2} {1..9999}": ["a {1,2,3} {c,b,a} {01,03} {1..9999…}"],
    "a {} {b} {b,c @{1} \"{b,c}\" {'b',$c}": ["a {} {b} {b,c @{1} '{b,c}' {'b',${c}}"],
    "a {~/b,~u}": ["a {<~>/b,<~u>}"],
    # assignments and arrays
    "x=1 y=$z a": ["x=1 y=${z} a"],
    "x= a": ["x=∅ a"],
    "x+=1 b[2]=c d[$i]+=e": ['x+=1 b[2]=c d["${i}"]+=e'],
    "x=(a 'b c' [3]=d $(e))": ["x=(a 'b c' [3]=d $(e))", "e"],
    "declare -A m=([a b]=c) n=1": ["declare -A m=([a b]=c) n=1"],
    "a x=1 b[0]": ["a x=1 b<[0]>"],
    # redirections
    "a >f 2>&1 <g >>h &>i >|j <>k <<<l": ["a >f {2}>&1 <g >>h &>i >|j <>k <<<l"],
    "a {fd}>f 3>&- >&-b": ["a b {fd}>f {3}>&- >&-"],
    "2>f a 2 >g": ["a 2 {2}>f >g"],
    "a <<E\nb $x\nE\nc": ["a <<E«'b '\"${x}\"'\n'»", "c"],
    "a <<'E'\nb $x\nE": ["a <<'E'«'b $x\n'»"],
    "a <<-E; b\n\tc $(d\n\t)\n\tE\n": ["a <<-E«'c '\"$(d)\"'\n'»", "b", "d"],
    "a <<E <<F | b\n1\nE\n2\nF\nc": ["a <<E«'1\n'» <<F«'2\n'»", "b", "c"],
    "a <<E\nb\\\nE\nE": ["a <<E«'bE\n'»"],
    "a <<E\nE\\\n\nE\nb": ["a <<E«∅»", "E", "b"],
}


@pytest.mark.parametrize("text", CASES)
def test_words(text: str) -> None:
    assert argv(parse(text)) == CASES[text]


def test_spans_point_into_the_original_text() -> None:
    text = "echo `printf \\`date\\` \\$y` <<-E\n\t$x\n\tE\n"
    script = parse(text)
    spans = {text[node.span[0] : node.span[1]] for node in nodes(script) if isinstance(node, Simple | Parameter)}
    assert {"printf \\`date\\` \\$y", "date", "\\$y", "$x"} < spans
    assert len(spans) == 5


def test_every_plain_word_is_its_own_slice() -> None:
    text = "if a b; then c | d; fi; for x in e f; do g; done"
    for node in nodes(parse(text)):
        if isinstance(node, Text):
            assert text[node.span[0] : node.span[1]] == node.value
