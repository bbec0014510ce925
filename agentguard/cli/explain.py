"""``agentguard explain``: what a command would do, and why that is allowed or not. Runs nothing."""

from __future__ import annotations

import base64
import binascii
import json
import os
import re
import sys
from collections.abc import Mapping

import click

from agentguard import record
from agentguard.frontdoor import FrontDoor, describe, working_directory
from agentguard.judge import ASK, Verdict


@click.command("explain")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object with invocations and operations.")
@click.option("--batch", is_flag=True, help="Read JSON Lines on standard input, answer each on standard output.")
@click.argument("text", nargs=-1)
def command(as_json: bool, batch: bool, text: tuple[str, ...]) -> int:
    """Explain the verdict on TEXT, a shell command; nothing is run.

    One argument is taken as command text; several are taken as the words of one command.
    """
    if batch:
        return _batch()
    if not text:
        raise click.UsageError("give a command after --, or --batch")
    from agentguard.syntax.quoting import command_text

    door = FrontDoor()
    answer = door.judge(command_text(text), cwd=working_directory(), env=os.environ)
    if as_json:
        click.echo(json.dumps(record.answer(answer), indent=2))
    else:
        from agentguard.output import explanation, left_out

        explanation(answer)
        left_out(door.problems)
    return 0


def _batch() -> int:
    door = FrontDoor()
    home = working_directory()
    for raw in sys.stdin.buffer:
        if not raw.strip():
            continue
        sys.stdout.write(json.dumps(answer_line(raw, door, home)) + "\n")
        sys.stdout.flush()
    return 0


def answer_line(raw: bytes, door: FrontDoor, home: str) -> dict[str, record.Json]:
    """The answer to one line of the batch protocol. A line that makes no sense is answered with ``ask``."""
    identity: record.Json = None
    try:
        identity = _guess_identity(raw)
        item = json.loads(raw)
        if not isinstance(item, dict):
            raise ValueError("the line is not a JSON object")
        identity = item.get("id")
        text, cwd, env = _request(item, home)
    except (ValueError, RecursionError) as error:
        reason = f"bad line: {describe(error)}"
        return {"id": identity, **record.verdict(Verdict(ASK, False, (), reason)), "error": reason}
    answer = door.judge(text, cwd=cwd, env=env)
    failure: dict[str, record.Json] = {"error": answer.failure} if answer.failure else {}
    return {"id": identity, **record.verdict(answer.verdict), **failure}


def _guess_identity(raw: bytes) -> str | int | None:
    """The id of a line that may not be JSON, so that the answer can still be matched to it."""
    found = re.search(rb'"id"\s*:\s*("(?:[^"\\]|\\.)*"|\d+)', raw[:4096])
    guess = json.loads(found[1]) if found else None
    return guess if isinstance(guess, str | int) else None


def _request(item: Mapping[str, object], home: str) -> tuple[str, str, Mapping[str, str]]:
    text, encoded = item.get("command"), item.get("command_b64")
    if isinstance(encoded, str) and text is None:
        try:
            text = base64.b64decode(encoded, validate=True).decode("utf-8", "surrogateescape")
        except binascii.Error as error:
            raise ValueError(f"command_b64: {error}") from error
    if not isinstance(text, str):
        raise ValueError("command must be a string")
    cwd = item.get("cwd") or home
    if not isinstance(cwd, str):
        raise ValueError("cwd must be a string")
    changes = item.get("env") or {}
    if not isinstance(changes, dict) or not all(isinstance(value, str | None) for value in changes.values()):
        raise ValueError("env must map names to strings")
    env = {**os.environ, **changes}
    return text, os.path.join(home, cwd), {name: value for name, value in env.items() if value is not None}
