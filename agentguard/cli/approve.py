"""``agentguard approve``: let a command run that was asked about."""

from __future__ import annotations

import re

import click

from agentguard.passage import REFUSED

_UNITS = {"": 1, "m": 1, "min": 1, "h": 60}


def minutes_of(text: str) -> int:
    """``30m``, ``2h``, ``45``: whole minutes."""
    found = re.fullmatch(r"(\d{1,4})(m|min|h)?", text.strip())
    if found is None or int(found[1]) == 0:
        raise click.BadParameter(f"{text!r} is not a time such as 30m or 2h")
    return int(found[1]) * _UNITS[found[2] or ""]


def _minutes(count: int) -> str:
    return "minute" if count == 1 else f"{count} minutes"


@click.command("approve")
@click.option("--for", "minutes", type=minutes_of, metavar="TIME", help="Let the same operations run so long: 30m.")
@click.argument("identity", metavar="ID")
def command(identity: str, minutes: int | None) -> int:
    """Show request ID and, after your yes, let its command run once.

    Only a person at a terminal of their own can do this; a coding agent is refused (exit status 126).
    """
    from agentguard import output
    from agentguard.confirm import answering

    try:
        request = answering.approve(identity, minutes=minutes or 0)
    except answering.Refused as refused:
        output.error(str(refused))
        return REFUSED
    good = round((request.until - (request.decided or request.until)) / 60)
    standing = f", and the same operations for {minutes} minutes" if minutes else ""
    click.echo(f"approved {request.id}: the same command can run once in the next {_minutes(good)}{standing}")
    return 0
