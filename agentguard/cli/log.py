"""``agentguard log``: what was judged, and whether the record of it is whole."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime

import click

from agentguard import audit_reading as reading
from agentguard.audit_reading import Entry, Line, Wanted
from agentguard.cli.main import FAILED
from agentguard.frontdoor import describe, working_directory
from agentguard.policy import user_state


@click.group("log", invoke_without_command=True)
@click.option("--verdict", type=click.Choice(["allow", "ask", "block"]), help="Only commands with this verdict.")
@click.option("--rule", help="Only commands with a finding whose rule fits this glob.")
@click.option("--since", help="Only from this time on: 30m, 2h, 7d, or 2026-01-31, a day in UTC.")
@click.option("--harness", help="Only commands of this harness.")
@click.option("--cwd", help="Only commands in this directory or below it.")
@click.option("--grep", help="Only commands with this text in them, in upper or lower case.")
@click.option("-n", "count", metavar="N", type=click.IntRange(min=1), default=50, help="So many lines; default 50.")
@click.option("--json", "as_json", is_flag=True, help="Print the lines as they are in the log.")
@click.option("--follow", is_flag=True, help="Go on with new lines as they are written.")
@click.option("--stats", is_flag=True, help="Count instead: verdicts, rules, prompts per 100 commands.")
@click.pass_context
def command(
    context: click.Context, /, count: int, as_json: bool, follow: bool, stats: bool, **asked: str | None
) -> int:
    """Show the commands that were judged and how they were answered, the latest last.

    Secrets that can be recognised are not in the log. Times are in UTC.
    """
    if context.invoked_subcommand is not None:
        return 0
    wanted = _wanted(**asked)
    directory = user_state()
    try:
        if stats:
            from agentguard.output_log import log_statistics

            log_statistics(reading.statistics(directory, wanted))
            return 0
        before = reading.newest(directory) if follow else 0
        shown = reading.last(directory, wanted, count)
        _show(shown, as_json)
        if follow:
            known = max([before, *(reading.number(entry) for _, entry in shown)])
            for found in reading.follow(directory, wanted, known):
                _show([found], as_json)
    except BrokenPipeError:
        return _reader_left()
    except SystemExit:  # how rich says the same; it has closed the output already
        return 0
    except OSError as error:
        return _unreadable(error)
    return 0


@command.command("verify")
def verify() -> int:
    """Follow the chain through the whole log and name the first line that is not as it was written.

    Found are lines that were altered, removed, added or moved, a missing file, and an end that was cut off. Exit
    status 0: all is as it was written; 1: it is not; 125: the log cannot be read.

    What this cannot find: whoever has your user id can write the whole log anew, hashes included. The remedy is a
    copy elsewhere, on a machine or under a user that commands run here cannot reach.
    """
    from agentguard import audit_verify, output

    try:
        report = audit_verify.verify(user_state())
    except OSError as error:
        return _unreadable(error)
    for note in report.notes:
        click.echo(output.line(note, 600))
    if report.problem:
        output.error(f"log: {report.problem}")
        return 1
    click.echo(f"{report.lines} {'line' if report.lines == 1 else 'lines'} verified: all as they were written")
    return 0


def _wanted(**asked: str | None) -> Wanted:
    given = {name: value for name, value in asked.items() if value}
    if "since" in given:
        try:
            given["since"] = reading.since(given["since"], datetime.now(UTC))
        except ValueError as error:
            raise click.BadParameter(str(error), param_hint="--since") from error
    if "cwd" in given:
        given["cwd"] = os.path.normpath(os.path.join(working_directory(), given["cwd"]))
    return Wanted(**given)


def _show(found: list[tuple[Line, Entry]], as_json: bool) -> None:
    if as_json:
        sys.stdout.writelines(f"{text}\n" for text in _raw(found))
    else:
        from agentguard.output_log import log_lines

        log_lines(entry for _, entry in found)
    sys.stdout.flush()


def _raw(found: list[tuple[Line, Entry]]) -> Iterator[str]:
    """The lines as they are. One with characters that we never write is written anew, so that none acts on a screen."""
    for line, entry in found:
        text = line.raw.decode("utf-8", "replace")
        yield text if text.isascii() and text.isprintable() else json.dumps(entry).replace("\x7f", "\\u007f")


def _reader_left() -> int:
    """Whoever read our output (``| head``) has gone; nothing more is written, not even at the end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _unreadable(error: OSError) -> int:
    from agentguard import output

    output.error(f"the audit log cannot be read: {describe(error)}")
    return FAILED
