"""The forms of a report, from the program."""

import json
import re
from pathlib import Path

import jsonschema
import pytest
from scan.projects import BAD, RULE, Project

SCHEMA = json.loads((Path(__file__).parents[1] / "data" / "sarif-2.1.0.json").read_text())
SECRET = "ghp_" + "a1B2" * 9


@pytest.fixture
def project(tmp_path):
    made = Project(tmp_path)
    unclear = "# agentguard: ignore[git.*]"
    made.write("ops/deploy.sh", "#!/bin/sh", f"  {BAD} # 100%: a,b", unclear, f"TOKEN={SECRET} {BAD}")
    made.write("ops/two words, ä.sh", BAD)
    made.write("broken.sh", "if then")
    return made


def report(project, form, **more) -> str:
    done = project.run("scan", "--format", form, **more)
    assert done.returncode == 1 and done.stderr == ""
    assert SECRET not in done.stdout and "\x1b" not in done.stdout
    return done.stdout


def test_text(project):
    lines = report(project, "text").splitlines()
    at = next(number for number, line in enumerate(lines) if line.startswith("ops/deploy.sh:2:3: critical: "))
    shown = next(number for number in range(at, len(lines)) if "│" in lines[number])
    assert lines[shown] == f"    2 │ {BAD} # 100%: a,b"
    assert lines[shown + 1] == f"      │ {'^' * len(BAD)}"
    for label in ("lost", "undo", "instead", f"rule     {RULE}"):
        assert any(line.startswith(f"  {label}") for line in lines[at:])
    assert re.match(r"agentguard: 3 critical, 1 medium in 3 files; 1 not read", lines[-1])
    assert all(len(line) <= 80 for line in lines)


def test_a_command_with_two_findings_is_shown_once_by_the_strictest(project):
    project.write("two.sh", "rm -rf /var/lib/shop ~; kubectl delete pvc data")
    listed = json.loads(project.run("scan", "--format", "json", "two.sh").stdout)["findings"]
    rules = [(one["column"], one["severity"], one["rule"]) for one in listed]
    first, second = "files.delete-home", "files.delete-system"
    assert rules[:2] == [(1, "critical", first), (1, "medium", second)] and rules[2][0] == 25
    lines = project.run("scan", "two.sh").stdout.splitlines()
    headings = [line for line in lines if line.startswith("two.sh:")]
    assert [heading[:14] for heading in headings] == ["two.sh:1:1: cr", "two.sh:1:25: c"]
    at = lines.index(f"  rule     {first}")
    assert lines[at + 1].startswith("  also     medium: ") and f"[{second}]" in "".join(lines[at + 1 : at + 3])
    assert sum(line.startswith("  also") for line in lines) == len(rules) - 2
    sarif = json.loads(project.run("scan", "--format", "sarif", "two.sh").stdout)
    assert [one["ruleId"] for one in sarif["runs"][0]["results"]] == [rule for _, _, rule in rules]


def test_two_rules_that_say_the_same_of_one_target_are_one_finding_by_the_strictest(project):
    lines = ("kubectl delete namespace payments", "openstack server delete web", "kubectl delete pod,pvc x")
    project.write("one.sh", *lines)
    listed = json.loads(project.run("scan", "--format", "json", "one.sh").stdout)["findings"]
    assert [(one["line"], one["severity"], one["rule"]) for one in listed] == [
        (1, "critical", "kubernetes.namespace-delete"),
        (2, "critical", "cloud.openstack-data-delete"),
        (3, "critical", "kubernetes.storage-delete"),
    ]


def test_text_of_a_long_line_with_tabs_and_wide_characters(project):
    project.write("long.sh", f"\techo {'日本' * 40} x && {BAD} && echo {'z' * 200}")
    lines = report(project, "text", env={"COLUMNS": "60"}).splitlines()
    at = next(number for number, line in enumerate(lines) if line.startswith("long.sh:1:"))
    shown = next(number for number in range(at, len(lines)) if "│" in lines[number])
    from rich.cells import cell_len

    assert max(map(cell_len, lines)) <= 60
    before = lines[shown].partition(BAD)[0]
    assert lines[shown + 1] == f"      │ {' ' * (cell_len(before) - 8)}{'^' * len(BAD)}"


def test_terminal_escapes_are_spelled_out(project):
    project.write("ops/a\x1b[31m\n::error::x.sh", f"{BAD} # \x07 \u202e")
    for form in ("text", "json", "sarif", "github", "gitlab"):
        text = report(project, form)
        assert not re.search(r"[\x00-\x09\x0b-\x1f\u202e]", text), form
        assert not re.search(r"^::error::", text, re.MULTILINE), form


def test_json(project):
    data = json.loads(report(project, "json"))
    assert data["summary"]["files"] == 3 and data["summary"]["findings"] == len(data["findings"]) == 4
    first = data["findings"][0]
    assert (first["file"], first["line"], first["column"], first["end_column"]) == ("ops/deploy.sh", 2, 3, 3 + len(BAD))
    assert (first["severity"], first["rule"], first["kind"]) == ("critical", RULE, "shell")
    assert first["title"] and first["loses"] and first["instead"] and len(first["fingerprint"]) == 32
    assert data["problems"][0]["file"] == "broken.sh"


def test_sarif_fits_its_schema(project):
    log = json.loads(report(project, "sarif", cwd=project.root / "ops"))
    jsonschema.Draft4Validator(SCHEMA).validate(log)
    (run,) = log["runs"]
    assert log["version"] == "2.1.0" and run["tool"]["driver"]["name"] == "agentguard"
    rules = {rule["id"]: rule for rule in run["tool"]["driver"]["rules"]}
    assert float(rules[RULE]["properties"]["security-severity"]) >= 9
    result = run["results"][0]
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "ops/deploy.sh", "uriBaseId": "PROJECT"}
    region = place["region"]
    assert [region[name] for name in ("startLine", "startColumn", "endLine", "endColumn")] == [2, 3, 2, 3 + len(BAD)]
    assert result["level"] == "error" and result["partialFingerprints"]["agentguard/v1"]
    assert run["results"][0]["ruleIndex"] == list(rules).index(RULE)
    assert {r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for r in run["results"]} == {
        "ops/deploy.sh",
        "ops/two%20words%2C%20%C3%A4.sh",
    }


def test_sarif_with_problems_and_without_findings_fits_too(project):
    done = project.run("scan", "--format", "sarif", "broken.sh")
    log = json.loads(done.stdout)
    jsonschema.Draft4Validator(SCHEMA).validate(log)
    assert log["runs"][0]["results"] == []
    assert log["runs"][0]["invocations"][0]["toolExecutionNotifications"]


def test_github(project):
    lines = report(project, "github").splitlines()
    assert lines[0].startswith(f"::error file=ops/deploy.sh,line=2,col=3,endColumn={3 + len(BAD)},title=agentguard%3A ")
    assert all(re.match(r"::(error|warning|notice) file=[^:]*::.", line) for line in lines)
    assert any("file=ops/two words%2C ä.sh," in line for line in lines)
    assert any(line.startswith("::warning file=ops/deploy.sh,line=3") for line in lines)
    assert any(line.startswith("::warning file=broken.sh,line=1") for line in lines)


def test_gitlab(project):
    issues = json.loads(report(project, "gitlab", cwd=project.root / "ops").replace("broken", "x"))
    assert issues[0]["location"] == {"path": "ops/deploy.sh", "lines": {"begin": 2, "end": 2}}
    assert issues[0]["check_name"] == RULE and issues[0]["severity"] == "blocker"
    assert len({issue["fingerprint"] for issue in issues}) == len(issues)


def test_fingerprints_are_the_same_from_everywhere(project):
    here = {one["fingerprint"] for one in json.loads(report(project, "json"))["findings"]}
    below = {one["fingerprint"] for one in json.loads(report(project, "json", cwd=project.root / "ops"))["findings"]}
    assert here == below
