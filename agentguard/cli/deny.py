"""``agentguard deny``: refuse a command that was asked about, or take an approval back."""

from __future__ import annotations

import click


@click.command("deny")
@click.argument("identity", metavar="ID")
@click.argument("reason", nargs=-1)
def command(identity: str, reason: tuple[str, ...]) -> int:
    """Refuse request ID; REASON is shown to whoever asked. Also takes back an approval, with what stands through it."""
    from agentguard.confirm import requests

    request = requests.deny(identity, " ".join(reason)[:300])
    click.echo(f"denied {request.id}" if request.state == requests.DENIED else f"{request.id} stands no longer")
    return 0
