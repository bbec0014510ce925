"""Tasks in tables, and deletions by client libraries of services."""

from __future__ import annotations

import pytest

from tests.fakes import FakeRepository, FakeWorld
from tests.programs.judging import ROOT, found

DENO = '{"tasks": {"dev": "deno run main.ts", "wipe": {"command": "rm -rf /srv", "dependencies": ["dev"]}}}'
MISE = '[tasks.test]\nrun = "pytest"\n[tasks.wipe]\ndepends = ["test"]\nrun = ["ls", "rm -rf /srv"]\n'
CARGO = """\
[tasks.build]
command = "cargo"
args = ["build"]
[tasks.wipe]
dependencies = ["build"]
script = "rm -rf /srv"
"""


def stops(command: str, **files: str) -> set[str]:
    texts = {f"{ROOT}/{name.replace('_', '.')}": text for name, text in files.items()}
    return found(command, FakeWorld(files=texts, env={"HOME": "/home/dev"}, git=FakeRepository(root=ROOT)))


def test_tasks_in_tables() -> None:
    assert "files.delete-system" in stops("deno task wipe", deno_json=DENO)
    assert stops("deno task dev", deno_json=DENO) == set()
    assert "files.delete-system" in stops("mise run wipe", mise_toml=MISE)
    assert stops("mise run test", mise_toml=MISE) == set()
    assert "files.delete-system" in stops("cargo make wipe", Makefile_toml=CARGO)
    assert stops("cargo make build", Makefile_toml=CARGO) == set()


def test_the_next_prompt_runs_what_direnv_is_allowed() -> None:
    envrc = f"{ROOT}/.envrc"
    for text, rules in (("rm -rf /srv\n", True), ("export A=1\nPATH_add bin\n", False)):
        world = FakeWorld(files={envrc: text}, env={"HOME": "/home/dev"}, git=FakeRepository(root=ROOT))
        assert ("files.delete-system" in found("direnv allow", world)) is rules


@pytest.mark.parametrize(
    "command",
    [
        "python3 -c \"import kubernetes as k; k.client.CoreV1Api().delete_namespace('prod')\"",
        'python3 -c "import docker; docker.from_env().volumes.prune()"',
        'python3 -c "import docker; [v.remove() for v in docker.from_env().volumes.list()]"',
        "python3 -c \"from google.cloud import storage; storage.Client().bucket('prod').delete(force=True)\"",
        "python3 -c \"import boto3; t=boto3.resource('dynamodb').Table('orders'); t.delete()\"",
        "node -e \"const {S3Client,DeleteBucketCommand}=require('@aws-sdk/client-s3');new DeleteBucketCommand({})\"",
        "node -e \"require('stripe')('k').customers.del('cus_1')\"",
        "ruby -raws-sdk-s3 -e 'Aws::S3::Bucket.new(\"prod\").delete!'",
        "python3 -c \"import sqlalchemy as s; m=s.MetaData(); m.drop_all(s.create_engine('postgresql://db/x'))\"",
        'python3 -c "from shop.models import Order; Order.objects.all().delete()"',
        "Rscript -e 'DBI::dbExecute(con, \"DROP TABLE users\")'",
    ],
)
def test_a_client_library_that_deletes(command: str) -> None:
    assert stops(command)


@pytest.mark.parametrize(
    "command",
    [
        'python3 -c "import docker; print([v.name for v in docker.from_env().volumes.list()])"',
        'python3 -c "import kubernetes as k; print(k.client.CoreV1Api().list_namespace())"',
        "node -e \"require('stripe')('k').customers.list()\"",
        "python3 -c \"import sqlalchemy as s; m=s.MetaData(); m.drop_all(s.create_engine('sqlite://'))\"",
        'python3 -c "from shop.models import Order; print(Order.objects.filter(id=1).count())"',
        'php -r \'$p=new PDO("sqlite::memory:");$p->exec("DROP TABLE t");\'',
        'ruby -rsqlite3 -e \'SQLite3::Database.new(":memory:").execute("drop table t")\'',
    ],
)
def test_a_client_library_that_reads_or_stays_in_memory(command: str) -> None:
    assert stops(command) == set()
