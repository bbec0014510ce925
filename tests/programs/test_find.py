"""find and fd: which names an action gets, and what is started for them."""

from __future__ import annotations

import pytest

from agentguard.operations import FileDelete, FileOverwrite
from tests.programs.judging import ROOT, analysed, found, in_state


def deletes(command: str) -> list[tuple[str, str, bool]]:
    operations = analysed(command, in_state({})).operations
    return [(str(o.path), o.only, o.recursive) for o, _ in operations if isinstance(o, FileDelete)]


def started(command: str) -> list[str]:
    return [" ".join(map(str, i.argv)) for i in analysed(command, in_state({})).invocations[1:]]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("-delete", [(f"{ROOT}/docs", "", True)]),
        ("-type f -delete", [(f"{ROOT}/docs", "", True)]),
        ("-name '*.pyc' -delete", [(f"{ROOT}/docs/….pyc", "*.pyc", True)]),
        ("-type f -name x.md -delete", [(f"{ROOT}/docs/…/x.md", "x.md", False)]),
        (r"\( -name a -o -name b \) -delete", [(f"{ROOT}/docs/…/a", "a", True), (f"{ROOT}/docs/…/b", "b", True)]),
        ("-name node_modules -prune -o -name '*.js' -delete", [(f"{ROOT}/docs/….js", "*.js", True)]),
        (r"-regex '.*\.pyc' -delete", [(f"{ROOT}/docs/….pyc", "*.pyc", True)]),
        ("-maxdepth 0 -delete", [(f"{ROOT}/docs", "", False)]),
        ("-not -name '*.md' -delete", [(f"{ROOT}/docs", "", True)]),
        (r"\( -type f -o -name x \) -delete", [(f"{ROOT}/docs", "", True)]),
        ("-empty -delete", []),
        ("-name '*.md' -print", []),
    ],
)
def test_what_is_deleted(expression: str, expected: list[tuple[str, str, bool]]) -> None:
    assert deletes(f"find docs {expression}") == expected


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (r"find docs -name '*.md' -exec wc -l {} \;", ["wc -l docs/….md"]),
        ("find docs src -type f -exec touch {} +", ["touch docs/…", "touch src/…"]),
        (r"find docs -execdir touch {}.x \;", [f"touch {ROOT}/docs/….x", f"touch {ROOT}/docs.x"]),
        (r"find docs -name node_modules -prune -exec ls {} \; -exec wc {} \;", [
            "ls docs/…/node_modules", "wc docs/…/node_modules",
        ]),
        ("fd -e md -x wc -l", ["wc -l ./….md"]),
        ("fd -g '*.md' docs -X wc {}", ["wc docs/….md"]),
        ("fd pattern", []),
    ],
)  # fmt: skip
def test_what_is_started(command: str, expected: list[str]) -> None:
    assert started(command) == expected


def test_names_found_are_used_by_others() -> None:
    assert started("find docs -name '*.md' | xargs wc")[-1] == "wc docs/….md"
    assert found("find . -type f | xargs rm -rf", in_state({}))


def test_files_written() -> None:
    operations = analysed("find . -fprintf out.txt %p -fls list", in_state({})).operations
    assert [str(o.path) for o, _ in operations if isinstance(o, FileOverwrite)] == [f"{ROOT}/out.txt", f"{ROOT}/list"]
