"""What agents write, and scripts that stand on this machine: bash accepts what we accept, and both readings agree."""

from __future__ import annotations

import os
import stat
import subprocess
from functools import lru_cache
from pathlib import Path

import pytest

from agentguard.syntax.errors import ShellSyntaxError
from agentguard.syntax.parser import parse
from agentguard.syntax.text import LIMIT, check
from agentguard.syntax.witness import agree

MOST = 300
_SHEBANGS = (b"#!/bin/sh", b"#! /bin/sh", b"#!/bin/bash", b"#!/usr/bin/env bash", b"#!/usr/bin/bash", b"#!/bin/dash")


@lru_cache(maxsize=1)
def scripts() -> tuple[tuple[str, str], ...]:
    """An even sample of the shell scripts and completions under ``/etc`` and ``/usr`` that bash can read."""
    found: list[tuple[str, str]] = []
    for root in ("/etc", "/usr"):
        for directory, _, names in sorted(os.walk(root)):
            for name in sorted(names):
                text = _shell_text(Path(directory, name))
                if text:
                    found.append((os.path.join(directory, name), text))
    step = max(1, len(found) // MOST)
    return tuple(found[::step][:MOST])


def _shell_text(path: Path) -> str:
    try:
        facts = path.lstat()
        named = path.suffix in (".sh", ".bash") or path.parent.name == "completions"
        if (
            not stat.S_ISREG(facts.st_mode)
            or not (named or facts.st_mode & 0o111)
            or not 0 < facts.st_size < LIMIT // 8
        ):
            return ""
        with path.open("rb") as stream:
            head = stream.read(32)
            script = head.startswith(_SHEBANGS) and b"python" not in head
            if not (script or named):
                return ""
            data = head + stream.read()
        # Some installers are Python below a line of shell.
        return "" if b"\n'''" in data[:400] else data.decode()
    except (OSError, UnicodeDecodeError):
        return ""


def bash_accepts(text: str) -> bool:
    done = subprocess.run(["/bin/bash", "-n"], input=text.encode(), capture_output=True, check=False)
    return done.returncode == 0


@pytest.mark.parametrize("text", Path(__file__).with_name("agent_commands.txt").read_text().split("\n%%\n"))
def test_both_readings_agree_on_what_agents_write(text: str) -> None:
    check(text)
    agree(text, parse(text))
    assert bash_accepts(text)


def test_both_readings_agree_on_real_scripts() -> None:
    refused: list[str] = []
    valid = 0
    for path, text in scripts():
        try:
            agree(text, parse(text))
            problem = ""
        except ShellSyntaxError as error:
            problem = f"{path}: {error.kind}: {error.reason} at {error.span}"
        accepted = bash_accepts(text)
        assert accepted or problem, f"bash does not accept {path}, but we do"
        valid += accepted
        if accepted and problem:
            refused.append(problem)
    assert valid >= 20, "there are too few scripts on this machine to say anything"
    assert len(refused) <= valid * 0.01, refused
