"""Railway's command line: the inner commands it starts, and the environment a call hits."""

from __future__ import annotations

import json

import pytest

from agentguard.rulebook.model import Finding
from tests.fakes import FakeWorld
from tests.programs.judging import analysed, found

LINK = {"projectPath": "/home/dev/work/app", "name": "shop", "project": "p1", "environmentName": "staging"}
STATE = json.dumps({"projects": {"/home/dev/work/app": LINK}})
LINKED = {"/home/dev/.railway/config.json": STATE}


def finding(command: str, **variables: str) -> Finding:
    world = FakeWorld(files=LINKED, env={"HOME": "/home/dev", **variables})
    findings = [f for f in analysed(command, world).findings if f.rule.startswith("railway.")]
    assert findings, command
    return findings[0]


@pytest.mark.parametrize(
    ("command", "environment"),
    [
        ("railway down -y", "staging"),
        ("cd src && railway down -y", "staging"),
        ("railway down -y -e production", "production"),
        ("railway down -y --environment=staging", "staging"),
        ("railway down -y -p other", "unknown"),
        ("railway environment delete production -y", "production"),
        ("cd /tmp && railway down -y", "unknown"),
        ("RAILWAY_TOKEN=t railway down -y", "unknown"),
    ],
)
def test_the_environment(command: str, environment: str) -> None:
    assert finding(command).environment == environment


def test_the_target_names_the_link() -> None:
    assert "linked to shop/staging" in finding("railway down -y").target
    assert "volume data" in finding("railway volume delete -v data -y").target


def test_another_state_file_and_a_damaged_one() -> None:
    assert finding("railway down -y", RAILWAY_ENV="dev").environment == "unknown"
    world = FakeWorld(files={"/home/dev/.railway/config.json": "{"})
    assert {f.environment for f in analysed("railway down -y", world).findings} == {"unknown"}


def test_the_api_names_what_is_hit() -> None:
    assert "volumeId v-17" in finding("railway api 'mutation { volumeDelete(volumeId: \"v-17\") }'").target


@pytest.mark.parametrize(
    "command",
    [
        "railway run -- psql -h db.example.com -c 'DROP TABLE users'",
        "railway run npx prisma migrate reset --force",
        "railway ssh -- rm -rf /var/lib/postgresql",
        "railway ssh -s db 'rm -rf /var/lib/postgresql'",
        "echo 'DROP TABLE users' | railway connect Postgres",
        "npx @railway/cli volume delete -y",
    ],
)
def test_what_it_starts_is_judged(command: str) -> None:
    assert found(command, FakeWorld())


@pytest.mark.parametrize(
    "command",
    ["railway run npm test", "railway ssh -- ls /app", "railway volume delete -h", "railway api describe volumeDelete"],
)
def test_everyday_calls_run(command: str) -> None:
    assert not found(command, FakeWorld())
