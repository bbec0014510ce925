"""A script whose files double in each round of a loop is read to its end within a bounded memory."""

from __future__ import annotations

import json
import resource
from collections.abc import Iterator
from pathlib import Path

import pytest
from scan.projects import Project

#: bytes that the program may map; it needs a tenth of it
MOST = 1 << 30
ROUNDS = " ".join(map(str, range(60)))
LOOPS = [
    f"echo text > a\nfor i in {ROUNDS}; do\n  cat a a > b\n  cat b > a\ndone\n",
    f"echo text > a\nfor i in {ROUNDS}; do\n  cat a a >> a\ndone\n",
    f'echo "$X" > a\nfor i in {ROUNDS}; do\n  cat a a >> a\ndone\n',
    f"echo text > a\nfor i in {ROUNDS}; do\n  Y=$(cat a a a a)\n  echo $Y > a\ndone\n",
    "".join(f"for a{n} in 1 2 3 4 5 6 7 8; do\n" for n in range(4))
    + f"echo {'line ' * 60} >> a\n"  # long enough before: each command remembers the files as they were then
    + "done\n" * 4,
]
LOST = "rm -rf /var/lib/cloud\n"


@pytest.fixture
def bounded() -> Iterator[None]:
    """What is started may map so much and no more."""
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (MOST, hard))
    yield
    resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


@pytest.mark.usefixtures("bounded")
@pytest.mark.parametrize("loop", LOOPS)
def test_a_file_that_doubles(loop: str, tmp_path: Path) -> None:
    project = Project(tmp_path)
    (project.root / "a.sh").write_text(loop + LOST)
    done = project.run("scan", "--jobs", "1", "--format", "json", "a.sh")
    report = json.loads(done.stdout)
    assert report["problems"] == []
    assert [(one["rule"], one["line"]) for one in report["findings"]] == [
        ("files.delete-system", (loop + LOST).count("\n"))
    ]
