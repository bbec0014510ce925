"""The checker of pack files that writers of rules use."""

from __future__ import annotations

from pathlib import Path

import pytest

from agentguard.rulebook.check import check, doubts, main
from tests.rulebook.made_world import pack, rule

GOOD = rule('[rule.call]\nprogram = "made-up-program"', "made-up.r")
BAD = rule('[rule.call]\nprogram = "x"\nvalues = { "--never" = "1" }', "made-up.r")


def test_a_good_pack(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "made-up.toml"
    file.write_text(pack(GOOD, name="made-up"))
    assert main([str(file)]) == 0
    assert capsys.readouterr().out == "1 packs, 1 rules: nothing wrong\n"


def test_a_bad_pack(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "made-up.toml"
    file.write_text(pack(BAD, name="made-up"))
    (problem,) = check([str(file)])
    assert (problem.file, problem.line) == (str(file), 5)
    assert main([str(file)]) == 1
    assert "made-up.toml:5: rule made-up.r: values: --never is no value option of x" in capsys.readouterr().out


def test_what_can_hardly_be_meant(tmp_path: Path) -> None:
    table = '[[program]]\nnames = ["x"]\nvalue = "-d"\n[program.sub.y]\nvalue = "-a -b"\nflag = "-c -a"\n'
    file = tmp_path / "made-up.toml"
    file.write_text(pack(table, GOOD, name="made-up"))
    assert [str(problem) for problem in doubts([str(file)])] == [
        f"{file}: program x: y: -a is listed under value and under flag"
    ]


def test_the_installed_packs_are_good() -> None:
    assert main([]) == 0
