"""How ``agentguard scan`` walks a script: once, and still past everything that it would run."""

import pytest
from scan.projects import BAD, RULE, Project

from agentguard.frontdoor import FrontDoor
from agentguard.scan.files import KINDS
from agentguard.scan.in_scripts import IDLE, heard


@pytest.fixture
def project(tmp_path):
    return Project(tmp_path)


@pytest.mark.parametrize(
    ("lines", "at"),
    [
        (["while read -r line; do", BAD, "done"], 2),
        (["while :; do", "  case $1 in", f"    -x) {BAD};;", "  esac; shift", "done"], 3),
        (["until false; do", "  for x in 1 2; do", "    while true; do", BAD, "done; done; done"], 4),
        (["for ((i = 0; i < 9; i++)); do", BAD, "done"], 2),
        (["for ((i = $(", BAD, "echo 0); i < 9; i++)); do", "ls; done"], 2),
        (["for ((i = 0; i < $(", BAD, "echo 9); i++)); do", "ls; done"], 2),
        (["for ((i = 0; i < 9; i += $(", BAD, "echo 1))); do", "ls; done"], 2),
        (["for f in *.txt; do", BAD, "done"], 2),
        (["x=psql", "while next; do x=ls; done", BAD], 3),
        (["for w in a b c d e f g h i j; do", 'echo "$w"', "done", BAD], 4),
        (["again() {", "  again", f"  {BAD}", "}", "again"], 3),
        (["stop() { echo gone; exit 1; }", '[ -e x ] || stop', "stop_not() { :; }", BAD], 4),
        (["work() {", BAD, "}", "while read -r x; do", "  work", "done"], 2),
        (['run() { "$@"; }', "run ls", "run pwd", f"run {BAD}"], 1),
        (["eval 'if broken'", BAD], 2),
        (["echo $(", BAD, ")"], 2),
        (["cat <<E", f"$({BAD})", "E"], 2),
        (["grep -q x file | while read -r y; do", BAD, "done"], 2),
        (["echo() { :; }; cat() {", BAD, "}", "cat x"], 2),
        (['"$0" --again', BAD], 2),
    ],
)  # fmt: skip
def test_every_command_is_seen_wherever_it_stands(project, lines, at):
    project.write("a.sh", "#!/bin/bash", *lines)
    found = project.scan("--fail-on", "high", status=1)
    assert ("a.sh", at + 1, RULE) in found


@pytest.mark.parametrize(
    ("lines", "at"),
    [
        (["a=/", "while read -r x; do", '  rm -rf "$a"', "done"], 3),
        (["while :; do", '  rm -rf "$DIR/"*', "  DIR=$(next)", "done"], 2),
        (["a=/var/tmp", "while read -r x; do", "  a=", "done", 'rm -rf "$NONE/"'], 5),
        (["for a in x y /; do", '  rm -rf "$a"', "done"], 2),
        (["for a in b c d e f g h i j k l /; do", '  rm -rf "$a"', "done"], 2),
        (['clean() { rm -rf "$1"; }', "clean build", "clean dist", "clean /"], 1),
    ],
)  # fmt: skip
def test_values_reach_deletions_through_loops_and_functions(project, lines, at):
    project.write("a.sh", "#!/bin/bash", *lines)
    assert at + 1 in [line for _, line, _ in project.scan(status=1)]


@pytest.mark.parametrize(
    "lines",
    [
        ["d=$(mktemp -d)", "while read -r x; do", "  y=$x", "done", 'rm -rf "$d"'],
        ['for d in */; do', '  rm -rf "$d/build"', "done"],
        ["a=build", "while read -r x; do", '  rm -rf "$a/$x"', "done"],
    ],
)  # fmt: skip
def test_a_loop_makes_no_finding_of_its_own(project, lines):
    project.write("a.sh", "#!/bin/bash", *lines)
    assert project.scan(status=0) == []


def test_no_rule_that_counts_in_files_names_a_program_that_is_passed_over():
    named = {
        rule.id: IDLE.intersection(rule.matcher.get("program", ()))
        for rule in FrontDoor().rulebook().rules
        if any(heard(kind, rule.id) for kind in KINDS)
    }
    assert {rule: names for rule, names in named.items() if names} == {}
    assert len(named) > 100
