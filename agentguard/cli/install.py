"""``agentguard install``: put agentguard where it is asked before something happens."""

from __future__ import annotations

import os
import sys

import click

from agentguard.cli.main import FAILED


@click.group("install")
def command() -> None:
    """Put agentguard where it is asked before something happens."""


@command.command("git-hook")
def git_hook() -> int:
    """Scan what is staged before each commit in this repository.

    A hook that is there already is kept as pre-commit.local and runs first.
    """
    from agentguard import output
    from agentguard.scan import githook

    # -P: the hook starts in the work tree, whose files must not be taken for modules
    program = [sys.executable, "-P", "-m", "agentguard", "scan", "--staged", "--fail-on", "high"]
    try:
        place = githook.find(os.getcwd(), os.environ)
        said = githook.install(place, program)
    except githook.HookError as error:
        output.error(f"{error}; nothing was changed")
        return FAILED
    click.echo(output.visible(said))
    if place.shared:
        click.echo("core.hooksPath says where it lies: it runs for every repository with that setting")
    return 0
