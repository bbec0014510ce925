"""No disguise turns a command that is stopped into a silent allow. Everything here is judged, nothing is executed."""

from __future__ import annotations

import base64
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentguard.frontdoor import Answer, FrontDoor
from agentguard.syntax.quoting import join

#: one per family of operation: files, git, HTTP, GraphQL, SQL, Railway, devices
STOPPED = (
    ("rm", "-rf", "/"),
    ("rm", "-rf", "/home/dev"),
    ("git", "push", "--force", "origin", "main"),
    ("curl", "-X", "DELETE", "https://api.example.com/v1/items/1"),
    (
        "curl",
        "https://backboard.railway.com/graphql/v2",
        "-d",
        '{"query":"mutation { volumeDelete(volumeId: \\"8f0c\\") }"}',
    ),
    ("psql", "-h", "db.example.com", "-c", "DROP TABLE users"),
    ("railway", "volume", "delete", "--volume", "data", "--yes"),
    ("mkfs.ext4", "/dev/sdb1"),
)

door = FrontDoor()
stopped = st.sampled_from(STOPPED)


def judged(text: str) -> Answer:
    return door.judge(text, cwd="/home/dev/app", env={"HOME": "/home/dev", "PATH": "/usr/bin:/bin"})


def assert_not_silent(text: str) -> None:
    answer = judged(text)
    assert not answer.failure
    assert answer.verdict.decision != "allow" or answer.verdict.supervise, text


@pytest.mark.parametrize("words", STOPPED, ids=lambda words: " ".join(words)[:30])
def test_each_command_is_stopped_as_it_is(words):
    answer = judged(join(words))
    assert not answer.failure and answer.verdict.decision in ("ask", "block")


# ------------------------------------------------------------------------------------------- quoting


def _single(character: str) -> str:
    return "\\'" if character == "'" else f"'{character}'"


def _double(character: str) -> str:
    return f'"\\{character}"' if character in '"\\$`' else f'"{character}"'


def _ansi(character: str) -> str:
    return f"$'\\x{ord(character):02x}'"


def _octal(character: str) -> str:
    return f"$'\\{ord(character):03o}'"


def _escaped(character: str) -> str:
    return character if character.isalnum() else f"\\{character}"


SPELLINGS: tuple[Callable[[str], str], ...] = (_single, _double, _ansi, _octal, _escaped)


@st.composite
def respelled(draw: st.DrawFn) -> str:
    """A stopped command with each character of each word quoted in some way."""
    words = draw(stopped)
    return " ".join("".join(draw(st.sampled_from(SPELLINGS))(character) for character in word) for word in words)


@settings(max_examples=60, deadline=None)
@given(respelled())
def test_quoting_hides_nothing(text):
    assert judged(text).verdict.decision != "allow"


@settings(max_examples=30, deadline=None)
@given(stopped, st.sampled_from([" ", "\t", "  ", " \\\n", "\\\n "]))
def test_spacing_and_continuation_lines_hide_nothing(words, space):
    text = join(words[:1]) + "".join(space + join([word]) for word in words[1:])
    assert judged(text).verdict.decision != "allow"


# ----------------------------------------------------------------------------------------- structure

#: text → text that runs it. None of these makes the inside unreadable.
STRUCTURES: dict[str, Callable[[str], str]] = {
    "after ;": lambda text: f"true; {text}",
    "after &&": lambda text: f"true && {text}",
    "after ||": lambda text: f"false || {text}",
    "after &": lambda text: f"sleep 1 & {text}",
    "after a line": lambda text: f"ls\n{text}",
    "after a comment": lambda text: f"# a note; with 'things\n{text}",
    "before ;": lambda text: f"{text}; git status",
    "before &&": lambda text: f"{text} && git checkout -b x",
    "before || true": lambda text: f"{text} || true",
    "in the background": lambda text: f"{text} &",
    "into a pipe": lambda text: f"{text} | cat",
    "from a pipe": lambda text: f"echo y | {text}",
    "output away": lambda text: f"{text} > /dev/null 2>&1",
    "negated": lambda text: f"! {{\n{text}\n}}",
    "timed": lambda text: f"time {{\n{text}\n}}",
    "group": lambda text: f"{{ {text}; }}",
    "subshell": lambda text: f"( {text} )",
    "substitution": lambda text: f'echo "$( {text} )"',
    "process substitution": lambda text: f"cat <({text})",
    "default value": lambda text: f": ${{none:-$( {text} )}}",
    "assignment": lambda text: f"x=$( {text} )",
    "then": lambda text: f"if true; then {text}; fi",
    "else": lambda text: f"if test -f nothing; then :; else {text}; fi",
    "condition": lambda text: f"if {text}; then :; fi",
    "for": lambda text: f"for i in 1 2; do {text}; done",
    "while": lambda text: f"while true; do {text}; break; done",
    "until": lambda text: f"until {text}; do :; done",
    "case": lambda text: f"case a in b) ;; *) {text} ;; esac",
    "function": lambda text: f"{{ work() {{ {text}; }}; work; }}",
    "function in a function": lambda text: f"{{ a() {{ {text}; }}; b() {{ a; }}; b; }}",
    "heredoc": lambda text: f"bash <<'THE_END'\n{text}\nTHE_END",
    "here-string": lambda text: f"bash <<< {join([text])}",
    "heredoc substitution": lambda text: f"cat <<THE_END\n$( {text} )\nTHE_END",
    "eval": lambda text: f"eval {join([text])}",
    "eval of a variable": lambda text: f'{{ x={join([text])}; eval "$x"; }}',
    "bash -c": lambda text: f"bash -c {join([text])}",
    "sh -c": lambda text: f"/bin/sh -ec {join([text])}",
    "bash -c of a variable": lambda text: f'{{ x={join([text])}; bash -c "$x"; }}',
    "sudo bash -c": lambda text: f"sudo -n bash -c {join([text])}",
    "timeout": lambda text: f"timeout 60 bash -c {join([text])}",
    "env": lambda text: f"env A=1 bash -c {join([text])}",
    "nice": lambda text: f"nice -n 5 nohup bash -c {join([text])}",
    "echo into bash": lambda text: f"echo {join([text])} | bash",
    "printf into sh": lambda text: f"printf '%s\\n' {join([text])} | sh -s",
    "base64 into bash": lambda text: f"echo {base64.b64encode(text.encode()).decode()} | base64 -d | bash",
    "trap": lambda text: f"trap {join([text])} EXIT",
    "find -exec": lambda text: f"find . -maxdepth 0 -exec sh -c {join([text])} \\;",
    "written and run": lambda text: f"cat > /tmp/it.sh <<'THE_END'\n{text}\nTHE_END\nbash /tmp/it.sh",
    "written and sourced": lambda text: f"echo {join([text])} > /tmp/it.sh; . /tmp/it.sh",
    "xargs": lambda text: f"printf '%s\\0' {join([text])} | xargs -0 sh -c",
}


@pytest.mark.parametrize("name", STRUCTURES)
@pytest.mark.parametrize("words", STOPPED[1:5:3], ids=lambda words: words[0])
def test_each_structure_hides_nothing(name, words):
    assert judged(STRUCTURES[name](join(words))).verdict.decision != "allow"


@settings(max_examples=100, deadline=None)
@given(stopped, st.lists(st.sampled_from(sorted(STRUCTURES)), min_size=2, max_size=4))
def test_structures_within_structures_are_never_silent(words, names):
    text = join(words)
    for name in names:
        text = STRUCTURES[name](text)
    assert_not_silent(text)


# ------------------------------------------------------------------------------- variables and wrappers


@st.composite
def in_variables(draw: st.DrawFn) -> str:
    """A stopped command with some of its words moved into variables."""
    words = draw(stopped)
    moved = draw(st.sets(st.integers(0, len(words) - 1), min_size=1))
    setting = "; ".join(f"v{index}={join([words[index]])}" for index in sorted(moved))
    used = (f'"$v{index}"' if index in moved else join([word]) for index, word in enumerate(words))
    return f"{setting}; {' '.join(used)}"


@settings(max_examples=40, deadline=None)
@given(in_variables())
def test_variables_hide_nothing(text):
    assert judged(text).verdict.decision != "allow"


@settings(max_examples=20, deadline=None)
@given(stopped)
def test_an_array_or_positional_parameters_hide_nothing(words):
    assert judged(f'a=({join(words)}); "${{a[@]}}"').verdict.decision != "allow"
    assert judged(f'set -- {join(words)}; "$@"').verdict.decision != "allow"


WRAPPERS = (
    "sudo",
    "sudo -u root -E",
    "doas",
    "env",
    "env -i PATH=/usr/bin",
    "env -u HOME A=b",
    "nice",
    "nice -n 10",
    "ionice -c3",
    "nohup",
    "setsid -w",
    "timeout 30",
    "timeout -k 5 --signal=KILL 30s",
    "stdbuf -oL",
    "command",
    "command -p",
    "builtin command",
    "exec",
    "time -p",
    "A=1 B=2",
    "busybox env",
    "chroot /mnt",
    "unshare -n",
    "flock /tmp/lock",
    "watch -x -n 1",
    "xargs",
)


@settings(max_examples=80, deadline=None)
@given(stopped, st.lists(st.sampled_from(WRAPPERS), min_size=1, max_size=3))
def test_wrappers_are_never_silent(words, wrappers):
    assert_not_silent(" ".join((*wrappers, join(words))))


# ------------------------------------------------------------------------------------------- any input

_SHELL_ALPHABET = "abrm -/\n\t'\"`$(){}[]<>|&;*?!#=\\~0:@%^,é\x00\x1b\u202e"
_WORDS = ("rm -rf ", "if ", "then ", "fi", "case x in ", ";;", "esac", "for i in ", "; do ", "done", "f() {", "eval ")
_MARKS = ("$(", ")", "${", "}", "<<E\n", "\nE\n", "'", '"', "`", "$((", "))", "[[ ", " ]]", "a=(", "| ", "&& ", "\\\n")
_FRAGMENTS = st.sampled_from((*_WORDS, *_MARKS))


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=200).map(lambda data: data.decode("utf-8", "surrogateescape")),
        st.text(max_size=120),
        st.text(_SHELL_ALPHABET, max_size=120),
        st.lists(_FRAGMENTS, max_size=25).map("".join),
    )
)
def test_any_input_gets_an_answer(text):
    answer = judged(text)
    assert not answer.failure, answer.failure
    assert answer.verdict.decision in ("allow", "ask", "block")
    if answer.verdict.decision != "allow":
        assert answer.verdict.reason


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   \n\t",
        "(" * 5000,
        "$(" * 5000,
        "{ " * 5000 + "} " * 5000,
        "'" * 9999,
        "`" * 9999,
        "a" * 1_000_000,
        "echo " + "x " * 30_000,
        "${x:-" * 3000 + "}" * 3000,
        "$((" * 2000 + "1" + "))" * 2000,
        "if true; then " * 2000,
        "[[ " + "( " * 3000,
        "<<A <<B <<C\n" * 500,
        "x=" + "{a,b}" * 40,
        "!" * 5000,
        "for i in {1..100000}; do for j in {1..100000}; do echo $i$j; done; done",
        "f() { f; f; }; f",
        "a=x; " + "a=$a$a; " * 40 + "echo $a",
        "eval eval eval eval eval echo '$(echo $(echo $(echo hi)))'",
        "x=$(cat f); for i in {1..90}; do for j in {1..90}; do eval \"echo " + "$x" * 40 + "\"; done; done",
    ],
    ids=lambda text: repr(text[:14]),
)
def test_a_hostile_shape_gets_an_answer_in_time(text):
    import time

    begun = time.process_time()
    answer = judged(text)
    assert not answer.failure, answer.failure
    assert time.process_time() - begun < 5
    assert answer.verdict.decision in ("allow", "ask", "block")
