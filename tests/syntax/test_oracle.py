"""Whatever real bash starts, the tree shows: on mutated scripts with fixed seeds.

``AGENTGUARD_ORACLE_CASES`` is the number of scripts that are run (those that are refused need no run).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

import pytest

from tests.syntax.oracle import Shell, case
from tests.syntax.seeing import in_analysis, in_tree

CASES = int(os.environ.get("AGENTGUARD_ORACLE_CASES", "1500"))
WORKERS = 2


def readable(visible: Callable[[str], set[str] | None], first: int, step: int) -> Iterator[tuple[int, str, set[str]]]:
    """Seeds, scripts and what is seen of them, without the scripts that are refused."""
    for seed in count(first, step):
        text = case(seed)
        seen = visible(text)
        if seen is not None:
            yield seed, text, seen


def misses(visible: Callable[[str], set[str] | None], directory: Path, first: int, cases: int) -> tuple[list[str], int]:
    """What bash started and nobody saw, and how many scripts started anything."""
    directory.mkdir()
    shell = Shell(directory)
    found: list[str] = []
    started = 0
    for (seed, text, seen), _ in zip(readable(visible, first, WORKERS), range(cases), strict=False):
        ran = shell.run(text)
        started += bool(ran)
        if ran - seen:
            found.append(f"seed {seed}: {sorted(ran - seen)} in {text!r}")
    return found, started


@pytest.mark.parametrize("visible", [in_tree, in_analysis], ids=["tree", "analysis"])
def test_no_command_runs_unseen(visible: Callable[[str], set[str] | None], tmp_path: Path) -> None:
    with ThreadPoolExecutor(WORKERS) as pool:
        share = CASES // WORKERS
        jobs = [pool.submit(misses, visible, tmp_path / str(n), n, share) for n in range(WORKERS)]
        results = [job.result() for job in jobs]
    assert [line for found, _ in results for line in found] == []
    assert sum(started for _, started in results) > CASES * 0.6  # the scripts are not all dead


@pytest.mark.parametrize(
    ("text", "ran"),
    [
        ("zz1; $(zz2) | zz3 || zz4", {"zz1", "zz2", "zz3"}),
        ("while zz1; do zz2; done & wait", {"zz1", "zz2"}),
        ("rm zz1; cat f; echo zz2", set()),
        ("zz1 'zz2' $(", set()),
    ],
)
def test_the_shell_of_the_oracle_writes_down_what_it_starts(tmp_path: Path, text: str, ran: set[str]) -> None:
    assert Shell(tmp_path).run(text, 1.0) - {"rm", "cat"} >= ran
    assert Shell.run.__doc__


def test_a_name_of_two_lines_is_written_down_as_one(tmp_path: Path) -> None:
    """Written a line at a time, another process of the pipeline could come between."""
    shell = Shell(tmp_path)
    assert shell.run("zz1'\nzz'2 | zz3") == {"zz3"}
    assert sorted(shell.log.read_bytes().split(b"\0")) == [b"", b"zz1?zz2", b"zz3"]


def test_a_reader_that_drops_commands_is_caught(tmp_path: Path) -> None:
    def careless(text: str) -> set[str] | None:
        seen = in_tree(text)
        return None if seen is None else {name for name in seen if name != "zz2"}

    found, _ = misses(careless, tmp_path / "careless", 0, 60)
    assert found
