"""Checks pack files: ``python -m agentguard.rulebook.check [--prove] rules/x.toml …`` (all packs without a name).

The named files are read together with the installed packs, whose option tables and endpoints they may use. With
``--prove`` their examples are judged too. Exit status 1 where something is wrong.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence

from agentguard.programs.option_table import nested
from agentguard.rulebook.compile import Compiler
from agentguard.rulebook.installed import installed
from agentguard.rulebook.load import Rulebook
from agentguard.rulebook.pack import Pack, read
from agentguard.rulebook.problem import Problem


def check(files: Sequence[str]) -> list[Problem]:
    """Every problem of these pack files."""
    named = {os.path.realpath(file) for file in files}
    others = _installed()
    compiler = Compiler()
    compiler.add(_packs([*(file for file in others if os.path.realpath(file) not in named), *files]))
    return [problem for problem in compiler.problems if os.path.realpath(problem.file) in named]


def doubts(files: Sequence[str]) -> list[Problem]:
    """What loads and can hardly be meant."""
    found: list[Problem] = []
    for pack in _packs(files):
        for raw in pack.programs:
            name = " ".join(_options(raw.get("names", ())))
            found += (Problem(pack.file, 0, f"program {name}: {reason}") for reason in doubtful(raw))
    return found


def doubtful(raw: Mapping[str, object]) -> Iterator[str]:
    """Options listed in two ways on one level."""
    seen: dict[str, str] = {}
    for key in ("value", "optional", "pair", "flag"):
        for option in _options(raw.get(key, ())):
            if seen.setdefault(option, key) != key:
                yield f"{option} is listed under {seen[option]} and under {key}"
    if "sub" in raw:
        for word, level in nested(raw["sub"]).items():
            yield from (f"{word}: {reason}" for reason in doubtful(level))


def _options(value: object) -> list[str]:
    if isinstance(value, str):
        return value.split()
    return list(map(str, value)) if isinstance(value, (list, tuple)) else []


def _packs(files: Sequence[str]) -> list[Pack]:
    packs: list[Pack] = []
    for file in files:
        with open(file, "rb") as source:
            packs.append(read(file, source.read()))
    return packs


def main(arguments: Sequence[str]) -> int:
    files = [argument for argument in arguments if not argument.startswith("-")]
    if not files:
        files = _installed()
    problems = check(files)
    suspicious = doubts(files)
    for problem in (*problems, *suspicious):
        sys.stdout.write(f"{problem}\n")
    if problems:
        return 1
    identities = {str(record["id"]) for pack in _packs(files) for record in pack.rules}
    sys.stdout.write(f"{len(files)} packs, {len(identities)} rules: {'they load' if suspicious else 'nothing wrong'}\n")
    proved = _prove(files, identities) if "--prove" in arguments else 0
    return max(proved, int(bool(suspicious)))


def _prove(files: Sequence[str], identities: set[str]) -> int:
    """Judge the examples of the named packs; the other installed packs that can be used take part."""
    from agentguard.rulebook.load import compiled
    from agentguard.rulebook.prove import prove

    named = {os.path.realpath(file) for file in files}
    others = [file for file in _installed() if os.path.realpath(file) not in named and not check([file])]
    rulebook = Rulebook.of(compiled([*others, *files]))
    failures = 0
    for failure in prove([rule for rule in rulebook.rules if rule.id in identities], rulebook):
        failures += 1
        sys.stdout.write(f"{failure}\n")
    sys.stdout.write(f"{failures} examples fail\n" if failures else "every example comes out as it says\n")
    return 1 if failures else 0


def _installed() -> list[str]:
    directory = installed()
    return [os.path.join(directory, name) for name in sorted(os.listdir(directory)) if name.endswith(".toml")]


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
