"""What a shell inherits and hands on besides words: descriptors, signals, limits, its group, its directory."""

from __future__ import annotations

import contextlib
import os
import resource
import select
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import shells
from transparency.pair import Case, Pair

Setting = dict[str, object]


def of(text: str, *arguments: str, **more: object) -> Case:
    return Case(["-c", text, *arguments], **more)  # type: ignore[arg-type]


def closing(*descriptors: int) -> Callable[[], None]:
    def close() -> None:
        for descriptor in descriptors:
            with contextlib.suppress(OSError):
                os.close(descriptor)

    return close


def limited(what: int, amount: int) -> Callable[[], None]:
    return lambda: resource.setrlimit(what, (amount, amount))


def ignoring(*signals: int) -> Callable[[], None]:
    return lambda: [signal.signal(number, signal.SIG_IGN) for number in signals] and None


def blocking(*signals: int) -> Callable[[], None]:
    return lambda: signal.pthread_sigmask(signal.SIG_BLOCK, signals) and None


def opened(*descriptors: int) -> Callable[[], None]:
    """The file a.txt open under each of these numbers."""

    def place() -> None:
        given = os.open("a.txt", os.O_RDWR)
        for descriptor in descriptors:
            os.dup2(given, descriptor)
        if given not in descriptors:
            os.close(given)

    return place


def in_removed() -> None:
    os.mkdir("gone")
    os.chdir("gone")
    os.rmdir("../gone")


def in_odd() -> None:
    os.mkdir("a b\n'c' \udcff")
    os.chdir("a b\n'c' \udcff")


OPEN = "echo /proc/self/fd/*"
MASKS = "while read -r a b; do case $a in SigBlk: | SigIgn: | SigCgt:) echo $a $b;; esac; done < /proc/$$/status"

SETTINGS: dict[str, tuple[Case, Setting]] = {
    "no descriptor is added": (of(OPEN), {}),
    "no descriptor is added for a child": (of("bash -c 'echo /proc/self/fd/*'; ls -l /proc/self/fd | wc -l"), {}),
    "descriptor 3": (of(f"read -r x <&3; echo $x; {OPEN}"), {"preexec_fn": opened(3), "close_fds": False}),
    "descriptors 3 and 4": (
        of("read -r x <&3; read -r y <&4; echo $x $y; bash -c 'read -r z <&3; echo $z'"),
        {"preexec_fn": opened(3, 4), "close_fds": False},
    ),
    "descriptors far up": (of(OPEN), {"preexec_fn": opened(9, 10, 63, 100, 220, 255), "close_fds": False}),
    "descriptor 255": (of("read -r x <&255; echo $x"), {"preexec_fn": opened(255), "close_fds": False}),
    "writing into an inherited descriptor": (
        of("echo CHANGED >&7; cat a.txt"),
        {"preexec_fn": opened(7), "close_fds": False},
    ),
    "no standard input": (of(f"{OPEN}; read -r x; echo $?"), {"preexec_fn": closing(0)}),
    "no standard output": (of("echo lost; echo $? >&2; ls"), {"preexec_fn": closing(1)}),
    "no standard error": (of(f"{OPEN}; echo lost >&2; echo $?; cat missing"), {"preexec_fn": closing(2)}),
    "neither input nor output": (of("echo lost; echo $? >&2; cat"), {"preexec_fn": closing(0, 1)}),
    "no descriptor at all": (of("echo lost; : > made; exit 3"), {"preexec_fn": closing(0, 1, 2)}),
    "one stream for both": (
        of("echo a; echo b >&2; cat missing; echo c"),
        {"stderr": subprocess.STDOUT, "capture_output": False, "stdout": subprocess.PIPE},
    ),
    "full device": (of("cat a.txt > /dev/full; echo $?; echo x > /dev/full; echo $?"), {}),
    "signals as they come": (of(MASKS), {}),
    "signals as they come to a child": (of("grep ^Sig[BIC] /proc/self/status"), {}),
    "an interrupt is ignored": (of(f"{MASKS}; kill -INT $$; echo survived"), {"preexec_fn": ignoring(signal.SIGINT)}),
    "a hang-up is ignored": (of(f"{MASKS}; kill -HUP $$; echo survived"), {"preexec_fn": ignoring(signal.SIGHUP)}),
    "quit, tstp and chld are ignored": (
        of(MASKS),
        {"preexec_fn": ignoring(signal.SIGQUIT, signal.SIGTSTP, signal.SIGTTIN, signal.SIGUSR1)},
    ),
    "signals are blocked": (of(MASKS), {"preexec_fn": blocking(signal.SIGUSR1, signal.SIGTERM)}),
    "a broken pipe": (of("yes | head -n 1; echo ${PIPESTATUS[0]}"), {}),
    "a file that grows too large": (
        of("head -c 300000 /dev/zero > big; echo $?; stat -c %s big"),
        {"preexec_fn": limited(resource.RLIMIT_FSIZE, 200_000)},
    ),
    "few descriptors": (of("ulimit -n; echo a | cat"), {"preexec_fn": limited(resource.RLIMIT_NOFILE, 20)}),
    "no cores": (of("ulimit -c"), {"preexec_fn": limited(resource.RLIMIT_CORE, 0)}),
    "a small stack": (of("ulimit -s; echo $((1 + 1))"), {"preexec_fn": limited(resource.RLIMIT_STACK, 1 << 20)}),
    "little time": (of("ulimit -t"), {"preexec_fn": limited(resource.RLIMIT_CPU, 20)}),
    "little memory": (of("ulimit -v; echo a"), {"preexec_fn": limited(resource.RLIMIT_AS, 400 << 20)}),
    "all limits": (of("ulimit -a"), {}),
    "umask": (of("umask; touch x; stat -c %a x"), {"preexec_fn": lambda: os.umask(0o077) and None}),
    "no umask": (of("umask; touch x; stat -c %a x"), {"preexec_fn": lambda: os.umask(0) and None}),
    "niceness": (of("nice"), {"preexec_fn": lambda: os.nice(5) and None}),
    "a session of its own": (of("[ $(ps -o sid= -p $$) = $$ ] && echo leader; ps -o tty= -p $$"), {}),
    "the caller's session": (of("ps -o sid=,pgid= -p $$"), {"start_new_session": False}),
    "a group of its own": (
        of("[ $(ps -o pgid= -p $$) = $$ ] && echo leader"),
        {"start_new_session": False, "preexec_fn": lambda: os.setpgid(0, 0)},
    ),
    "the parent": (of("echo $PPID"), {}),
    "the name of the process": (of("tr '\\0' ' ' < /proc/$$/cmdline; cat /proc/$$/comm; readlink /proc/$$/exe"), {}),
    "a removed directory": (
        of("pwd; echo $?; echo a | cat; ls; cd /; pwd"),
        {"preexec_fn": in_removed},
    ),
    "a removed directory and no PWD": (
        of("cd .; echo $?; /bin/pwd; echo $?", bare=True),
        {"preexec_fn": in_removed},
    ),
    "the root directory": (of("pwd; echo $PWD"), {"cwd": "/"}),
    "a directory with an odd name": (
        of("echo \"${PWD##*/}\""),
        {"preexec_fn": in_odd},
    ),
    "a text of sixty thousand bytes": (of("x='" + "y" * 60_000 + "'; echo ${#x}"), {}),
    "a text of many lines": (of("echo a\n" * 500), {}),
    "many arguments": (of("echo $# ${@: -1}", "x", *map(str, range(3000))), {}),
    "arguments that are no UTF-8": (of("echo $1 | od -An -tx1", "x", os.fsdecode(b"\xe9\xff")), {}),
    "arguments that are no UTF-8 in the C locale": (
        of("echo $1 ü | od -An -tx1", "x", os.fsdecode(b"\xe9\xff\xc3\xbc"), env={"LC_ALL": "C"}),
        {},
    ),
    "values that are no UTF-8": (
        of("printf '%s' \"$odd\" | od -An -tx1", env={"odd": os.fsdecode(b"\xff\x80\xc3")}),
        {},
    ),
    "binary input": (of("od -An -tx1; echo end", stdin=bytes(range(256))), {}),
    "ten million bytes through": (of("cat", stdin=b"0123456789" * 1_000_000), {}),
    "ten million bytes into a count": (of("read -r -n 3 x; echo $x; wc -c", stdin=b"0123456789" * 1_000_000), {}),
}  # fmt: skip


@pytest.mark.parametrize("name", SETTINGS)
def test_the_same_as_bash(pair: Pair, name: str) -> None:
    case, setting = SETTINGS[name]
    guarded, plain = pair.both(case, **setting)
    assert guarded == plain


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGUSR1, signal.SIGKILL])
def test_a_signal_from_outside(pair: Pair, number: int) -> None:
    """It ends the command as it would under bash, and whoever waits sees that signal."""
    ends = []
    for words, executable in (([*shells.words(pair.home)], None), (["bash"], "/bin/bash")):
        with started(pair, words, executable, "echo ready; sleep 20; echo never") as shell:
            assert shell.stdout.readline() == b"ready\n"
            os.killpg(shell.pid, number)
            ends.append((shell.wait(20), shell.stdout.read(), shell.stderr.read()))
    assert ends[0] == ends[1]


def test_a_signal_to_the_shell_alone_is_trapped(pair: Pair) -> None:
    text = "trap 'echo caught; exit 9' TERM; echo ready; sleep 20 & wait; kill $!"
    for words, executable in (([*shells.words(pair.home)], None), (["bash"], "/bin/bash")):
        with started(pair, words, executable, text) as shell:
            assert shell.stdout.readline() == b"ready\n"
            shell.send_signal(signal.SIGTERM)
            assert (shell.stdout.readline(), shell.wait(20)) == (b"caught\n", 9)


def test_stopped_and_continued(pair: Pair) -> None:
    for words, executable in (([*shells.words(pair.home)], None), (["bash"], "/bin/bash")):
        with started(pair, words, executable, "echo ready; read -r x; echo got $x", stdin=subprocess.PIPE) as shell:
            assert shell.stdout.readline() == b"ready\n"
            shell.send_signal(signal.SIGSTOP)
            assert os.WIFSTOPPED(os.waitpid(shell.pid, os.WUNTRACED)[1])
            shell.stdin.write(b"x\n")
            shell.stdin.flush()
            shell.send_signal(signal.SIGCONT)
            assert (shell.stdout.readline(), shell.wait(20)) == (b"got x\n", 0)


def test_output_comes_when_it_is_written(pair: Pair) -> None:
    text = "echo first; read -r x; echo second"
    with started(pair, shells.words(pair.home), None, text, stdin=subprocess.PIPE) as shell:
        assert shell.stdout.readline() == b"first\n"
        assert not select.select([shell.stdout], [], [], 0.1)[0]
        shell.stdin.write(b"\n")
        shell.stdin.flush()
        assert shell.stdout.readline() == b"second\n"


def test_a_reader_that_goes_away(pair: Pair) -> None:
    ends = []
    for words, executable in (([*shells.words(pair.home)], None), (["bash"], "/bin/bash")):
        with started(pair, words, executable, "while echo line; do :; done 2>/dev/null; exit 1") as shell:
            assert shell.stdout.readline() == b"line\n"
            shell.stdout.close()
            ends.append(shell.wait(20))
    assert ends[0] == ends[1]


def test_a_job_in_the_background_holds_the_pipe_no_longer_than_bash(pair: Pair) -> None:
    """The shell is gone at once; its job writes later into the same pipe."""
    with started(pair, shells.words(pair.home), None, "(read -r x < go; echo late) & echo first") as shell:
        assert shell.stdout.readline() == b"first\n"
        assert shell.wait(20) == 0
        (pair.place / "work" / "go").open("w").write("x\n")
        assert shell.stdout.readline() == b"late\n"


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs /proc")
def test_the_caller_is_left_with_the_same_process(pair: Pair) -> None:
    with started(pair, shells.words(pair.home), None, "echo $$; read -r x < go") as shell:
        assert int(shell.stdout.readline()) == shell.pid
        assert Path(os.readlink(f"/proc/{shell.pid}/exe")).name == "bash"
        (pair.place / "work" / "go").open("w").write("x\n")


@contextlib.contextmanager
def started(pair: Pair, words: list[str], executable: str | None, text: str, stdin: int = subprocess.DEVNULL):
    work = pair.fresh()
    os.mkfifo(work / "go")
    case = of(text)
    with subprocess.Popen(
        [*words, *case.words],
        executable=executable,
        cwd=work,
        env=pair.environment(case),
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as shell:
        try:
            yield shell
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(shell.pid, signal.SIGKILL)

