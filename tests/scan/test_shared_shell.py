"""What files that are read, functions and makefiles have to do with a command: where it stands, what was checked."""

from __future__ import annotations

from pathlib import Path

import pytest
from scan.projects import Project

LIBRARY = 'clear() {\n  rm -rf "$1/"*\n}\n'


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def in_script(project: Project, name: str = "a.sh") -> list[tuple[int, str]]:
    return [(line, rule) for _, line, rule in project.scan(name)]


def test_a_trap_of_a_file_stands_where_that_is_read(project: Project) -> None:
    project.write("lib.sh", "leave() { rm -rf /var/lib/cloud; }", "trap leave EXIT")
    project.write("a.sh", "#!/bin/sh", "echo", ". ./lib.sh", "echo")
    assert in_script(project) == [(3, "files.delete-system")]


def test_a_trap_of_its_own_comes_first(project: Project) -> None:
    project.write("lib.sh", "trap 'rm -rf /var/lib/cloud' EXIT")
    project.write("a.sh", ". ./lib.sh", "echo", "trap 'rm -rf /var/lib/cloud' EXIT")
    assert in_script(project) == [(3, "files.delete-system")]


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        (('. ./lib.sh', 'clear "$1"'), [(2, "scan.unguarded-variable")]),
        (("[ $# -ge 1 ] || exit 1", "D=$1", ". ./lib.sh", 'clear "$D"'), []),
        ((". ./lib.sh", '[ -n "$D" ] || exit 1', 'clear "$D"'), []),
        ((". ./lib.sh", '[ -n "$E" ] || exit 1', 'clear "$D"'), [(3, "scan.unguarded-variable")]),
        ((". ./lib.sh", "set -u", 'clear "$D"'), []),
        (("set -u", "bash -c 'rm -rf \"$D/\"*'"), [(2, "scan.unguarded-variable")]),
    ],
)  # fmt: skip
def test_a_check_holds_in_functions_of_files(
    lines: tuple[str, ...], found: list[tuple[int, str]], project: Project
) -> None:
    (project.root / "lib.sh").write_text(LIBRARY)
    project.write("a.sh", *lines)
    assert in_script(project) == found


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        (('rm -rf "$WORK"', '. "$LIBRARY/paths"'), [(1, "scan.unguarded-variable")]),
        (('. "$LIBRARY/paths"', 'rm -rf "$WORK"'), []),
        (('. "$LIBRARY/paths"', 'rm -rf "$WORK/"*'), []),
        (('. "$LIBRARY/paths"', 'WORK=$1', 'rm -rf "$WORK/"*'), [(3, "scan.unguarded-variable")]),
        (('. /etc/default/tool', 'rm -rf "$WORK/"*'), [(2, "scan.unguarded-variable")]),
        (("source /etc/default/tool", 'rm -rf "$WORK"'), []),
        (("echo > paths", ". ./paths", 'rm -rf "$WORK"'), [(3, "scan.unguarded-variable")]),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_may_set_a_variable(
    lines: tuple[str, ...], found: list[tuple[int, str]], project: Project
) -> None:
    project.write("a.sh", *lines)
    assert in_script(project) == found


@pytest.mark.parametrize("include", ["include settings.mk", "-include settings.mk", "sinclude settings.mk"])
def test_a_makefile_that_is_not_there_may_set_a_variable(include: str, project: Project) -> None:
    project.write("Makefile", include, "clean:", "\trm -rf $(OUT)/*", "\trm -rf /var/lib/cloud")
    project.write("a.sh", "make clean")
    assert in_script(project) == [(1, "files.delete-system")]


def test_without_it_the_variable_is_empty(project: Project) -> None:
    project.write("Makefile", "clean:", "\trm -rf $(OUT)/*")
    project.write("a.sh", "make clean")
    assert in_script(project) == [(1, "files.delete-root")]
