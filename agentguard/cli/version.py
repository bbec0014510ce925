"""``agentguard version``."""

from __future__ import annotations

import click

from agentguard import __version__


@click.command("version")
def command() -> None:
    """Print the version."""
    click.echo(f"agentguard {__version__}")
