"""``agentguard exec``: run a command if the verdict lets it, as if the shell itself had been called."""

from __future__ import annotations

import os

import click

from agentguard.cli.main import FAILED
from agentguard.frontdoor import Answer, FrontDoor, describe, working_directory
from agentguard.judge import ALLOW, ASK

REFUSED = 126


@click.command("exec", context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.option("-c", "text", help="Run this command text instead of words.")
@click.argument("words", nargs=-1, type=click.UNPROCESSED)
def command(text: str | None, words: tuple[str, ...]) -> int:
    """Run a command: WORDS exactly as given, or the text of -c.

    Exit status 126: refused, nothing was run. 125: agentguard itself failed, nothing was run.
    """
    from agentguard.execution.shell import join

    if (text is None) == (not words):
        raise click.UsageError("give either the words of a command after --, or its text with -c")
    return run(text if text is not None else join(words))


def run(text: str) -> int:
    """Judge ``text`` and become the shell that runs it. Returns only where it does not run."""
    from agentguard.confirm import terminal

    env = os.environ
    attended = terminal.attended(env)
    door = FrontDoor()
    answer = door.judge(text, cwd=working_directory(), env=env, attended=attended)
    if problems := door.problems:
        from agentguard.output import left_out

        left_out(problems)
    if answer.verdict.decision != ALLOW:
        for warning in answer.policy.warnings:
            from agentguard.output import error

            error(warning)
    if not _may_run(answer, attended):
        from agentguard.output import refusal

        refusal(answer)
        return FAILED if answer.failure else REFUSED
    return _become(answer.policy.shell, text)


def _may_run(answer: Answer, attended: bool) -> bool:
    decision = answer.verdict.decision
    if decision == ASK and attended and not answer.failure:
        from agentguard.confirm import terminal

        return terminal.ask(answer)
    return decision == ALLOW


def _become(shell: str, text: str) -> int:
    from agentguard.execution.shell import become
    from agentguard.output import error

    try:
        become(shell, text)
    except (OSError, ValueError) as problem:
        error(f"cannot start {shell}: {describe(problem)}; nothing was run")
    return FAILED
