"""``agentguard uninstall``: take away what ``agentguard install`` put there."""

from __future__ import annotations

import os

import click

from agentguard.cli.main import FAILED


@click.group("uninstall")
def command() -> None:
    """Take away what agentguard install put there."""


@command.command("git-hook")
def git_hook() -> int:
    """Take the hook of this repository away, and put back the one that was there before."""
    from agentguard import output
    from agentguard.scan import githook

    try:
        said = githook.uninstall(githook.find(os.getcwd(), os.environ))
    except githook.HookError as error:
        output.error(f"{error}; nothing was changed")
        return FAILED
    click.echo(output.visible(said))
    return 0
