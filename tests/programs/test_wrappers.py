"""Wrappers name the command they start, in every form of their options."""

from __future__ import annotations

import pytest

from agentguard.interpret.invocation import InnerCommand, InnerScript, Output
from agentguard.interpret.values import Origin, unknown
from tests.programs.effects import commands, effects

ONE = [
    ("sudo rm x", "rm x"),
    ("sudo -u root -E rm x", "rm x"),
    ("sudo --user=root --preserve-env=A,B -- rm x", "rm x"),
    ("sudo -nu root A=1 rm x", "rm x"),
    ("doas -u root rm x", "rm x"),
    ("env -i A=1 rm x", "rm x"),
    ("env -u A -C /tmp rm x", "rm x"),
    ("nice -n 5 rm x", "rm x"),
    ("nice -10 rm x", "rm x"),
    ("ionice -c 3 rm x", "rm x"),
    ("chrt -b 0 rm x", "rm x"),
    ("taskset -c 0,1 rm x", "rm x"),
    ("nohup rm x", "rm x"),
    ("setsid -w rm x", "rm x"),
    ("timeout --signal=KILL 5m rm x", "rm x"),
    ("timeout -k 5 -s 9 10 rm x", "rm x"),
    ("/usr/bin/time -f %e rm x", "rm x"),
    ("stdbuf -oL rm x", "rm x"),
    ("flock /tmp/l rm x", "rm x"),
    ("flock -n -E 3 /tmp/l -c rm", "rm"),
    ("watch -n 5 rm x", "rm x"),
    ("watch -x -d rm x", "rm x"),
    ("chroot --userspec=a:b /mnt rm x", "rm x"),
    ("nsenter -t 1 -m -u -- rm x", "rm x"),
    ("unshare -r -n rm x", "rm x"),
    ("systemd-run --user --scope -p A=1 rm x", "rm x"),
    ("su -c rm", "rm"),
    ("su - dev -c rm", "rm"),
    ("su dev --command=rm", "rm"),
    ("runuser -u dev -- rm x", "rm x"),
    ("runuser -l dev -c rm", "rm"),
    ("script -qc rm /dev/null", "rm"),
    ("busybox rm x", "rm x"),
    ("strace -f -e trace=file rm x", "rm x"),
    ("mise exec -- rm x", "rm x"),
    ("mise x node@20 -- rm x", "rm x"),
    ("conda run -n base rm x", "rm x"),
    ("direnv exec . rm x", "rm x"),
    ("aws-vault exec prod -- rm x", "rm x"),
    ("doppler run -p a -c b -- rm x", "rm x"),
    ("op run --env-file=.env -- rm x", "rm x"),
    ("cross-env A=1 B=2 rm x", "rm x"),
    ("dotenv -e .env rm x", "rm x"),
    ("xargs -a list rm", "rm"),
    ("caffeinate -i rm x", "rm x"),
    ("setarch x86_64 -R rm x", "rm x"),
    ("bwrap --bind / / --dev /dev rm x", "rm x"),
    ("entr -r rm x", "rm x"),
    ("nix-shell -p hello --run rm", "rm"),
    ("sshpass -p secret ssh db1 rm", "ssh db1 rm"),
]


@pytest.mark.parametrize(("text", "inner"), ONE)
def test_one_command(text: str, inner: str) -> None:
    assert commands(effects(*text.split(), files={"list": ""})) == [inner]


@pytest.mark.parametrize(
    "text",
    [
        "sudo -l",
        "sudo -v",
        "ionice -p 12",
        "taskset -p 12",
        "chrt -p 12",
        "env",
        "flock 9",
        "timeout 5",
        "watch",
        "doas",
    ],
)
def test_nothing_is_started(text: str) -> None:
    assert commands(effects(*text.split())) == []


def test_env_changes_the_environment() -> None:
    (effect,) = effects("env", "-i", "-u", "A", "B=1", "rm", "x")
    assert isinstance(effect, InnerCommand)
    assert effect.clear_env
    assert effect.env["A"] is None
    assert str(effect.env["B"]) == "1"


def test_env_splits_its_text_and_reads_options_in_it() -> None:
    (effect,) = effects("env", "-S", "-u A B=1 rm 'a b'", "c")
    assert isinstance(effect, InnerCommand)
    assert [str(word) for word in effect.argv] == ["env", "-u", "A", "B=1", "rm", "a b", "c"]


def test_env_alone_prints_the_environment() -> None:
    (effect,) = effects("env")
    assert isinstance(effect, Output)
    assert "env:*" in effect.text.sources


def test_privilege_is_a_tag() -> None:
    for words in (("sudo", "id"), ("doas", "id"), ("su", "-c", "id"), ("pkexec", "id")):
        (effect,) = effects(*words)
        assert isinstance(effect, InnerCommand | InnerScript)
        assert "privileged" in effect.tags


def test_an_unknown_word_stays_unknown() -> None:
    (effect,) = effects("sudo", unknown(Origin.OUTPUT, "cmd"), "x")
    assert isinstance(effect, InnerCommand)
    assert effect.argv[0].unknown
