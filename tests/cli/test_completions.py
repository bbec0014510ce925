import subprocess

import pytest

from agentguard.cli import completions
from agentguard.cli.main import COMMANDS


def test_the_files_are_current():
    assert completions.main(["--check"]) == 0


def test_a_stale_file_is_named(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(completions, "FOLDER", tmp_path)
    assert completions.main(["--check"]) == 1
    assert "completions/agentguard.bash is not current" in capsys.readouterr().err
    assert completions.main([]) == 0
    assert completions.main(["--check"]) == 0


def completed(*words: str) -> list[str]:
    """What bash offers for the last of ``words``."""
    script = f"""
        . {completions.FOLDER / "agentguard.bash"}
        COMP_WORDS=(agentguard "$@") COMP_CWORD=$#
        _agentguard
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    done = subprocess.run(["/bin/bash", "-c", script, "bash", *words], capture_output=True, text=True, check=True)
    return done.stdout.split()


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (("ex",), ["exec", "explain"]),
        (("rules", "s"), ["show"]),
        (("explain", "--b"), ["--batch"]),
        (("rules", "list", "--j"), ["--json"]),
    ],
)
def test_bash_offers_commands_and_options(words, offered):
    assert completed(*words) == offered


def test_bash_offers_programs_where_a_command_is_expected():
    assert "printf" in completed("exec", "print")


def test_every_command_is_offered_everywhere():
    for make in completions.FILES.values():
        assert all(name in make() for name in COMMANDS)
