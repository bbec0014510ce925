"""``-h`` asks for the manual where a program has it, and is something else where it has not."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from tests.fakes import FakeRepository, FakeWorld
from tests.programs.judging import ROOT, found

DELETIONS = [
    "az group delete -n prod", "gcloud projects delete p", "doctl compute droplet delete x", "hcloud server delete x",
    "linode-cli linodes delete 1", "oci os bucket delete --bucket-name b", "helm uninstall x", "kubectl delete ns x",
    "fly apps destroy x", "turso db destroy x", "vault kv delete secret/x", "pulumi destroy", "gh repo delete a/b",
    "glab repo delete a/b", "vercel remove x", "netlify sites:delete 1", "firebase firestore:delete --all-collections",
    "eksctl delete cluster x", "velero backup delete x", "argocd app delete x", "cdk destroy", "npm publish",
    "npm unpublish x", "cargo publish", "poetry publish", "rclone purge r:x", "mc rb r/x", "restic forget abc",
    "docker volume rm x", "docker system prune --volumes", "docker compose down -v",
]  # fmt: skip


def stops(command: str) -> set[str]:
    return found(command, FakeWorld(env={"HOME": "/home/dev"}, git=FakeRepository(root=ROOT)))


@pytest.mark.parametrize("command", DELETIONS)
def test_a_deletion_is_stopped_and_its_manual_is_not(command: str) -> None:
    assert stops(command)
    assert stops(f"{command} -h") == set()


def test_every_program_of_the_pack_is_described_elsewhere_too() -> None:
    rules = Path(__file__).parents[2] / "rules"
    named: dict[str, set[str]] = {}
    for path in rules.glob("*.toml"):
        for program in tomllib.loads(path.read_text()).get("program", ()):
            named.setdefault(path.stem, set()).update(program["names"])
    others = set().union(*(names for pack, names in named.items() if pack != "help"))
    assert named["help"] <= others


def test_other_meanings_stay() -> None:
    assert stops("psql -h db.prod.example.com -c 'DROP TABLE users'")
    assert stops("redis-cli -h cache.prod.example.com FLUSHALL")
    assert stops("docker run -h web -v /:/host alpine rm -rf /host")
    assert stops("shutdown -h now")
    assert stops("aws s3 rb s3://help")
    assert stops("aws s3 rb help") == set()
