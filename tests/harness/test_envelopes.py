"""Frames of harnesses: the exact frame comes off, nothing else does, and what is judged is what would run."""

from __future__ import annotations

import subprocess
import sys

import pytest
from harness.framing import CURSOR, FRAMED, OWN_TEXTS, SNAPSHOT, by_backslash, by_double
from hypothesis import given, settings
from hypothesis import strategies as st

from agentguard.frontdoor import FrontDoor
from agentguard.harness import framed
from agentguard.harness.envelopes import Envelope, is_start_up, unwrap
from agentguard.syntax.nodes import Simple, Text
from agentguard.syntax.parser import parse
from agentguard.syntax.walk import nodes

ENV = {"HOME": "/home/dev", "PATH": "/usr/bin:/bin"}
DOOR = FrontDoor()
HARMLESS = "git status"
DANGEROUS = "git push --force origin main"
NAMES = tuple(FRAMED)
RAW = ("gemini", "zed")


def decision(text: str) -> str:
    return DOOR.judge(text, cwd="/home/dev", env=ENV).verdict.decision


def opened(name: str, payload: str) -> Envelope:
    text, arguments = FRAMED[name](payload)
    envelope = unwrap(text, arguments)
    assert envelope is not None, text
    return envelope


# ------------------------------------------------------------------------------------------ exact frames


@pytest.mark.parametrize("name", NAMES)
def test_the_first_look_passes_over_no_frame(name: str) -> None:
    assert framed.possible(FRAMED[name](HARMLESS)[0]) and not framed.possible(HARMLESS)


@pytest.mark.parametrize("name", NAMES)
def test_the_command_comes_out(name: str) -> None:
    envelope = opened(name, HARMLESS)
    assert envelope.payload == HARMLESS
    if envelope.span is not None:
        text, _ = FRAMED[name](HARMLESS)
        assert text[slice(*envelope.span)] == HARMLESS


@pytest.mark.parametrize("name", NAMES)
def test_the_command_is_judged(name: str) -> None:
    assert decision(opened(name, HARMLESS).text) == "allow"
    assert decision(opened(name, DANGEROUS).text) != "allow"
    assert decision(opened(name, f"cd /tmp\nls; {DANGEROUS} # done").text) != "allow"


@pytest.mark.parametrize("name", NAMES)
def test_the_whole_frame_is_judged_alike(name: str) -> None:
    """A harness whose frame has changed still works, and what it runs is still seen."""
    text, arguments = FRAMED[name](HARMLESS)
    assert decision(text) == "allow"
    if not arguments:
        assert decision(FRAMED[name](DANGEROUS)[0]) != "allow"


def test_what_holds_before_the_command() -> None:
    assert opened("claude", HARMLESS).prelude.files == (SNAPSHOT,)
    exports = opened("claude-exports", HARMLESS)
    assert exports.prelude.exports == "export A='x'\nexport B='it'\"'\"'s y'"
    assert exports.text.startswith(exports.prelude.exports + "\n" + HARMLESS)
    hermes = opened("hermes", HARMLESS)
    assert hermes.prelude.directory == "/home/dev/my shop"
    assert hermes.text.startswith("builtin cd -- '/home/dev/my shop'\n")
    assert opened("opencode", HARMLESS).prelude.directory == "/home/dev/shop"
    assert opened("claude-escaped", "cat").text.startswith("cat < /dev/null")


def test_exported_values_matter() -> None:
    text, _ = FRAMED["claude-exports"]("$A")
    assert decision(unwrap_text(text.replace("export A='x'", f"export A='{HARMLESS}'"))) == "allow"
    assert decision(unwrap_text(text.replace("export A='x'", f"export A='{DANGEROUS}'"))) != "allow"


def unwrap_text(text: str) -> str:
    envelope = unwrap(text)
    assert envelope is not None
    return envelope.text


def test_a_plain_word_needs_no_quotes() -> None:
    text, _ = FRAMED["claude"]("x y")
    for word in ("pwd", "ls", "./run.sh", "/usr/bin/make", "A=b"):
        envelope = unwrap(text.replace("eval 'x y'", f"eval {word}"))
        assert envelope is not None and envelope.payload == word
    for word in ("$x", "a;b", "`x`", "a b", "-x", "a\\b", "a'b'", "*", "~", "{a,b}", "a|b", ""):
        assert unwrap(text.replace("eval 'x y'", f"eval {word}")) is None, word


def test_the_home_directory() -> None:
    text, _ = FRAMED["claude"](HARMLESS)
    assert unwrap(text, home="/home/dev") and unwrap(text, home="/home/dev/")
    assert unwrap(text, home="/home/de") is None
    assert unwrap(text.replace("/home/dev/.claude", "/tmp/x/.claude"), home="/home/dev") is None
    assert unwrap(FRAMED["codex"](HARMLESS)[0], home="/root") is None


# ------------------------------------------------------- what the command does to the rest of the frame

AFTERWARDS = {
    "claude": "pwd() { %s; }",
    "claude-sandbox": "pwd() { %s; }",
    "claude-escaped": "pwd() { %s; };",
    "gemini": "jobs() { %s; }",
    "hermes": "pwd() { %s; }",
    "cursor": "dump_bash_state() { %s; }",
}
ENDINGS = ("", "\necho \\", "\ncat <<E\nx", "\ncat <<E\nx\nE", " # x", "\ntrue \\\n", "\ntrue")


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("name", AFTERWARDS)
def test_a_function_in_the_place_of_a_later_command(name: str, ending: str) -> None:
    assert decision(opened(name, AFTERWARDS[name] % DANGEROUS + ending).text) != "allow"
    assert decision(opened(name, AFTERWARDS[name] % HARMLESS + ending.replace("echo \\", "true")).text) == "allow"


def test_gemini_writes_its_list_where_the_variable_says() -> None:
    assert decision(opened("gemini", "_bgpids_file=/etc/passwd").text) != "allow"


@pytest.mark.parametrize("name", RAW)
def test_a_raw_command_must_be_whole(name: str) -> None:
    for payload in (f") && {DANGEROUS} && (true", f"true\n)\n{DANGEROUS}\n(\ntrue", "fi", "echo )", "true\n)\n(true"):
        envelope = unwrap(*FRAMED[name](payload))
        assert envelope is None or decision(envelope.text) != "allow", payload


# -------------------------------------------------------------------------------------------- near misses

#: (what, by what) replaced once in a frame around `git status`
MISSES = {
    "claude": [
        ("< /dev/null", "< /dev/null; true"),
        ("< /dev/null", "< /dev/nulls"),
        ("< /dev/null", "< /dev/null > x"),
        ("< /dev/null", "2>&1 < /dev/null"),
        ("eval 'git status'", "eval 'git status'; true; eval ''"),
        ("eval 'git status'", "eval 'git status' 'x'"),
        ("eval 'git status'", "eval 'git status'$(x)"),
        ("eval 'git status'", 'eval "git status"'),
        ("eval 'git status'", "eval $'git status'"),
        ("eval 'git status'", "eval 'git status'\\'''"),
        ("eval 'git status'", "eval -- 'git status'"),
        ("eval 'git status'", "eval  'git status'"),
        ("eval 'git status'", "'eval' 'git status'"),
        ("snapshot-bash-1764000000000-a1b2c3.sh", "snapshot-bash-1764000000000-a1b2c3.sh.sh"),
        ("snapshot-bash-1764000000000-a1b2c3.sh", "snapshot-bash-$(x)-a1b2c3.sh"),
        ("snapshot-bash-1764000000000-a1b2c3.sh", "snapshot-bash-1764000000000-a1b2c3.sh;x"),
        ("snapshot-bash-1764000000000-a1b2c3.sh", "snapshot-bash-1764000000000-A1B2C3.sh"),
        ("snapshot-bash-1764000000000-a1b2c3.sh", "snapshot-bash-../../x-a1b2c3.sh"),
        ("snapshot-bash-", "snapshot-zsh-"),
        ("/home/dev/.claude", "/home/dev/../x/.claude"),
        ("/home/dev/.claude", "/home/dev/./.claude"),
        ("/home/dev/.claude", "/home/dev x/.claude"),
        ("/home/dev/.claude", "$HOME/.claude"),
        ("/home/dev/.claude", "home/.claude"),
        ("/.claude/shell-snapshots/", "/.claude/"),
        (".sh 2>/dev/null", ".sh x 2>/dev/null"),
        (".sh 2>/dev/null", ".sh 2>/dev/nul"),
        ("-cwd", "-cwd\n"),
        ("-cwd", "-cwd; x"),
        ("-cwd", "-cwd && x"),
        ("-cwd", "-cwdx"),
        ("/tmp/claude-1a2b", "/tmp/claude-1a2b/../x"),
        ("/tmp/claude-1a2b", "/tmp/claude-1a2$b"),
        ("/tmp/claude-1a2b", "/etc/claude-1a2b"),
        ("/tmp/claude-1a2b", "/tmp/claude-1a2b3"),
        ("'unsetenv'; \\b", "'unsetenv' 'ls'; \\b"),
        ("pwd -P >|", "pwd -P >"),
        ("source ", " source "),
        ("source ", "x=1 source "),
    ],
    "claude-exports": [
        ("export A='x'", "export A=x"),
        ("export A='x'", 'export A="$(x)"'),
        ("export A='x'", "export A='x';x"),
        ("export A='x'", "export A='x'y"),
        ("export A='x'", "export A='x' B"),
        ("export A='x'", "export -n A='x'"),
        ("export A='x'", "export A='x'\nx"),
        ("export A='x'", "export A+='x'"),
        ("export A='x'", "export A[0]='x'"),
        ("export A='x'", "declare -x A='x'"),
        (": && {", ":; {"),
        (": && {", "x && {"),
    ],
    "codex": [
        ("exec '/bin/bash'", "exec '/tmp/bash'"),
        ("exec '/bin/bash'", "exec '/bin/bash' -x"),
        ("exec '/bin/bash'", "exec '/bin/dash'"),
        ("exec '/bin/bash'", "exec -a x '/bin/bash'"),
        ("then :; fi", "then x; fi"),
        ("then :; fi", "then :; fi; x"),
        ("fi\n\nexec", "fi\n\nx\n\nexec"),
        ("fi\n\nexec", "fi\n\nexport A=1\n\nexec"),
        ("'git status'", "'git status' 'x'"),
        ("'git status'", "'git status'; x"),
        ("'git status'", "'git status'\nx"),
        ("'git status'", '"git status"'),
        ("/home/dev/.codex", "/home/dev/..x/../.codex"),
        ("/home/dev/.codex", "$(x)/.codex"),
        ("0199-ab.17.sh", "0199-ab.17.sh' x '"),
        ("0199-ab.17.sh", "0199-ab.sh"),
        ("-c '", "-lc '"),
    ],
    "cursor": [
        ("< /dev/null", "< /dev/zero"),
        ("<&3", "<&4"),
        ("$1", "$2"),
        ("$1", "$1$2"),
        ("}; COMMAND", "}; x; COMMAND"),
        ("dump_bash_state >&4", "dump_bash_state >&4; x"),
        ("snap=$(", "snap=$(x; "),
        ("builtin exit $COMMAND_EXIT_CODE", "builtin exit $COMMAND_EXIT_CODE; x"),
        ("builtin exit $COMMAND_EXIT_CODE", "builtin exit $COMMAND_EXIT_CODE\n"),
        ("set +u", "set -u"),
        ("snap=", " snap="),
        ("{__CURSOR_SANDBOX_ENV_RESTORE:-}", "{__CURSOR_SANDBOX_ENV_RESTORE:-x}"),
    ],
    "gemini": [
        ("/tmp/shell", "/etc/shell"),
        ("/tmp/shell", "/tmp/../etc/shell"),
        ("/tmp/shell_pgrep_0a1b2c.tmp", "/tmp/.."),
        ("/tmp/shell_pgrep_0a1b2c.tmp", "/tmp/x;x"),
        ("/tmp/shell", "/tmp/$(x)"),
        ("/tmp/shell", "/tmp/'x'"),
        ("/tmp/shell", "tmp/shell"),
        ("dotglob;", "dotglob; x;"),
        ("'jobs -p", "'x; jobs -p"),
        ("' EXIT", "' EXIT INT"),
        ("exit $__code", "exit 0"),
        ("exit $__code", "exit $__code\n"),
        ("exit $__code", "exit $__code; x"),
        ("__code=$?", "__code=$(x)"),
        ("shopt -u", "shopt -s"),
    ],
    "hermes": [
        ("/tmp/hermes-snap-0a1b2c.sh", "/tmp/hermes-snap-../x.sh"),
        ("/tmp/hermes-snap-0a1b2c.sh", "/tmp/hermes-snap-0a1b2c.sh x"),
        ("/tmp/hermes-snap-0a1b2c.sh", "/tmp/x.sh"),
        ("PAGER=cat GIT", "PAGER=x GIT"),
        ("PAGER=cat GIT", "PAGER=cat BASH_ENV=cat GIT"),
        ("PAGER=cat GIT", "PAGER=cat;x GIT"),
        ("cd -- '/home/dev/my shop'", "cd -- '/home/dev/my shop' x"),
        ("cd -- '/home/dev/my shop'", "cd -- $(x)"),
        ("cd -- '/home/dev/my shop'", "cd -- /home/dev/my shop"),
        ("cd -- '/home/dev/my shop'", "cd -- '/home/dev/my shop';x"),
        ("|| exit 126", "|| x"),
        ("eval 'git status'", "eval 'git status'\nx"),
        ("eval 'git status'", "eval 'git status'\"'\"'x'"),
        ("ec=$?", "ec=$(x)"),
        ("__HERMES_CWD_0a1b__%s", "__HERMES_CWD_0a1c__%s"),
        ("$(pwd -P)", "$(pwd -P; x)"),
        ("exit $__hermes_ec", "exit $__hermes_ec\nx"),
    ],
    "opencode": [
        ("git status", "git $x"),
        ("git status", "git `x`"),
        ("git status", 'git \\"x'),
        ("git status", 'git" x "'),
        ('"git status"', "'git status'"),
        ('"git status"', '"git status"; x'),
        ('cd -- "$1"', 'cd -- "$1"; x'),
        ('cd -- "$1"', "cd -- $1"),
        ("~/.bashrc ]]", "~/.bashrc2 ]]"),
        ("source ~/.bashrc", "source ~/x"),
        ("|| true", "|| x"),
        ("        cd", "       cd"),
        ("aliases\n", "aliases\n x\n"),
    ],
    "zed": [
        ("</dev/null", "</dev/null;x"),
        ("</dev/null", "</dev/null\n"),
        ("</dev/null", "</dev/zero"),
        ("</dev/null", "< /dev/null"),
        ("</dev/null", "</dev/null >x"),
        ("\n)", ")"),
        ("\n)", "\n) x"),
        ("(git", "((git"),
        ("(git", " (git"),
        ("(git", "x(git"),
        ("(git", "$(git"),
    ],
}


@pytest.mark.parametrize(("name", "old", "new"), [(name, *pair) for name, pairs in MISSES.items() for pair in pairs])
def test_what_only_looks_like_a_frame(name: str, old: str, new: str) -> None:
    text, arguments = FRAMED[name](HARMLESS)
    changed = text.replace(old, new, 1)
    assert changed != text
    assert unwrap(changed, arguments) is None


def test_the_number_of_arguments() -> None:
    assert unwrap(CURSOR, ()) is None and unwrap(CURSOR, ("a", "b")) is None
    assert unwrap(FRAMED["claude"](HARMLESS)[0], ("a",)) is None
    assert unwrap(FRAMED["opencode"](HARMLESS)[0]) is None


# --------------------------------------------------------------------------------------------- properties

PIECES = st.sampled_from(
    (
        "'",
        '"',
        "'\"'\"'",
        "'\\''",
        " ",
        "\n",
        "\\",
        "$",
        "`",
        "a",
        "< /dev/null",
        " && pwd",
        ";",
        ")",
        "(",
        "#",
        "é",
        "<<E",
    )
)
PAYLOAD = st.one_of(
    st.lists(PIECES, max_size=12).map("".join), st.text(st.characters(codec="utf-8", exclude_characters="\0"))
)


@settings(max_examples=150, deadline=None)
@given(name=st.sampled_from(NAMES), payload=PAYLOAD)
def test_any_command_comes_out_as_it_went_in(name: str, payload: str) -> None:
    if name == "opencode":
        payload = "".join(c for c in payload if c not in '"\\$`!')
    envelope = unwrap(*FRAMED[name](payload))
    if name in RAW and payload.startswith("("):
        assert envelope is None
    else:
        assert envelope is not None and envelope.payload == payload


@settings(max_examples=60, deadline=None)
@given(payload=PAYLOAD, quote=st.sampled_from((by_double, by_backslash)))
def test_the_quotes_mean_to_a_shell_what_we_take_them_for(payload: str, quote: object) -> None:
    assert callable(quote)
    words = [node for node in nodes(parse(f"eval {quote(payload)}")) if isinstance(node, Simple)]
    parts = words[0].words[1].parts
    assert "".join(part.value for part in parts if isinstance(part, Text)) == payload


TOKENS = (
    *(";x", " x ", "$(x)", "`x`", "\nx\n", "|x", "&x", ">x ", "'", '"', "#", "*", "\\", "{ x;}", "(", ")", "~", "\n"),
    *(" && x", "$x", "'x'", "!", "\r", "\t", "&", "\\\n", "<", "=", "[", "?"),
)


@settings(max_examples=600, deadline=None)
@given(name=st.sampled_from(NAMES), token=st.sampled_from(TOKENS), where=st.floats(0, 1), payload=st.just(HARMLESS))
def test_nothing_more_fits_into_a_frame(name: str, token: str, where: float, payload: str) -> None:
    text, arguments = FRAMED[name](payload)
    at = int(where * len(text))
    changed = text[:at] + token + text[at:]
    envelope = unwrap(changed, arguments)
    if envelope is not None:
        # then it went into a quoted value, or into the command itself
        hermes = name == "hermes" and envelope.prelude.directory != "/home/dev/my shop"
        exports = name == "claude-exports" and envelope.payload == payload
        assert hermes or exports or FRAMED[name](envelope.payload)[0] == changed, changed
        if hermes or exports:
            assert commands(changed) == commands(text)


def commands(text: str) -> int:
    return sum(isinstance(node, Simple) for node in nodes(parse(text)))


# ----------------------------------------------------------------------------- what harnesses run themselves


@pytest.mark.parametrize("name", [name for name in OWN_TEXTS if name != "claude-env"])
def test_a_text_of_a_harness_runs(name: str) -> None:
    assert unwrap(OWN_TEXTS[name]) is None
    assert decision(OWN_TEXTS[name]) == "allow"


def test_the_start_of_claude_code() -> None:
    assert is_start_up("env", "Claude Code")
    assert not is_start_up("env", "OpenCode") and not is_start_up("env", "") and not is_start_up("env;x", "Claude Code")


# -------------------------------------------------------------------------------------------------- speed


def test_an_ordinary_command_costs_no_regex() -> None:
    code = (
        "import re\n"
        "from agentguard.harness import envelopes\n"
        "def no(*a, **k): raise AssertionError('compiled')\n"
        "re.compile = no\n"
        "for text in ('git status', 'npm test', 'echo x', 'pwd', 'sort x'):\n"
        "    assert envelopes.unwrap(text) is None\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("name", NAMES)
def test_a_hostile_text_takes_no_longer(name: str) -> None:
    text, arguments = FRAMED[name]("'" * 20_000)
    unwrap(text + "x", arguments)
    unwrap(text.replace("/home", "/home/a" * 5_000), arguments)
