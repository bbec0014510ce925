"""``agentguard shell-dir``: a directory whose ``bash``, ``sh`` and ``zsh`` are agentguard's shell.

For harnesses that want a shell of a certain name, or look for it along PATH. The entries start Python without its site
packages and without looking at the environment (``-I -S``), which is the fastest and the least that can be bent.
"""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec

import click

from agentguard.cli.main import FAILED
from agentguard.cli.writing import put
from agentguard.policy import user_home

#: below the home directory, where the rules of self-protection guard it
DEFAULT = ".local/share/agentguard/shell"
_NEEDED = ("agentguard", "bashlex", "graphql", "sqlglot")
#: the kernel cuts off a longer first line of a script
_LONGEST = 126
_ENTRY = """\
#!{python} -IS
# agentguard's shell, made by: agentguard shell-dir
bundle = {bundle!r}{loader}
sys.path += {path!r}
from agentguard.cli.shell import main
main()
"""


@click.command("shell-dir")
@click.argument("directory", required=False, type=click.Path(file_okay=False))
def command(directory: str | None) -> int:
    """Make a directory with the shells bash, sh and zsh, and print its path.

    Point the harness at DIRECTORY/bash, or put DIRECTORY first on the PATH that the harness starts with. Without
    DIRECTORY it is ~/.local/share/agentguard/shell.
    """
    from agentguard import output
    from agentguard.execution import bundle, real

    place = os.path.abspath(directory or os.path.join(user_home(), DEFAULT))
    python = sys.executable
    if len(python) > _LONGEST or any(character.isspace() for character in python):
        output.error(f"{python} cannot stand in the first line of a script: install agentguard below a shorter path")
        return FAILED
    path = _path()
    os.makedirs(place, mode=0o755, exist_ok=True)
    bundled = os.path.join(place, "code.bundle")
    bundle.write(bundled, path)
    text = _ENTRY.format(python=python, path=path, bundle=bundled, loader=bundle.LOADER)
    for name in ("bash", "sh", "zsh"):
        try:
            real.find(name, "/bin/bash")
        except OSError:
            continue  # a harness must not find a shell that is not there
        put(os.path.join(place, name), text, 0o755)
    click.echo(place)
    return 0


def _path() -> list[str]:
    """The directories that our program and what it needs are in."""
    places: list[str] = []
    for name in _NEEDED:
        spec = find_spec(name)
        if spec is not None and spec.origin is not None:
            place = os.path.dirname(os.path.dirname(spec.origin))
            if place not in places:
                places.append(place)
    return places
