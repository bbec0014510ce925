"""Text that is typed into a terminal or run later is read as shell text."""

from __future__ import annotations

import pytest

from tests.programs.effects import commands, effects


@pytest.mark.parametrize(
    ("words", "inner"),
    [
        (["tmux", "send-keys", "-t", "main", "rm x", "Enter"], "rm x\n"),
        (["tmux", "send", "rm", "Space", "x", "C-m"], "rm x\n"),
        (["tmux", "new-session", "-d", "-s", "w", "rm x"], "rm x"),
        (["tmux", "-L", "s", "neww", "-n", "w", "rm", "x"], "rm x"),
        (["tmux", "kill-session", ";", "run-shell", "rm x"], "rm x"),
        (["tmux", "pipe-pane", "-t", "w", "rm x"], "rm x"),
        (["tmux", "bind-key", "x", "run-shell", "rm x"], "rm x"),
        (["screen", "-dmS", "w", "rm", "x"], "rm x"),
        (["screen", "-S", "w", "-X", "stuff", "rm x\\n"], "rm x\n\n"),
        (["expect", "-c", "spawn rm x; interact"], "rm x"),
    ],
)
def test_typed(words: list[str], inner: str) -> None:
    assert commands(effects(*words)) == [inner]


@pytest.mark.parametrize("words", ["tmux ls", "tmux kill-server", "screen -ls", "crontab -l", "crontab -r", "at -l"])
def test_nothing_is_typed(words: str) -> None:
    assert commands(effects(*words.split())) == []


def test_later() -> None:
    assert commands(effects("at", "now", stdin="rm x\n")) == ["rm x\n"]
    assert commands(effects("at", "-f", "job.sh", "now", files={"job.sh": "rm x\n"})) == ["rm x\n"]


def test_crontab_lines() -> None:
    table = "# rm y\nMAILTO=dev\n*/5 * * * 1-5 rm a\n@reboot rm b\n0 3 * * * date +\\%F\n"
    assert commands(effects("crontab", "-", stdin=table)) == ["rm a", "rm b", "date +\\%F"]
    assert commands(effects("crontab", "t", files={"t": "1 2 3 4 5 rm x\n"})) == ["rm x"]
