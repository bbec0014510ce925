"""The reading of bash's command line, compared with what the real bash does when it is called in that way."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agentguard.programs.shell_arguments import Kind, ShellArgumentError, ShellCall, UnknownOption, parse

BASH = shutil.which("bash", path="/bin:/usr/bin:/usr/local/bin") or "bash"
REPORT = '{ printf "%s\\n" "@@{TAG}" "$0" "$#" "$@"; shopt -op || :; shopt -p || :; }'
#: stands for the text, the script file and the start-up file in the table below
TEXT = REPORT.replace("{TAG}", "T")

#: one call a line; T is the reporting text, F a script file and R a start-up file
TABLE = """
-c T
-c T a
-c T a b c
-c T a -e
-c T -e
-c T -- x
-c T '' ''
-c -- T
-c -- T a b
-c - T a
-c -l T
-c -l T a b
-c -c T
-c +c T
+c T
+c T a b
-cc T
-lc T
-lc T a b
-cl T
-ilc T
-ic T
-i -c T
-c -i T
-c +i T
-i +i -c T
-ce T
-ec T
-eu -c T a
-euc T
-euo pipefail -c T
-ceuo pipefail T
-ceuo pipefail T a b
-euxo pipefail -c T
-euxco pipefail T
-o pipefail -c T
-c -o pipefail T
-co pipefail T
-oc pipefail T
-ooc pipefail errexit T a
-oOc pipefail extglob T a
-Ooc extglob pipefail T
-O extglob -c T -- a
-O extglob -O globstar -c T
-cO extglob T
-Oc extglob T
-OOc extglob nullglob T
+O extglob -c T
+O expand_aliases +o errexit -c T
+e -c T
+eu -c T
-e +e -c T
-u +u -c T a
-c +e T
-c +x T a b
+o errexit -c T
+o pipefail -c T
-o errexit +o errexit -c T
-x -c T
-v -c T
-f -c T *
-a -c T
-k -c T
-p -c T
-t -c T
-h -c T
+h -c T
-B -c T
+B -c T
-C -c T
-E -c T
-H -c T
-P -c T
-T -c T
-b -c T
-m -c T
-n -c T
-nc T
-cn T
-c -n T
-n +n -c T
-r -c T
-rc T
-r +r -c T
+r -c T
-D -c T
-Dc T
+D -c T
+s -c T
-cs T a b
-sc T a b
-s -c T
-s
-s a b
-s a -c
-s -- a b
-s -- -c T
-s -e a
-es a
-se +e a
-s - a
-is a b
-i
-i -s
--
-
+
-- F
- F
F
F a b
F -c T
F -e
-e F a
-euo pipefail F a
-x F
-n F
-nv F
-i F a
-l F
-- F -- a
- F - a
--login F
--login -c T
-login -c T
-l -c T
--norc -c T
-norc -c T a
--noprofile --norc -c T
--noprofile --norc -eo pipefail F
-noprofile -norc F a
--noprofile -e -o pipefail F
--norc --noprofile -i
--norc -s a b
--norc --
--norc -- F
--norc - F
--posix -c T
-posix -c T
--posix F
-o posix -c T
+o posix -c T
--posix +o posix -c T
--restricted -c T
-restricted F
--verbose -c T
-verbose -c T
--noediting -c T
--noediting -i -c T
--rcfile R -c T
-rcfile R -c T
--rcfile R -i -c T
--rcfile R -i
--rcfile R F a
--rcfile
--rcfile -c T
--rcfile=R -c T
--init-file R -c T
--init-file R -s a
-init-file R -c T
--init-file
--dump-strings -c T
--dump-strings F
--dump-po-strings -c T
--dump-po-strings F
--pretty-print -c T
--debug -c T
-debug -c T
--version
-version
--version -c T
--version F
--help
-help
--help --version
--norc --version
--norc --help -c T
--version --nonsense
--nonsense --version
--nonsense -c T
--rcfile R --version
--rcfile --version
-c
-c --
-c -
-ce
-c -e
-c --norc T
-c --login T
-e --norc -c T
-c --version T
-c -norc T
-c -version noexec T
-c -login T
-l --norc -c T
-i --norc
-z -c T
-I -c T
-y
-cz T
+z -c T
-ez -c T
--c T
--l -c T
---norc -c T
--wordexp -c T
--wordexp T
--command T
-o nonsense -c T
-o restricted -c T
-o
-o T
-co
-O nonsense -c T
-O
+o
+O
-co errexit
-oo errexit
-e -u -x -o pipefail -O extglob -c T name a b
-e- -c T
-c- T
-- -c T
- -c T
-- --norc
--login -- F a
-login -e F a
+ -c T
+ F a
+ + -c T
-e + -c T
a b
-c '' a
-s ''
''
'' -c T
-o ignoreeof -c T
-o interactive-comments -c T
+o interactive-comments -c T
-o noclobber -c T
-o notify -c T
-o physical -c T
-o functrace -o errtrace -c T
-abefhkmptuvx -c T
-BCEHPT -c T
+BCEHPT -c T
-abouo errexit pipefail -hP -c T
-abouo errexit ignoreeof -hPc T x y
"""


@dataclass(frozen=True)
class Place:
    directory: Path
    script: str
    start: str

    def words(self, line: str) -> list[str]:
        import shlex

        named = {"T": TEXT, "F": self.script, "R": self.start, "--rcfile=R": "--rcfile=" + self.start}
        return [named.get(word, word) for word in shlex.split(line)]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    directory = tmp_path_factory.mktemp("calls")
    script, start = directory / "script", directory / "start"
    script.write_text(REPORT.replace("{TAG}", "F") + "\n")
    start.write_text(":\n")
    return Place(directory, str(script), str(start))


def real(words: list[str], place: Place) -> tuple[int, list[str]]:
    """Exit status and printed lines of the real bash, with the reporting text on its standard input."""
    done = subprocess.run(
        ["bash", *words],
        executable=BASH,
        input=REPORT.replace("{TAG}", "S") + "\n",
        capture_output=True,
        text=True,
        timeout=20,
        cwd=place.directory,
        start_new_session=True,
        env={"PATH": "/usr/bin:/bin", "HOME": str(place.directory), "LC_ALL": "C"},
        check=False,
    )
    return done.returncode, done.stdout.split("\n")


TAGS = {Kind.TEXT: "@@T", Kind.FILE: "@@F", Kind.STDIN: "@@S", Kind.INTERACTIVE: "@@S"}
#: interactive shells set these themselves, and job control needs a terminal; the editors exclude each other
OF_INTERACTIVE = {"monitor", "histexpand", "history", "emacs", "vi"}


def compare(words: list[str], place: Place) -> ShellCall | None:
    status, lines = real(words, place)
    try:
        call = parse(words)
    except ShellArgumentError as error:
        assert status in (1, 2), (words, str(error), lines)  # 1 where -e is set
        assert not any(line.startswith("@@") for line in lines)
        return None
    assert call.words == tuple(words)
    if call.kind is Kind.PROBE:
        assert status == 0 and lines[0].startswith("GNU bash"), words
        return call
    found = [index for index, line in enumerate(lines) if line.startswith("@@")]
    if call.noexec or (call.interactive and (call.settings.get("noexec") or "D" in "".join(call.options))):
        assert not found, (words, lines)
        return call
    runs = {Kind.TEXT: call.text == TEXT, Kind.FILE: call.script == place.script}.get(call.kind, True)
    assert bool(found) == runs, (words, call, status, lines)
    if not runs:
        return call
    at = found[0]
    assert lines[at] == TAGS[call.kind], (words, call)
    count = int(lines[at + 2])
    assert lines[at + 1] == call.name, (words, call)
    assert tuple(lines[at + 3 : at + 3 + count]) == call.arguments, (words, call)
    state = lines[at + 3 + count :]
    for name, on in call.settings.items():
        if name != "monitor" and not (call.interactive and name in OF_INTERACTIVE):
            assert f"set {'-' if on else '+'}o {name}" in state, (words, name, on)
    for name, on in call.shopts.items():
        assert f"shopt -{'s' if on else 'u'} {name}" in state, (words, name, on)
    assert (f"shopt -{'s' if call.login else 'u'} login_shell") in state, words
    assert (f"shopt -{'s' if call.restricted else 'u'} restricted_shell") in state, words
    return call


@pytest.mark.parametrize("line", TABLE.strip().split("\n"))
def test_as_bash_reads_it(line: str, place: Place) -> None:
    compare(place.words(line), place)


def test_the_table_is_long() -> None:
    assert len(set(TABLE.strip().split("\n"))) >= 150


LETTER = st.sampled_from("ceilsuxvfkhBCEHPTabpnrtD") | st.sampled_from("oOcs")
WORD = st.one_of(
    st.builds(lambda sign, letters: sign + letters, st.sampled_from("-+"), st.text(LETTER, max_size=4)),
    st.sampled_from(("T", "F", "a", "''", "-", "--", "+", "errexit", "pipefail", "nounset", "extglob", "nullglob")),
    st.sampled_from(("--norc", "-norc", "--login", "-login", "--posix", "--noprofile", "--verbose", "--restricted")),
    st.sampled_from(("--rcfile R", "--init-file R", "-o pipefail", "+o errexit", "-O extglob", "-c T", "-c", "T", "F")),
    st.sampled_from(("--version", "--help", "--nonsense", "-z", "--debug", "-version", "--rcfile")),
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=st.lists(WORD, max_size=7))
def test_any_words_as_bash_reads_them(words: list[str], place: Place) -> None:
    compare(place.words(" ".join(words)), place)


def test_the_names_are_those_of_bash() -> None:
    from agentguard.programs import shell_arguments as arguments

    run = [BASH, "--norc", "-c", "shopt -p; shopt -op"]
    lines = subprocess.run(run, capture_output=True, text=True, check=False).stdout.split("\n")
    assert {line.split()[2] for line in lines if line.startswith("shopt")} <= arguments.SHOPT_NAMES
    assert {line.split()[2] for line in lines if line.startswith("set")} == arguments.SET_NAMES


def test_a_name_for_what_is_not_known() -> None:
    for words, name in (
        (["--nonsense"], "--nonsense"),
        (["-ez", "-c", ":"], "-z"),
        (["-o", "nonsense"], "-o nonsense"),
        (["+O", "nonsense"], "+O nonsense"),
    ):
        with pytest.raises(UnknownOption) as caught:
            parse(words)
        assert caught.value.word == name


def test_who_is_called() -> None:
    assert parse(["-c", ":"], called="-bash").login
    assert parse(["-c", ":"], called="/opt/x/rbash").restricted
    assert parse(["-c", ":"], called="sh").posix
    assert parse([], called="-bash", terminal=True).kind is Kind.INTERACTIVE
    assert parse([], terminal=False).kind is Kind.STDIN
    assert parse(["-s", "a"], terminal=True).kind is Kind.INTERACTIVE
    assert parse(["-c", ":"], terminal=True).kind is Kind.TEXT
    with pytest.raises(UnknownOption):
        parse(["-posix", "errexit", "-c", ":"], called="sh")  # dash reads letters here, and runs the text


def test_the_real_shell_gets_the_same_words() -> None:
    words = ["-O", "extglob", "-c", "--", "-x", "name", "a"]
    call = parse(words)
    assert call.options == ("-O", "extglob", "-c", "--") and call.operands == ("-x", "name", "a")
    assert call.text == "-x" and os.fspath(call.name) == "name" and call.arguments == ("a",)
