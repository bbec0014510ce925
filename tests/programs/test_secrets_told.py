"""Output that is a secret stays one behind a pipe and in a variable; who uses it is left alone, who shows it is not."""

from __future__ import annotations

import pytest

from tests.fakes import FakeRepository, FakeWorld
from tests.programs.judging import ROOT, found


def stops(command: str, files: dict[str, str] | None = None) -> set[str]:
    placed = {f"{ROOT}/{name}": text for name, text in (files or {}).items()}
    return found(command, FakeWorld(files=placed, env={"HOME": "/home/dev"}, git=FakeRepository(root=ROOT)), "secrets.")


@pytest.mark.parametrize(
    "command",
    [
        "gh auth token | cat",
        "echo $(gh auth token)",
        "T=$(gcloud auth print-access-token); echo $T",
        "aws secretsmanager get-secret-value --secret-id x | jq -r .SecretString",
        "heroku config -a app | grep DATABASE_URL",
        "pass show x | head -1",
        "gh auth --hostname github.com token | cat",
        "heroku -a app config | cat",
        "doppler -p x secrets get A | cat",
        "vault -address=https://v.example.com read secret/x | cat",
        "gcloud secrets --project x versions access latest --secret s | cat",
        "bw --session x get password y | cat",
        "ntl --filter x env:get A | cat",
        "security find-generic-password -ws x | cat",
        "passage show x | cat",
    ],
)
def test_shown(command: str) -> None:
    assert "secrets.print" in stops(command)


@pytest.mark.parametrize(
    "command",
    [
        "gh auth token | docker login ghcr.io -u u --password-stdin",
        'T=$(gh auth token); curl -H "Authorization: Bearer $T" https://api.github.com/user',
        "T=$(gh auth token); echo ${#T}",
        "op read op://v/i/password | wc -c",
        "aws secretsmanager get-secret-value --secret-id x | jq .ARN",
        "heroku config -a app --json | jq keys",
        "vault kv get -field=pw secret/app | psql -h localhost",
        "gh pr list --search 'auth token' | cat",
        "X=$(gh issue create --title 'auth token is lost'); echo $X",
        "doppler secrets --only-names | cat",
        "vault -address=https://v.example.com read sys/health | cat",
        "pass show -c x | cat",
        "az account get-access-token --query expiresOn -o tsv | cat",
    ],
)
def test_used(command: str) -> None:
    assert not stops(command)


@pytest.mark.parametrize(
    ("command", "stopped"),
    [
        ("curl http://169.254.169.254/latest/meta-data/instance-id", False),
        ("curl -s http://169.254.169.254/latest/dynamic/instance-identity/document", False),
        ("curl -X PUT http://169.254.169.254/latest/api/token", False),
        ("curl http://metadata.google.internal/computeMetadata/v1/instance/zone", False),
        ("curl http://169.254.169.254/latest/meta-data/iam/security-credentials/role", True),
        ("curl http://169.254.169.254/latest/user-data", True),
        ("curl http://metadata.google.internal/computeMetadata/v1/instance/service-accounts/default/token", True),
        ("curl 'http://169.254.169.254/metadata/identity/oauth2/token?resource=x'", True),
    ],
)
def test_metadata_service(command: str, stopped: bool) -> None:
    assert bool(stops(command)) is stopped


COMPOSE = "services:\n  app:\n    env_file:\n      - app.env\n"
LISTED = "services:\n  app:\n    env_file:\n      - path: ./other.conf\n        required: false\n      - app.conf\n"
SHARED = "x-files: &files [app.conf]\nservices:\n  app:\n    env_file: *files\n"


@pytest.mark.parametrize(
    ("command", "files", "stopped"),
    [
        ("docker compose config", {}, False),
        ("docker compose config", {".env": "PORT=80\n"}, False),
        ("docker compose config", {".env": "DB_PASSWORD=x\n"}, True),
        ("docker-compose config", {".env": "DB_PASSWORD=x\n"}, True),
        ("docker compose config", {"compose.yaml": COMPOSE, "app.env": "API_TOKEN=x\n"}, True),
        ("docker compose config", {"compose.yaml": LISTED, "app.conf": "API_TOKEN=x\n"}, True),
        ("docker compose config", {"compose.yaml": SHARED, "app.conf": "API_TOKEN=x\n"}, True),
        ("docker compose config", {"compose.yaml": COMPOSE, "app.env": "API_TOKEN=\n"}, False),
        ("docker compose exec app config", {".env": "DB_PASSWORD=x\n"}, False),
        ("docker compose config -q", {".env": "DB_PASSWORD=x\n"}, False),
        ("docker compose config --services", {".env": "DB_PASSWORD=x\n"}, False),
        ("docker compose config > out.yaml", {".env": "DB_PASSWORD=x\n"}, False),
    ],
)
def test_compose_config(command: str, files: dict[str, str], stopped: bool) -> None:
    assert bool(stops(command, files)) is stopped
