"""Every format through the program: what is found and where, to the column, and what is said to be unread.

``formats/*.txt`` hold files one after the other: ``==== PATH``, or ``==== PATH as ENCODING``; a line
``==!! LINE:COLUMN MESSAGE`` for each piece that cannot be read; then the file. A line ``#  ^`` is no part of it: the
sign stands below the place of a finding (``#^4``: in column 4). All of them destroy a database, so that each format
shows it.
"""

from __future__ import annotations

import codecs
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from scan.projects import Project

FORMATS = Path(__file__).with_name("formats")
ENCODINGS: dict[str, Callable[[str], bytes]] = {
    "": str.encode,
    "crlf": lambda text: text.replace("\n", "\r\n").encode(),
    "bom": lambda text: codecs.BOM_UTF8 + text.encode(),
    "utf-16": lambda text: codecs.BOM_UTF16_BE + text.replace("\n", "\r\n").encode("utf-16-be"),
}
_MARK = re.compile(r"#(?:\^(\d+)| +\^)")

Place = tuple[int, int]


class Case:
    """One file with what is to be found in it."""

    def __init__(self, heading: str, rest: str) -> None:
        self.path, _, encoding = heading.partition(" as ")
        self.encode = ENCODINGS[encoding]
        self.found: list[Place] = []
        self.unread: list[tuple[int, int, str]] = []
        lines: list[str] = []
        for line in rest.split("\n"):
            if mark := _MARK.fullmatch(line):
                self.found.append((len(lines), int(mark[1]) if mark[1] else len(line)))
            elif line.startswith("==!! "):
                place, message = line.removeprefix("==!! ").split(" ", 1)
                row, column = place.split(":")
                self.unread.append((int(row), int(column), message))
            else:
                lines.append(line)
        self.text = "\n".join(lines)


def cases() -> Iterator[Case]:
    for file in sorted(FORMATS.glob("*.txt")):
        for part in re.split(r"^==== ", file.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
            yield Case(*part.split("\n", 1))


CASES = list(cases())

Report = dict[str, list[dict[str, object]]]


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """One scan of all of them, each in a directory of its own."""
    project = Project(tmp_path_factory.mktemp("formats"))
    for case in CASES:
        path = project.root / case.path
        path.parent.mkdir(parents=True, exist_ok=True)
        (project.root / case.path.split("/")[0] / ".git").mkdir(exist_ok=True)
        path.write_bytes(case.encode(case.text))
    done = project.run("scan", "--markdown", "--format", "json")
    assert done.stderr == ""
    found: Report = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("case", CASES, ids=[case.path for case in CASES])
def test_every_place(case: Case, report: Report) -> None:
    findings = [one for one in report["findings"] if one["file"] == case.path]
    assert sorted({(one["line"], one["column"]) for one in findings}) == sorted(case.found)  # type: ignore[type-var]  # numbers
    problems = [one for one in report["problems"] if one["file"] == case.path]
    assert [(one["line"], one["column"], one["message"]) for one in problems] == case.unread
    lines = case.text.split("\n")
    for one in findings:
        assert isinstance(one["line"], int) and one["source"] == lines[one["line"] - 1]


def test_no_two_cases_are_one() -> None:
    assert max(Counter(case.path for case in CASES).values()) == 1
    assert {case.path.rsplit("/", 1)[1] for case in CASES} >= {"Makefile", "Dockerfile", "justfile", "Taskfile.yml"}
