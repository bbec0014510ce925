"""``agentguard completions``: files that let bash, zsh and fish complete our command line without starting us.

They are made from the click commands: ``python -m agentguard.cli.completions`` writes the files in ``completions/``;
with ``--check`` it writes nothing and fails where one of them is not what would be written.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Final

import click

from agentguard.cli import writing
from agentguard.cli.completing import bash, fish, zsh
from agentguard.cli.completing.tree import Place, places, rule_names
from agentguard.cli.main import FAILED, cli

FOLDER = Path(__file__).parents[2] / "completions"
NOTE: Final = "made by: python -m agentguard.cli.completions"
_SCRIPTS: Final[Mapping[str, Callable[[Sequence[Place], Mapping[str, list[str]], str], str]]] = {
    "bash": bash.script,
    "zsh": zsh.script,
    "fish": fish.script,
}
#: shell → the file in the repository, and the variable, the default below the home directory and the place below both
#: where the file of a user lies
_FILES: Final = {"bash": "agentguard.bash", "zsh": "_agentguard", "fish": "agentguard.fish"}
_PLACES: Final = {
    "bash": ("XDG_DATA_HOME", ".local/share", "bash-completion/completions/agentguard"),
    "zsh": ("XDG_DATA_HOME", ".local/share", "zsh/site-functions/_agentguard"),
    "fish": ("XDG_CONFIG_HOME", ".config", "fish/completions/agentguard.fish"),
}
_SHELL = click.option("--shell", type=click.Choice(tuple(_SCRIPTS)), help="For this shell; default: yours, by $SHELL.")


@click.group("completions")
def command() -> None:
    """Install completions for bash, zsh or fish, for you alone."""


@command.command("install")
@_SHELL
@click.option("--print", "prints", is_flag=True, help="Print the file instead; nothing is written.")
def install(shell: str | None, prints: bool) -> int:
    """Write the completions to where your shell looks for them, and say what is left to do."""
    from agentguard import output

    name = shell or _own_shell()
    if prints:
        click.echo(script(name), nl=False)
        return 0
    path = _path(name)
    if os.path.lexists(path) and not _is_ours(path):
        output.error(f"{path} is not a file of agentguard's; nothing was written")
        return FAILED
    writing.put(path, script(name))
    click.echo(f"written to {path}")
    for line in _left_to_do(name, path):
        click.echo(line)
    return 0


@command.command("uninstall")
@_SHELL
def uninstall(shell: str | None) -> int:
    """Remove what install wrote."""
    from agentguard import output

    name = shell or _own_shell()
    path = _path(name)
    if not os.path.lexists(path):
        click.echo(f"there is no {path}")
        return 0
    if not _is_ours(path):
        output.error(f"{path} is not a file of agentguard's; it was left where it is")
        return FAILED
    os.unlink(path)
    click.echo(f"removed {path}")
    if name == "zsh":
        click.echo("zsh keeps a list of completions: rm ~/.zcompdump* and start a new shell")
    return 0


def script(shell: str) -> str:
    """The completions for ``bash``, ``zsh`` or ``fish``."""
    return _SCRIPTS[shell](_places(), _rules(), NOTE)


@cache
def _places() -> tuple[Place, ...]:
    return tuple(places(cli))


@cache
def _rules() -> Mapping[str, list[str]]:
    return rule_names()


def _own_shell() -> str:
    name = os.path.basename(os.environ.get("SHELL", ""))
    if name not in _SCRIPTS:
        raise click.UsageError(f"there are completions for {', '.join(_SCRIPTS)}: say which with --shell")
    return name


def _path(shell: str) -> str:
    """Where a shell looks; by the variables that the shell itself goes by."""
    variable, default, below = _PLACES[shell]
    base = os.environ.get(variable, "")
    if not os.path.isabs(base):
        base = os.path.join(os.path.expanduser("~"), default)
    return os.path.join(base, below)


def _is_ours(path: str) -> bool:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return NOTE in file.read(200)
    except FileNotFoundError:  # a link to nowhere
        return False


def _left_to_do(shell: str, path: str) -> Iterator[str]:
    """What a person has to do besides, line by line."""
    import shlex

    folder = os.path.dirname(path)
    if shell == "fish":
        yield "fish finds it by itself"
    elif shell == "bash":
        yield "A new bash finds it through the package bash-completion. Without that package, add to ~/.bashrc:"
        yield f"    . {shlex.quote(path)}"
    elif _mentioned(folder):
        yield "your .zshrc names the directory already; start a new shell"
    else:
        yield "Add to ~/.zshrc, before any line with compinit, and start a new shell:"
        yield f"    fpath=({shlex.quote(folder)} $fpath)"
        yield "    autoload -Uz compinit && compinit"


def _mentioned(folder: str) -> bool:
    home = os.path.expanduser("~")
    place = os.path.join(os.environ.get("ZDOTDIR") or home, ".zshrc")
    try:
        with open(place, encoding="utf-8", errors="replace") as file:
            lines = [line for line in file if not line.lstrip().startswith("#")]
    except OSError:
        return False
    spelled = [folder, *(sign + folder.removeprefix(home) for sign in ("~", "$HOME") if folder.startswith(home))]
    return any(name in line for line in lines for name in spelled)


def main(arguments: Sequence[str]) -> int:
    """Write the files, or with ``--check`` name those that are not current."""
    stale = [name for shell, name in _FILES.items() if _content(name) != script(shell)]
    if "--check" in arguments:
        for name in stale:
            print(f"completions/{name} is not current; run python -m agentguard.cli.completions", file=sys.stderr)
        return 1 if stale else 0
    FOLDER.mkdir(exist_ok=True)
    for shell, name in _FILES.items():
        if name in stale:
            (FOLDER / name).write_text(script(shell))
    return 0


def _content(name: str) -> str | None:
    path = FOLDER / name
    return path.read_text() if path.exists() else None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
