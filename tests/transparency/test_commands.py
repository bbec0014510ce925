"""Harmless command lines: through agentguard's shell as through bash, to the last byte."""

from __future__ import annotations

from pathlib import Path

import pytest
from transparency.pair import Case, Pair, cases

CASES = {
    f"{file.stem}: {name}": case
    for file in sorted((Path(__file__).parent / "cases").glob("*.toml"))
    for name, case in cases(file).items()
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_same_as_bash(pair: Pair, case: Case) -> None:
    guarded, plain = pair.both(case)
    assert b"agentguard" not in guarded.stderr
    assert guarded == plain


def test_there_are_many() -> None:
    assert len(CASES) >= 300
