"""The files of completions: current, complete, and installed for a user."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import click
import pytest
from other_home import ROOT, environment

from agentguard.cli import completions
from agentguard.cli.completing.tree import DIRECTORIES, FILES, RULES, places
from agentguard.rulebook.load import load


def test_the_files_are_current():
    assert completions.main(["--check"]) == 0


def test_a_stale_file_is_named(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(completions, "FOLDER", tmp_path)
    assert completions.main(["--check"]) == 1
    assert "completions/agentguard.bash is not current" in capsys.readouterr().err
    assert completions.main([]) == 0
    assert completions.main(["--check"]) == 0


def test_what_is_added_to_the_program_appears_by_itself():
    @click.group()
    def program() -> None:
        pass

    @program.command("sweep")
    @click.option("--format", type=click.Choice(["text", "json"]), help="How it is shown.")
    @click.option("--into", type=click.Path(file_okay=False))
    @click.option("--rule", multiple=True)
    @click.option("--all/--none", "everything")
    @click.option("--secret", hidden=True)
    @click.argument("files", nargs=-1)
    def sweep(**_: object) -> None:
        """Sweeps."""

    top, place = places(program)
    assert top.children == (("sweep", "Sweeps."),)
    values = {option.spellings: option.values for option in place.options}
    assert values == {
        ("--format",): ("text", "json"),
        ("--into",): (DIRECTORIES,),
        ("--rule",): (RULES,),
        ("--all", "--none"): None,
        ("--help",): None,
    }
    assert [(item.values, item.many) for item in place.arguments] == [((FILES,), True)]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_every_rule_is_in_every_file(shell):
    words = set(completions.script(shell).replace('"', " ").replace(")", " ").replace("(", " ").split())
    assert all(rule.id.partition(".")[2] in words for rule in load().rules)


def run(home: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    """The real program for a user whose shell is zsh."""
    env = environment(**{"HOME": str(home), "SHELL": "/bin/zsh", "PYTHONPATH": ROOT, **more})
    for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "ZDOTDIR"):
        if name not in more:
            env.pop(name, None)
    command = [sys.executable, "-m", "agentguard", "completions", *arguments]
    return subprocess.run(command, cwd=home, env=env, capture_output=True, text=True)


@pytest.mark.parametrize(
    ("shell", "place"),
    [
        ("bash", ".local/share/bash-completion/completions/agentguard"),
        ("zsh", ".local/share/zsh/site-functions/_agentguard"),
        ("fish", ".config/fish/completions/agentguard.fish"),
    ],
)
def test_install_writes_the_file_and_uninstall_removes_it(tmp_path, shell, place):
    done = run(tmp_path, "install", "--shell", shell)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / place).read_text() == completions.script(shell)
    assert str(tmp_path / place) in done.stdout
    assert run(tmp_path, "install", "--shell", shell).returncode == 0
    assert sorted(os.listdir((tmp_path / place).parent)) == [Path(place).name]

    done = run(tmp_path, "uninstall", "--shell", shell)
    assert (done.returncode, done.stdout.splitlines()[0]) == (0, f"removed {tmp_path / place}")
    assert not (tmp_path / place).exists()
    assert run(tmp_path, "uninstall", "--shell", shell).returncode == 0


def test_print_writes_nothing(tmp_path):
    done = run(tmp_path, "install", "--shell", "bash", "--print")
    assert done.stdout == completions.script("bash")
    assert not list(tmp_path.iterdir())


def test_the_shell_is_that_of_the_user_and_is_asked_for_where_it_is_another(tmp_path):
    assert "#compdef agentguard" in run(tmp_path, "install", "--print").stdout
    done = run(tmp_path, "install", SHELL="/bin/tcsh")
    assert done.returncode == 125
    assert "--shell" in done.stderr and not list(tmp_path.iterdir())


def test_zsh_is_told_of_the_directory_until_zshrc_names_it(tmp_path):
    folder = tmp_path / ".local/share/zsh/site-functions"
    assert f"fpath=({folder} $fpath)" in run(tmp_path, "install").stdout
    (tmp_path / ".zshrc").write_text("# fpath=(~/.local/share/zsh/site-functions $fpath)\n")
    assert "fpath=(" in run(tmp_path, "install").stdout
    (tmp_path / ".zshrc").write_text("fpath=(~/.local/share/zsh/site-functions $fpath)\ncompinit\n")
    assert "fpath=(" not in run(tmp_path, "install").stdout


def test_the_variables_of_the_shells_are_followed(tmp_path):
    run(tmp_path, "install", "--shell", "fish", XDG_CONFIG_HOME=str(tmp_path / "conf"))
    assert (tmp_path / "conf/fish/completions/agentguard.fish").is_file()
    run(tmp_path, "install", "--shell", "bash", XDG_DATA_HOME="not/absolute")
    assert (tmp_path / ".local/share/bash-completion/completions/agentguard").is_file()


@pytest.mark.parametrize("action", ["install", "uninstall"])
def test_a_file_of_somebody_else_is_left_alone(tmp_path, action):
    place = tmp_path / ".local/share/bash-completion/completions/agentguard"
    place.parent.mkdir(parents=True)
    place.write_text("# my own\n")
    done = run(tmp_path, action, "--shell", "bash")
    assert done.returncode == 125
    assert str(place) in done.stderr
    assert place.read_text() == "# my own\n"
