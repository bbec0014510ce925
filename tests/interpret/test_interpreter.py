"""What the interpreter says would be started: the words of each invocation, unknown pieces as ``…``."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from agentguard.interpret.interpreter import Interpreter
from agentguard.interpret.invocation import Effect, InnerCommand, InnerScript, Invocation, Output, Written
from agentguard.interpret.values import concat, literal
from agentguard.operations import ProcessBomb
from agentguard.syntax.nodes import Script
from agentguard.syntax.parser import parse
from tests.fakes import FakeWorld


class Programs:
    """A handful of programs: enough to see text flow and commands nest."""

    def parse(self, text: str) -> Script:
        return parse(text)

    def effects(self, invocation: Invocation) -> Iterable[Effect]:
        words = invocation.argv
        if invocation.name == "echo":
            joined = concat([v for w in words[1:] for v in (literal(" "), w)][1:])
            yield Output(concat((joined, literal("\n"))))
        elif invocation.name == "cat" and invocation.stdin is not None:
            yield Output(invocation.stdin)
        elif invocation.name == "sudo":
            yield InnerCommand(words[1:], "sudo")
        elif invocation.name == "bash" and len(words) > 2:
            yield InnerScript(words[2], "bash -c", words[3:] or (literal("bash"),))
        elif invocation.name == "bash" and invocation.stdin is not None:
            yield InnerScript(invocation.stdin, "bash")
        elif invocation.name == "mkdir":
            yield Written(words[1], None)


def started(text: str, **world: object) -> list[str]:
    shell = run(text, **world)
    return [" ".join(map(str, invocation.argv)) for invocation in shell.invocations if invocation.argv]


def run(text: str, **world: object) -> Interpreter:
    shell = Interpreter(FakeWorld(**world), Programs())  # type: ignore[arg-type]  # keyword pass-through of a test
    shell.start(parse(text))
    return shell


CASES = {
    # words
    "a 'b c' d": ["a b c d"],
    'X=/; rm -rf "$X"': ["rm -rf /"],
    'rm -rf "$UNSET/"*': ["rm -rf /*"],
    "rm $UNSET a": ["rm a"],
    "rm /{home,srv}": ["rm /home /srv"],
    "x='a b'; r $x": ["r a b"],
    "x='a b'; r \"$x\"": ["r a b"],
    "IFS=,; x=a,b; r $x": ["r a b"],
    "r ${x:-def} ${y:+no}": ["r def"],
    "f=a/b/c.txt; r ${f##*/} ${f%/*} ${f%.*} ${f/b/X}": ["r c.txt a/b a/b/c a/X/c.txt"],
    "x=abc; r ${x:1:1} ${#x} ${x^^} ${x^}": ["r b 3 ABC Abc"],
    "v=HOME; r ${!v}": ["r /home/dev"],
    "cd ~/x; r ~+": ["cd /home/dev/x", "r /home/dev/x", "r /home/dev/work/app"],
    "a=(1 '2 3' 4); r \"${a[@]}\" ${#a[@]} ${a[1]} ${a[@]:1:2}": ["r 1 2 3 4 3 2 3 2 3 4"],
    "declare -A m=([k]=v); r ${m[k]} ${!m[@]}": ["declare -A m", "r v k"],
    "r $((2+3*4)) $((x=5)) $x": ["r 14 5 5"],
    "i=1; ((i+=4)); r $i": ["r 5"],
    'set -- a b; r $2 $# "$@"': ["set -- a b", "r b 2 a b"],
    "r $'\\x72m'": ["r rm"],
    "r $(echo hi)": ["echo hi", "r hi"],
    "c=$(echo rm); $c -rf x": ["echo rm", "rm -rf x"],
    "r `echo hi`": ["echo hi", "r hi"],
    "r $(unknowable)": ["unknowable", "r …"],
    "r $(< f)": ["r text"],
    # lists and branches
    "a; b && c || d & e": ["a", "b", "c", "d", "e"],
    "if a; then b; elif c; then d; else e; fi": ["a", "b", "c", "d", "e"],
    "true && a; false && b; false || c": ["true", "a", "false", "false", "c"],
    '[ -z "$D" ] && exit 1; rm "$D/"*': ["[ -z  ]", "exit 1"],
    'if [ -z "$D" ]; then exit 1; fi; rm $D': ["[ -z  ]", "exit 1"],
    "rm ${D:?unset}/*": [],
    "set -u; rm $D/*; b": ["set -u"],
    "if a; then X=1; else X=2; fi; r $X": ["a", "r 1", "r 2"],
    "for f in a b; do r $f; done": ["r a", "r b"],
    'for f in *.py; do r "$f"; done': ["r a.py", "r b.py"],
    "for ((i=0;i<2;i++)); do r $i; done": ["r 0", "r 1"],
    "while a; do b; done": ["a", "b"],
    "until a; do b; break; done; c": ["a", "b", "break", "c"],
    "case x in x) a;; *) b;; esac": ["a"],
    "case $(u) in x) a;; *) b;; esac": ["u", "a", "b"],
    "case x in x) a;& y) b;; z) c;; esac": ["a", "b"],
    "[[ a == b ]] && c": [],
    "[[ $(u) == b ]] && c": ["u", "c"],
    "(( 1 )) && a; (( 0 )) && b": ["a"],
    "(cd /; r); s": ["cd /", "r", "s"],
    "{ a; } 2>/dev/null": ["a"],
    "! true || a": ["true", "a"],
    # functions
    "f() { r $1; }; f x": ["f x", "r x"],
    "f() { rm x; }; a": ["a"],
    "rm() { echo no; }; rm -rf /": ["rm -rf /", "echo no"],
    "rm() { echo no; }; command rm -rf /": ["rm -rf /"],
    "f() { local x=1; r $x; }; x=2; f; r $x": ["f", "local x=1", "r 1", "r 2"],
    "f() { return; a; }; f; b": ["f", "return", "b"],
    # streams
    "echo hi | cat | bash": ["echo hi", "cat", "bash", "hi"],
    "bash <<< 'rm x'": ["bash", "rm x"],
    "bash <<E\nrm $X y\nE": ["bash", "rm y"],
    "bash <<'E'\nrm $X y\nE": ["bash", "rm y"],
    "cat > s <<E\nrm x\nE\nbash < s": ["cat", "bash", "rm x"],
    "echo 'rm x' > s; . ./s": ["echo rm x", ". ./s", "rm x"],
    "echo rm x | { read a b; $a $b; }": ["echo rm x", "read a b", "rm x"],
    "while read -r l; do r \"$l\"; done <<< $'a\\nb'": ["read -r l", "r a", "r b"],
    "mapfile -t a <<< $'x\\ny'; r \"${a[@]}\"": ["mapfile -t a", "r x y"],
    "r <(echo x)": ["echo x", "r /dev/fd/63"],
    # code
    "eval 'rm x; y'": ["eval rm x; y", "rm x", "y"],
    "eval e''cho \\$HOME": ["eval echo $HOME", "echo /home/dev"],
    "bash -c 'rm $0 $1' a b": ["bash -c rm $0 $1 a b", "rm a b"],
    "X=1 bash -c 'r $X'": ["bash -c r $X", "r 1"],
    "X=1; bash -c 'r $X'": ["bash -c r $X", "r"],
    "export X=1; bash -c 'r $X'": ["export X=1", "bash -c r $X", "r 1"],
    "sudo rm x": ["sudo rm x", "rm x"],
    "trap 'rm \"$d\"' EXIT; d=x": ['trap rm "$d" EXIT', "rm x"],
    "exec rm x; y": ["rm x"],
    "command rm x": ["rm x"],
    "builtin cd /": ["cd /"],
    "/[b]in/[r]m -rf ~": ["/bin/rm -rf /home/dev"],
    # text that bash expands twice
    "[[ -v 'a[$(rm x)]' ]]": ["rm x"],
    "x='a[$(rm x)]'; echo $((x))": ["rm x", "echo …"],
    "x='$(rm x)'; echo ${x@P}": ["rm x", "echo …"],
    "let 'a[$(rm x)]=1'": ["let a[$(rm x)]=1", "rm x"],
    "printf -v 'a[$(rm x)]' y": ["rm x", "printf -v a[$(rm x)] y"],
    "PS4='$(rm x)'; set -x": ["rm x", "set -x"],
    # options of builtins: attached values, and words that only look like commands
    "compgen -C'rm x' a": ["compgen -Crm x a", "rm x"],
    "complete -o nospace -C 'rm x' a": ["complete -o nospace -C rm x a", "rm x"],
    "complete -W 'rm x' a": ["complete -W rm x a"],
    "compgen -W 'x $(rm x)'": ["compgen -W x $(rm x)", "rm x"],
    "mapfile -tC'rm x' a <<< b": ["mapfile -tCrm x a", "rm x"],
    'mapfile -C "$(cat <<< "rm x")" a <<< b': ["cat", "mapfile -C rm x a", "rm x"],
    'read -rp "$(u)" a <<< b; r $a': ["u", "read -rp … a", "r b"],
    "read -d: a <<< b:c; r $a": ["read -d: a", "r b"],
}

FILES = {
    "/home/dev/work/app/a.py": "",
    "/home/dev/work/app/b.py": "",
    "/home/dev/work/app/f": "text\n",
    "/bin/rm": "",
}


@pytest.mark.parametrize("text", CASES)
def test_started(text: str) -> None:
    assert started(text, files=FILES, env={"HOME": "/home/dev"}) == CASES[text]


def test_process_bomb_is_named() -> None:
    shell = run(":(){ :|:& };:")
    assert any(isinstance(operation, ProcessBomb) for operation, _ in shell.operations)


def test_recursion_ends() -> None:
    assert "r 1" in started("f() { r $1; f 2; }; f 1")


def test_unknown_text_keeps_what_is_known() -> None:
    assert "rm -rf …" in started('bash -c "rm -rf $(u)"')


def test_trail_leads_inside() -> None:
    shell = run("sudo bash -c 'eval \"rm x\"'")
    last = next(i for i in shell.invocations if i.name == "rm")
    assert [step.label for step in last.trail] == ["sudo", "bash -c", "eval"]
