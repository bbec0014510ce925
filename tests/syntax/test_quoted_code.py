"""Quoted text that bash still runs: refused by the parser, or its command is found by the analysis.

Each script was seen to start ``zz1`` when it was run in bash 5.2 (the oracle proves it again here).
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.syntax.oracle import Shell
from tests.syntax.seeing import in_analysis

RUN_BY_BASH = [
    "zz0 >& '$(zz1)'",
    "zz0 1>& '$(zz1)'",
    "zz0 >& \\$\\(zz1\\)",
    'zz0 >& "\\`zz1\\`"',
    'zz0 "${x:-a "$"(zz1)}"',
    'zz0 <<E\n${x:-a "$"(zz1)}\nE\n',
    "let 'a[$(zz1)]=1'",
    "(( 'a[$(zz1)]' ))",
    "[[ 'a[$(zz1)]' -eq 1 ]]",
    "[[ -v 'a[$(zz1)]' ]]",
    "test -v 'a[$(zz1)]'",
    "printf -v 'a[$(zz1)]' b",
    "read 'a[$(zz1)]' <<<b",
    "a=(1); unset 'a[$(zz1)]'",
    "declare 'a[$(zz1)]=1'",
    "declare -i n='a[$(zz1)]'",
    "declare -a a='($(zz1))'",
    "a['$(zz1)']=1",
    "a=(['$(zz1)']=x)",
    "zz0 ${a['$(zz1)']}",
    "x=abc; zz0 ${x:'$(zz1)0'}",
    "for ((i='a[$(zz1)]';0;)); do :; done",
    "x='a[$(zz1)]'; zz0 $((x))",
    "x='a[$(zz1)]'; zz0 ${!x}",
    "x='a[$(zz1)]'; [[ x -eq 0 ]]",
    "x='$(zz1)'; zz0 ${x@P}",
    "PS4='$(zz1)'; set -x; :",
    "trap 'zz1' EXIT",
    "mapfile -c 1 -C zz1 <<<a",
    "eval 'zz1'",
    "command zz1",
    "eval 'eval \"zz1\"'",
    "source <(zz0; echo zz1)",
    "zz0\\\n; z\\\nz1",
    "declare -A m=([k]=<(zz0 <<'E'\n$(zz1)\nE\n) [x]=b)",
]

#: Bash does not run ``zz1`` in these; they must not become unreadable.
NOT_RUN = ["[ 'a[$(zz1)]' -eq 1 ]", "zz0 > '$(zz1)'", "zz0 '$(zz1)' \\`zz1\\`", "zz0 <<'E'\n$(zz1)\nE\n", "# $(zz1)"]


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    return Shell(Path(tmp_path_factory.mktemp("quoted")))


@pytest.mark.parametrize("text", RUN_BY_BASH)
def test_code_in_quotes_is_seen_or_refused(text: str, shell: Shell) -> None:
    assert "zz1" in shell.run(text)
    seen = in_analysis(text)
    assert seen is None or "zz1" in seen


@pytest.mark.parametrize("text", NOT_RUN)
def test_data_in_quotes_stays_data(text: str, shell: Shell) -> None:
    assert "zz1" not in shell.run(text)
    seen = in_analysis(text)
    assert seen is not None and "zz1" not in seen
