"""What counts in a script: unchecked variables, what a job throws away, and what is everyday there."""

from __future__ import annotations

from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from agentguard.rulebook.load import load
from agentguard.scan import in_scripts
from agentguard.scan.scanner import scan
from agentguard.scan.unguarded import RULE, RUN, STOP


def rules(tmp_path: Path, name: str, text: str) -> list[str]:
    file = tmp_path / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return [hit.rule for result in scan([str(file)]) for hit in result.hits]


@pytest.mark.parametrize("text", STOP)
def test_unguarded(text: str, tmp_path: Path) -> None:
    assert rules(tmp_path, "a.sh", text + "\n") == [RULE]


@pytest.mark.parametrize("text", RUN)
def test_guarded(text: str, tmp_path: Path) -> None:
    assert rules(tmp_path, "a.sh", text + "\n") == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.sh", "rm -rf node_modules dist build *.pyc\n"),
        ("a.sh", 'docker login -u x -p "$TOKEN"\nprintenv\ncurl -fsSL https://get.example.com | bash\n'),
        ("a.sh", "git clean -fdx\ngit reset --hard\nsudo systemctl restart web\n"),
        ("a.sh", "git push --force origin gh-pages\n"),
        ("a.sh", 'for f in "$@"; do rm -f "$f"; done\ngit push "$@"\n'),
        ("Dockerfile", "FROM debian\nRUN apt-get update && rm -rf /var/lib/apt/lists/* /usr/share/doc\n"),
        (".github/workflows/a.yml", "jobs:\n a:\n  steps:\n   - run: sudo rm -rf /usr/share/dotnet /opt/ghc\n"),
        (".github/workflows/a.yml", "jobs:\n a:\n  steps:\n   - run: rm -rf ${{ env.OUT }}/*\n"),
        ("Makefile", "BUILD ?= _build\nclean:\n\trm -rf $(BUILD)/* *.o\n\t$(RM) -r $(DESTDIR)/usr/share/doc/x\n"),
        ("Makefile", "SHELL = /bin/bash\n.SHELLFLAGS = --norc -o nounset -c\nx:\n\trm -rf $$OUT/*\n"),
        ("a.sql", "CREATE TABLE t (a int);\nDROP TABLE t;\nDELETE FROM u WHERE id = 1;\n"),
    ],
)
def test_everyday(name: str, text: str, tmp_path: Path) -> None:
    assert rules(tmp_path, name, text) == []


@pytest.mark.parametrize(
    ("name", "text", "rule"),
    [
        ("a.sh", "usage() { terraform destroy -auto-approve; }\n", "infrastructure.terraform-destroy"),
        ("a.sh", "git push --force origin main\n", "git.push-force-protected"),
        ("a.sh", "rm -rf ~\n", "files.delete-home"),
        ("a.sh", "psql shop <<EOF\nDROP TABLE users;\nEOF\n", "sql.drop-table"),
        ("Makefile", "include gone.mk\nx:\n\tterraform destroy -auto-approve\n", "infrastructure.terraform-destroy"),
        ("Makefile", "clean:\n\trm -rf $(OUT)/*\n", RULE),
        ("Makefile", "SHELL = /bin/bash\n.SHELLFLAGS = --norc -e -c\nx:\n\trm -rf $$OUT/*\n", RULE),
    ],
)
def test_found(name: str, text: str, rule: str, tmp_path: Path) -> None:
    assert rules(tmp_path, name, text) == [rule]


def test_every_entry_decides_for_some_rule() -> None:
    rules = {rule.id for rule in load().rules} | {RULE}
    for table in ("_EVERYWHERE", "_THROWAWAY", "_SQL"):
        left = set(rules)
        for pattern, _ in getattr(in_scripts, table):
            decided = {rule for rule in left if fnmatchcase(rule, pattern)}
            assert decided, f"{pattern} of {table}"
            left -= decided


def test_a_script_that_is_named_is_read_where_it_lies(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "scripts").mkdir()
    drop = "dropdb -h db.example.com shop\n"
    (tmp_path / "scripts/drop.sh").write_text(drop)
    text = "jobs:\n a:\n  steps:\n   - run: bash scripts/drop.sh\n"
    assert rules(tmp_path, ".github/workflows/a.yml", text) == rules(tmp_path, "other.sh", drop)


def test_the_state_of_the_machine_does_not_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = 'rm -rf "$SCANNED_OUT"/*\n'
    monkeypatch.setenv("SCANNED_OUT", "/tmp/somewhere")
    assert rules(tmp_path, "a.sh", text) == [RULE]
