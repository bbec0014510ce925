"""Programs nobody described, and the commands behind their words. Everything goes the way the real program goes."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from agentguard.frontdoor import FrontDoor
from agentguard.programs.table import adapters
from agentguard.rulebook.installed import installed
from agentguard.rulebook.load import load

DOOR = FrontDoor()
ENV = {"HOME": "/home/dev", "PATH": "/usr/bin:/bin"}


def decision(command: str) -> str:
    return DOOR.judge(command, cwd="/home/dev/work/app", env=ENV).verdict.decision


@pytest.mark.parametrize(
    "command",
    [
        "frobnicate -- rm -rf ~",
        "frobnicate exec web rm -rf /",
        "frobnicate run psql -c 'drop table users'",
        "frobnicate --exec 'rm -rf ~'",
        "frobnicate --exec=/bin/rm -- -rf /",
        "retry -t 3 rm -rf ~",
        "berglas exec -- rm -rf ~",
        "nomad alloc exec -task web abc123 rm -rf /",
        "ip netns exec blue rm -rf ~",
        "sops exec-env secrets.yaml 'rm -rf ~'",
        "heroku local:run rm -rf ~",
        "gh codespace ssh -c name -- rm -rf /",
        "pueue add 'rm -rf ~'",
        "flatpak run --command=sh org.x.Y -c 'rm -rf ~'",
        "flatpak --user run --filesystem host --command sh org.x.Y -c 'rm -rf ~'",
        "snap run --shell=x app -c 'rm -rf ~'",
        "rimraf --backoff 2 -- ~",
        "snap run --shell=x -c 'rm -rf ~'",
        "pnpm prisma db push --force-reset",
        "yarn workspace web prisma migrate reset --force",
        "bun --filter web rimraf ~",
        "rimraf ~",
    ],
)
def test_stopped(command: str) -> None:
    assert decision(command) != "allow"


@pytest.mark.parametrize(
    "command",
    [
        "frobnicate -- ls",
        "frobnicate run test -v",
        "frobnicate rm notes.txt",
        "frobnicate git stash drop",
        "frobnicate add 'git is (broken'",
        "cowsay rm -rf /",
        "cargo run -- rm foo",
        "pnpm rimraf dist",
        "pnpm prisma generate",
        "gh pr create --title x --body 'exec -- rm -rf ~'",
    ],
)
def test_left_alone(command: str) -> None:
    assert decision(command) == "allow"


@pytest.mark.parametrize(
    "command",
    [
        "acmedb -c 'DROP TABLE orders'",
        "acmedb --execute='TRUNCATE orders'",
        "acmedb <<< 'DELETE FROM users;'",
        "acmectl db drop prod",
        "acmectl destroy web-1 --yes",
    ],
)
def test_a_statement_or_a_deletion_for_a_program_that_is_not_described(command: str) -> None:
    assert decision(command) == "ask"


@pytest.mark.parametrize(
    "command",
    [
        "acmedb -c 'SELECT * FROM orders'",
        "acmedb --message 'how to DROP TABLE orders'",
        "acmectl db list",
        "acmectl cache purge --force",
        "./acmectl delete build",
        "git ls-files | xargs acmelint check",
    ],
)
def test_other_words_for_it_run(command: str) -> None:
    assert decision(command) == "allow"


@pytest.mark.parametrize(
    "command",
    [
        "X=$(cat f); $X git push --force origin main",
        "read -r x; $x rm -rf ~",
        "SUDO=$(which sudo); $SUDO dropdb production",
        "for t in $(cat tools); do $t rm -rf ~; done",
        '"$(brew --prefix)/bin/psql" -c "drop table users"',
        "$(npm bin)/prisma migrate reset --force",
        '"$PGBIN"/dropdb production',
        '"$(curl -s https://example.com/dir)/bin/tool" run',
        "$VENV/bin/python manage.py flush --no-input",
        "/opt/*/bin/terraform destroy -auto-approve",
        "KUBECTL=$(which kubectl); $KUBECTL delete namespace production",
    ],
)
def test_what_stands_behind_a_program_that_only_running_would_tell(command: str) -> None:
    assert decision(command) != "allow"


@pytest.mark.parametrize(
    "command",
    [
        "X=$(cat f); $X ls -la",
        "PYTHON=$(which python3); $PYTHON -m pytest",
        "DOCKER=$(which docker); $DOCKER rm -f web",
        "$VENV/bin/python manage.py migrate",
        '"$(brew --prefix)/bin/psql" -c "select 1"',
        "KUBECTL=$(which kubectl); $KUBECTL get pods",
        "EDITOR=$(git config core.editor); $EDITOR notes.txt",
        "GIT=$(which git); $GIT rm --cached notes.txt",
    ],
)
def test_what_is_harmless_behind_one_runs(command: str) -> None:
    assert decision(command) == "allow"


def test_a_described_program_that_no_rule_is_about_is_judged_by_its_words() -> None:
    book = load()
    packs = (tomllib.loads(file.read_text()) for file in Path(installed()).glob("*.toml"))
    names = {name for pack in packs for program in pack.get("program", ()) for name in words(program["names"])}
    tables = {table.names[0]: table for name in names if (table := book.table(name)) is not None}
    left = [name for name, table in tables.items() if not (adapters(name) or book.judged(name) or table.stands_for)]
    assert len(left) > len(tables) // 50
    assert [name for name in left if decision(f"{name} cluster delete prod --yes") == "allow"] == []
    assert [name for name in left if decision(f"{name} cluster list prod") != "allow"] == []


def words(names: str | list[str]) -> list[str]:
    return names.split() if isinstance(names, str) else names


@pytest.mark.parametrize(
    "command",
    [
        "hash -p /bin/rm ls; ls -rf ~",
        "hash -p/bin/rm ls; ls -rf ~",
        "hash -p /bin/rm apt-get; apt-get -rf ~",
        "hash -p /bin/rm -- ls; ls -rf ~",
    ],
)
def test_a_name_that_hash_gives_to_another_program(command: str) -> None:
    assert decision(command) != "allow"


@pytest.mark.parametrize(
    ("command", "stopped"),
    [
        ("aws ec2 terminate-instances help", False),
        ("aws ec2 terminate-instances --instance-ids help", True),
        ("git push --force origin help", True),
        ("kubectl delete namespace help", True),
    ],
)
def test_help_as_a_word_is_a_question_where_the_program_has_it(command: str, stopped: bool) -> None:
    assert (decision(command) != "allow") == stopped
