"""Programs on standard input, through the gate as a process and through bash. Dangerous names are stand-ins."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import other_home
import pytest

BASH = "/bin/bash"
STOPPED = "git push --force origin main"

ALIKE = {
    "words": 'echo "$0" "$1" $#\n',
    "several statements in a line": "echo a; echo b && echo c\n",
    "status": "false\necho $?\n(exit 7)\necho $?\n",
    "exit": "echo before\nexit 5\necho never\n",
    "no newline at the end": "echo last",
    "blank lines and comments": "\n# a comment\n   \necho x # more\n\n",
    "loop over lines": "for i in 1 2\ndo\n  echo $i\ndone\n",
    "if over lines": "if true\nthen echo yes\nelse echo no\nfi\n",
    "case over lines": "case x in\n(x) echo x;;\nesac\n",
    "function": "f() {\n  echo in $1\n}\nf 1\nf 2\n",
    "heredoc": "cat <<E\none\n$HOME_UNSET two\nE\necho after\n",
    "two heredocs": "cat <<A; cat <<'B'\na\nA\nb $x\nB\n",
    "heredoc with tabs": "cat <<-E\n\ttabbed\n\tE\n",
    "a delimiter in odd quotes": "cat <<E\"O\"F\nx\nEOF\necho after\n",
    "a long heredoc": "wc -l <<'E'\n" + "a line of it\n" * 3000 + "E\necho after\n",
    "quote over lines": "echo 'a\nb'\necho \"c\nd\"\n",
    "backslash at the end": "echo a \\\n  b\n",
    "pipe over lines": "echo x |\ncat\n",
    "and over lines": "true &&\necho ok\n",
    "variables stay": "x=1\ny=(a b)\necho $x ${y[1]}\n",
    "directory stays": "cd /\npwd\n",
    "read eats the next line": "read line\nnot a command\necho \"got $line\"\n",
    "read some characters": "read -r -n 4 x\nabcdecho rest\necho $x\n",
    "cat eats the rest": "cat\nthese are\nnot commands\n",
    "head takes one line": "IFS= read -r a; echo $a; IFS= read -r b\nfirst\nsecond\necho $b\n",
    "a child shell eats the rest": "bash -c 'cat'\nall of\nthis\n",
    "redirected away": "cat < /dev/null\necho still here\n",
    "set -e": "set -e\necho a\nfalse\necho never\n",
    "set -u": "set -u\necho a\necho $nope\necho never\n",
    "trap": "trap 'echo bye' EXIT\necho hi\n",
    "command not found": "no-such-program-here\necho $?\n",
    "stderr": "echo e >&2\necho o\n",
    "pipestatus": "false | true\necho ${PIPESTATUS[@]}\n",
    "background": "sleep 0.05 &\nwait\necho done\n",
    "killed": "echo x\nkill -KILL $$\n",
    "descriptors": "exec 3>&1\necho three >&3\nexec 3>&-\n",
    "exec replaces": "exec cat\nthis is read\nby cat\n",
    "sentinel of a harness": "echo hi\nprintf '__DONE_1 %s\\n' $?\nls /gone 2>/dev/null\nprintf '__DONE_2 %s\\n' $?\n",
    "process substitution": "cat <(echo sub)\n",
    "coproc-free arithmetic": "((x = 2 + 3))\necho $x\n",
    "bytes": "printf '\\377\\376\\000x'\n",
    "an empty program": "",
}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A working directory beside a home, and a stand-in for git that leaves a mark."""
    (tmp_path / "tools").mkdir()
    tool = tmp_path / "tools" / "git"
    tool.write_text(f'#!/bin/sh\necho "$@" >> "{tmp_path}/ran"\n')
    tool.chmod(0o755)
    (tmp_path / "work").mkdir()
    other_home.impatient(tmp_path / "home")
    return tmp_path


def words(place: Path) -> list[str]:
    return other_home.shell(place / "home")


def environment(place: Path) -> dict[str, str]:
    return other_home.environment(PATH=f"{place}/tools:{os.environ['PATH']}")


def through(place: Path, command: list[str], program: bytes, *, file: bool = False, executable: str | None = None):
    """(status, stdout, stderr) of a program on standard input: a pipe, or a file."""
    given: dict[str, object] = {"input": program}
    if file:
        (place / "program").write_bytes(program)
        given = {"stdin": (place / "program").open("rb")}
    done = subprocess.run(
        command,
        executable=executable,
        cwd=place / "work",
        env=environment(place),
        capture_output=True,
        start_new_session=True,
        timeout=60,
        **given,
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("file", [False, True], ids=["pipe", "file"])
@pytest.mark.parametrize("name", ALIKE)
def test_the_same_as_bash(place: Path, name: str, file: bool) -> None:
    program = ALIKE[name].encode()
    plain = through(place, ["bash", "-s", "one"], program, file=file, executable=BASH)
    assert through(place, [*words(place), "-s", "one"], program, file=file) == plain


def test_what_is_stopped_does_not_run_and_the_rest_does(place: Path) -> None:
    status, out, err = through(place, words(place), f"echo a\n{STOPPED}\necho $?\n".encode())
    assert (status, out) == (0, b"a\n126\n")
    assert b"agentguard: not run" in err and not (place / "ran").exists()


@pytest.mark.parametrize(
    "program",
    [
        f"read x\n: <<'E'\n{STOPPED}\nE\n",  # the read eats the start of the here-document
        f"read -n 7 x\necho ab {STOPPED}\n",  # the read eats the echo
        f"head -c 7 >/dev/null\necho ab {STOPPED}\n",
        f"bash -c 'read x'\n: '\n{STOPPED}\n'\n",
        f"x='{STOPPED}'\n$x\n",
        f"f() {{ {STOPPED}; }}\nf\n",
        f"cat > s.sh <<'E'\n{STOPPED}\nE\n. ./s.sh\n",
        f"true; }}; {STOPPED}; {{\n",
        f"alias g='{STOPPED}'; shopt -s expand_aliases\ng\n",
        f"if true; then\n{STOPPED}\nfi\n",
        f"trap '{STOPPED}' EXIT\n",
        f"bash\n{STOPPED}\n",
        f"exec bash\n{STOPPED}\n",
        f"eval '{STOPPED}'\n",
        STOPPED,
    ],
)
@pytest.mark.parametrize("file", [False, True], ids=["pipe", "file"])
def test_no_way_round_the_gate(place: Path, program: str, file: bool) -> None:
    through(place, words(place), program.encode(), file=file)
    assert not (place / "ran").exists()


@pytest.mark.parametrize(
    "program",
    [
        "echo 'a\n",  # never ended
        "for x (a b) echo $x <<'E'\n",  # not bash, so that nobody knows whether the next lines are its text
        "cat <<'E'\n" + "a line of text\n" * 80_000,  # longer than anything that is read
    ],
    ids=["open quote", "not bash", "too long"],
)
def test_nothing_runs_behind_what_is_not_understood(place: Path, program: str) -> None:
    status, out, err = through(place, words(place), f"echo a\n{program}touch ran-it\nE\ntouch ran-it\n".encode())
    assert (status, out) == (126, b"a\n")
    assert b"agentguard: the shell ends here" in err
    assert not (place / "work" / "ran-it").exists()


def test_commands_are_run_as_they_arrive(place: Path) -> None:
    """A persistent shell: the answer to one command is there before the next one is written."""
    with subprocess.Popen(
        words(place), stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=place / "work", env=environment(place)
    ) as shell:
        assert shell.stdin and shell.stdout
        for text, answer in ((b"x=5\n", b"0\n"), (b"test $x = 5\n", b"0\n"), (b"cd / && false\n", b"1\n")):
            shell.stdin.write(text + b"echo $?\n")
            shell.stdin.flush()
            assert shell.stdout.readline() == answer
        shell.stdin.write(b"pwd; exit 3\n")
        shell.stdin.close()
        assert shell.stdout.read() == b"/\n"
        assert shell.wait(20) == 3


def test_a_signal_reaches_the_shell(place: Path) -> None:
    with subprocess.Popen(
        words(place), stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=place / "work", env=environment(place)
    ) as shell:
        assert shell.stdin and shell.stdout
        shell.stdin.write(b"trap 'echo caught; exit 9' TERM\necho ready\nsleep 20 & wait\n")
        shell.stdin.flush()
        assert shell.stdout.readline() == b"ready\n"
        time.sleep(0.3)
        shell.send_signal(signal.SIGTERM)
        assert shell.stdout.readline() == b"caught\n"
        assert shell.wait(20) == 9
