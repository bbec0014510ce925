import os
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentguard.execution.shell import environment
from agentguard.syntax.quoting import command_text, join, quote

BASH = "/bin/bash"
BECOME = """
import sys
from agentguard.execution.shell import become, words_for
become(sys.argv[1], words_for(*sys.argv[1:3]))
"""


def become(text: str, shell: str = BASH, **more) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([sys.executable, "-c", BECOME, shell, text], capture_output=True, **more)


words = st.lists(st.text(st.characters(blacklist_characters="\0", blacklist_categories=("Cs",))), max_size=5)


@settings(max_examples=60, deadline=None)
@given(words)
def test_a_shell_reads_back_exactly_the_words(given_words):
    text = join(["printf", "%s\\0", "first", *given_words])
    done = subprocess.run([BASH, "-c", text], capture_output=True, check=True)
    assert done.stdout.decode().split("\0")[1:-1] == given_words


@pytest.mark.parametrize("word", ["", "FOO=bar", "if", "time", "{", "!", "~", "a b", "$x", "it's", "#", "-n", "[["])
def test_a_first_word_is_a_program_and_nothing_else(word):
    done = subprocess.run(
        [BASH, "-c", f'command_not_found_handle() {{ printf "<%s>" "$@"; }}; PATH=/nonexistent; {join([word, "x"])}'],
        capture_output=True,
    )
    assert done.stdout.decode() == f"<{word}><x>"


def test_plain_words_stay_plain():
    assert join(["git", "push", "--force", "origin", "feature/a-1.2"]) == "git push --force origin feature/a-1.2"
    assert quote("a=b") == "'a=b'"


def test_one_argument_is_text_and_several_are_words():
    assert command_text(["ls | wc"]) == "ls | wc"
    assert command_text(["echo", "a | b"]) == "echo 'a | b'"


def test_the_status_is_the_commands_own():
    assert become("exit 7").returncode == 7
    assert become("kill -TERM $$").returncode == -15


def test_the_process_stays_the_same():
    child = subprocess.Popen([sys.executable, "-c", BECOME, BASH, "echo $$"], stdout=subprocess.PIPE)
    output, _ = child.communicate()
    assert int(output) == child.pid


def test_a_broken_pipe_ends_a_writer_as_in_a_plain_shell():
    done = become('yes | head -n 1; echo "${PIPESTATUS[0]}"')
    assert done.stdout.split() == [b"y", b"141"]


def test_other_descriptors_are_inherited():
    reader, writer = os.pipe()
    try:
        become(f"echo through >&{writer}", pass_fds=(writer,))
    finally:
        os.close(writer)
    with os.fdopen(reader) as file:
        assert file.read() == "through\n"


def test_the_locale_that_python_sets_is_not_passed_on():
    bare = {"PATH": os.environ["PATH"]}
    assert become("env", env=bare).stdout.count(b"LC_CTYPE") == 0
    assert b"LC_CTYPE=C.UTF-8" in become("env", env={**bare, "LC_CTYPE": "C.UTF-8"}).stdout


def test_other_variables_pass_untouched():
    odd = {b"A.B": b"\xff", b"X": b""}
    assert environment(odd) == odd


def test_text_that_begins_like_an_option_is_still_text():
    assert b"-nonsense: command not found" in become("-nonsense").stderr
    assert b"+x: command not found" in become("+x").stderr


def test_the_arguments_may_hold_any_bytes():
    text = os.fsdecode(b"printf '%s' '\xff\xfe'")
    assert become(text).stdout == b"\xff\xfe"
