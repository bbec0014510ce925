"""Python before 3.11.5 reads possessive groups wrongly: a failed attempt does not give its characters back."""

from __future__ import annotations

import re
from pathlib import Path

import agentguard

_POSSESSIVE_GROUP = re.compile(r"\)(?:\*\+|\+\+|\?\+|\{\d*,?\d*\}\+)|\(\?>")
_PATTERN_LINE = re.compile(r"re\.compile|\(\?[:P]|\br[f]?[\"']")


def test_no_pattern_needs_possessive_groups() -> None:
    package = Path(agentguard.__file__).parent
    found = [
        f"{file.relative_to(package)}:{number}"
        for file in sorted(package.rglob("*.py"))
        for number, line in enumerate(file.read_text().splitlines(), 1)
        if _PATTERN_LINE.search(line) and _POSSESSIVE_GROUP.search(line)
    ]
    assert found == []


def test_a_word_may_begin_with_an_escaped_character() -> None:
    from agentguard.syntax.nodes import Simple, Text
    from agentguard.syntax.parser import parse

    command = parse("echo \\$HOME").statements[0].command
    assert isinstance(command, Simple)
    assert [p.value for p in command.words[1].parts if isinstance(p, Text)] == ["$", "HOME"]
