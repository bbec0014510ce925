"""``agentguard exec``: run a command if the verdict lets it, as if the shell itself had been called."""

from __future__ import annotations

import os

import click

from agentguard.frontdoor import FrontDoor, describe, working_directory
from agentguard.passage import FAILED, caller, passes


@click.command("exec", context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.option("-c", "text", help="Run this command text instead of words.")
@click.argument("words", nargs=-1, type=click.UNPROCESSED)
def command(text: str | None, words: tuple[str, ...]) -> int:
    """Run a command: WORDS exactly as given, or the text of -c.

    Exit status 126: refused, nothing was run. 125: agentguard itself failed, nothing was run.
    """
    from agentguard.syntax.quoting import join

    if (text is None) == (not words):
        raise click.UsageError("give either the words of a command after --, or its text with -c")
    return run(text if text is not None else join(words))


def run(text: str) -> int:
    """Judge ``text`` and become the shell that runs it. Returns only where it does not run."""
    who = caller(working_directory(), os.environ)
    door = FrontDoor()
    answer = door.judge(text, cwd=who.cwd, env=who.env, attended=who.attended)
    if problems := door.problems:
        from agentguard.output import left_out

        left_out(problems)
    return passes(answer, who) or _become(answer.policy.shell, text)


def _become(shell: str, text: str) -> int:
    from agentguard.execution.shell import become, words_for
    from agentguard.output import error

    try:
        become(shell, words_for(shell, text))
    except (OSError, ValueError) as problem:
        error(f"cannot start {shell}: {describe(problem)}; nothing was run")
    return FAILED
