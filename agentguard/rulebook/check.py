"""Checks pack files: ``python -m agentguard.rulebook.check [--prove] rules/x.toml …`` (all packs without a name).

The named files are read together with the installed packs, whose option tables and endpoints they may use. With
``--prove`` their examples are judged too. Exit status 1 where something is wrong.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from agentguard.rulebook.compile import Compiler
from agentguard.rulebook.installed import installed
from agentguard.rulebook.pack import Pack, read
from agentguard.rulebook.problem import Problem


def check(files: Sequence[str]) -> list[Problem]:
    """Every problem of these pack files."""
    named = {os.path.realpath(file) for file in files}
    others = [os.path.join(installed(), name) for name in sorted(os.listdir(installed())) if name.endswith(".toml")]
    compiler = Compiler()
    compiler.add(_packs([*(file for file in others if os.path.realpath(file) not in named), *files]))
    return [problem for problem in compiler.problems if os.path.realpath(problem.file) in named]


def _packs(files: Sequence[str]) -> list[Pack]:
    packs: list[Pack] = []
    for file in files:
        with open(file, "rb") as source:
            packs.append(read(file, source.read()))
    return packs


def main(arguments: Sequence[str]) -> int:
    files = [argument for argument in arguments if not argument.startswith("-")]
    if not files:
        files = [os.path.join(installed(), n) for n in sorted(os.listdir(installed())) if n.endswith(".toml")]
    problems = check(files)
    for problem in problems:
        sys.stdout.write(f"{problem}\n")
    if not problems:
        rules = sum(len(pack.rules) for pack in _packs(files))
        sys.stdout.write(f"{len(files)} packs, {rules} rules: nothing wrong\n")
    return 1 if problems else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
