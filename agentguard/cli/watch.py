"""``agentguard watch``: requests as they come, answered with one key."""

from __future__ import annotations

import os
import select
import sys
import termios
import time
import tty
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from agentguard.light import replace
from agentguard.passage import REFUSED

if TYPE_CHECKING:
    from rich.console import Console

    from agentguard.output_requests import Screen

#: seconds between two looks at what waits
_PAUSE = 0.4
_KEYS = {"\x1b[A": "k", "\x1b[B": "j", "\x1bOA": "k", "\x1bOB": "j", "\n": "\r", "\x03": "q", "\x04": "q", "\x1b": ""}


@click.command("watch")
def command() -> int:
    """Show requests as they come and answer them: j/k or arrows select, Enter shows all, a approves, d denies, q quits.

    Only a person at a terminal of their own can do this; a coding agent is refused (exit status 126).
    """
    from agentguard import output
    from agentguard.confirm import answering

    if not sys.stdout.isatty():
        output.error("watch needs a terminal; agentguard pending prints the list")
        return REFUSED
    try:
        answering.person()
    except answering.Refused as refused:
        output.error(str(refused))
        return REFUSED
    _watch()
    return 0


def _watch() -> None:
    from rich.console import Console

    from agentguard.output_requests import Screen

    screen = Screen(())
    console = Console(highlight=False)
    while True:
        screen, key = _until_answer(console, screen)
        if key == "q" or not screen.requests:
            return
        screen = _answer(screen, key)


def _until_answer(console: Console, screen: Screen) -> tuple[Screen, str]:
    """Show the screen until a key wants an answer given or the end."""
    from rich.live import Live

    from agentguard.output_requests import watched

    with _single_keys(), Live(console=console, screen=True, auto_refresh=False) as live:
        looked = 0.0
        while True:
            if time.monotonic() - looked >= _PAUSE:
                screen, looked = _refreshed(screen), time.monotonic()
                live.update(watched(screen, console.width, console.height), refresh=True)
            key = _key(_PAUSE)
            if key == "q" or (key in ("a", "d") and screen.requests):
                return screen, key
            if key:
                screen = replace(_moved(screen, key), news="")
                live.update(watched(screen, console.width, console.height), refresh=True)


def _refreshed(screen: Screen) -> Screen:
    """The requests as they are now; the selection stays on the request it was on."""
    from agentguard.confirm import requests

    waiting = tuple(requests.pending())
    before = screen.requests[screen.selected].id if screen.requests else ""
    places = {request.id: number for number, request in enumerate(waiting)}
    stays = before in places
    selected = places.get(before, max(0, min(screen.selected, len(waiting) - 1)))
    return replace(
        screen, requests=waiting, selected=selected, whole=screen.whole and stays,
        first_line=screen.first_line if stays else 0,
    )


def _moved(screen: Screen, key: str) -> Screen:
    step = {"j": 1, "k": -1}.get(key, 0)
    if key == "\r":
        return replace(screen, whole=not screen.whole and bool(screen.requests), first_line=0)
    if screen.whole:
        return replace(screen, first_line=max(0, screen.first_line + step))
    return replace(screen, selected=max(0, min(screen.selected + step, len(screen.requests) - 1)))


def _answer(screen: Screen, key: str) -> Screen:
    """Give the answer on the plain screen, where the whole request is shown and the rest is typed."""
    from agentguard.confirm import answering, requests

    request = screen.requests[screen.selected]
    try:
        if key == "a":
            answering.approve(request.id)
            news = f"approved {request.id}"
        else:
            requests.deny(request.id)
            news = f"denied {request.id}"
    except (answering.Refused, requests.RequestsError) as refused:
        news = str(refused)
    return replace(screen, whole=False, first_line=0, news=news)


@contextmanager
def _single_keys() -> Iterator[None]:
    """Keys come one by one and are not shown."""
    before = termios.tcgetattr(0)
    try:
        tty.setcbreak(0, termios.TCSADRAIN)
        mode = termios.tcgetattr(0)
        mode[3] &= ~termios.ISIG  # an interrupt is a key like q: the screen is put back first
        termios.tcsetattr(0, termios.TCSADRAIN, mode)
        yield
    finally:
        termios.tcsetattr(0, termios.TCSADRAIN, before)


def _key(seconds: float) -> str:
    """One key, or "" after so many seconds."""
    if not select.select([0], [], [], seconds)[0]:
        return ""
    try:
        typed = os.read(0, 1)
        if typed == b"\x1b" and select.select([0], [], [], 0.05)[0]:
            typed += os.read(0, 2)
    except OSError:
        return "q"
    text = typed.decode("ascii", "replace")
    return _KEYS.get(text, text) if typed else "q"
