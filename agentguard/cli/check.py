"""``agentguard check``: the verdict as an exit status, silently."""

from __future__ import annotations

import os

import click

from agentguard.cli.main import FAILED
from agentguard.frontdoor import FrontDoor, working_directory
from agentguard.judge import ALLOW, ASK, BLOCK

STATUS = {ALLOW: 0, ASK: 1, BLOCK: 2}


@click.command("check")
@click.argument("text", nargs=-1, required=True)
def command(text: tuple[str, ...]) -> int:
    """Judge TEXT silently; nothing is run.

    Exit status 0: it would run. 1: a person would be asked. 2: it is blocked. 125: agentguard failed.
    """
    from agentguard.syntax.quoting import command_text

    answer = FrontDoor().judge(command_text(text), cwd=working_directory(), env=os.environ)
    if answer.failure:
        from agentguard.output import error

        error(answer.failure)
        return FAILED
    return STATUS[answer.verdict.decision]
