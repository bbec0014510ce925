"""``agentguard passphrase``: ask for a passphrase besides each approval."""

from __future__ import annotations

from collections.abc import Callable

import click

from agentguard.passage import REFUSED


@click.group("passphrase")
def command() -> None:
    """A passphrase that approving asks for, so that nothing which merely types can approve."""


@command.command("set")
def set_() -> int:
    """Set a passphrase, or change it (the old one is asked for first)."""
    return _as_person(_set)


@command.command("remove")
def remove() -> int:
    """Ask for no passphrase any more (it is asked for a last time)."""
    return _as_person(_remove)


def _set() -> str:
    from agentguard.confirm import passphrase

    passphrase.ask()
    words = passphrase.prompt("new passphrase: ")
    if passphrase.prompt("again: ") != words:
        raise passphrase.PassphraseError("these are two different passphrases; nothing was changed")
    passphrase.store(words)
    return "approving asks for the passphrase from now on"


def _remove() -> str:
    from agentguard.confirm import passphrase

    if not passphrase.is_set():
        return "no passphrase is set"
    passphrase.ask()
    passphrase.remove()
    return "approving asks for no passphrase any more"


def _as_person(change: Callable[[], str]) -> int:
    from agentguard import output
    from agentguard.confirm import answering, passphrase

    try:
        answering.person()
        click.echo(change())
    except (answering.Refused, passphrase.PassphraseError) as refused:
        output.error(str(refused))
        return REFUSED
    return 0
