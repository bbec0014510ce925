"""Database clients and tools, from the words of a command to what the rules say, in a made-up world.

The labelled commands in ``tests/cases/databases.jsonl`` have the format of the shared sample, so that the score
program can read them too.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest
from fakes import FakeWorld

from agentguard.analysis import Analysis, analyse
from agentguard.interpret.invocation import InnerScript
from agentguard.operations import Database, FileOverwrite, Opaque, SqlStatement
from agentguard.programs import table
from agentguard.programs.options import parse
from agentguard.rulebook.load import Rulebook, load
from agentguard.rulebook.model import Severity

CASES = [
    json.loads(line) for line in (Path(__file__).parents[1] / "cases" / "databases.jsonl").read_text().splitlines()
]


@cache
def book() -> Rulebook:
    return load()


def look(command: str, files: Mapping[str, str] | None = None, env: Mapping[str, str] | None = None) -> Analysis:
    places = {
        f"/home/dev/{name[2:]}" if name.startswith("~/") else f"/home/dev/work/app/{name}": text
        for name, text in (files or {}).items()
    }
    world = FakeWorld(files=places, env={"HOME": "/home/dev", "USER": "dev", **(env or {})})
    return analyse(command, world, book())


def verdict(found: Analysis) -> str:
    if found.problem is not None:
        return f"problem: {found.problem}"
    if any(finding.decision == "ask" and finding.severity > Severity.LOW for finding in found.findings):
        return "stop"
    unseen = found.opaque or any(finding.decision == "supervise" for finding in found.findings)
    return "supervise" if unseen else "run"


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_labelled_commands(case: Mapping[str, object]) -> None:
    needs = case.get("needs", {})
    assert isinstance(needs, Mapping)
    found = look(str(case["command"]), needs.get("files"), needs.get("env"))
    allowed = {"stop": ("stop",), "run": ("run", "supervise"), "stop_or_supervise": ("stop", "supervise")}
    reasons = [(finding.rule, finding.target, finding.environment) for finding in found.findings]
    assert verdict(found) in allowed[str(case["expect"])], (case["command"], reasons)


def statements(command: str, **needs: Mapping[str, str]) -> list[SqlStatement]:
    return [op for op, _ in look(command, **needs).operations if isinstance(op, SqlStatement)]


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("psql -h DB.example.com -p 5433 -U app shop", ("db.example.com", "5433", "shop", "app")),
        ("psql postgres://app:pw@db.example.com:5433/shop", ("db.example.com", "5433", "shop", "app")),
        ("psql -d postgresql://app@[::1]:5433/shop", ("::1", "5433", "shop", "app")),
        ("psql 'host=db.example.com dbname=shop user=app port=5433'", ("db.example.com", "5433", "shop", "app")),
        ("PGHOST=db.example.com PGPORT=5433 PGUSER=app psql shop", ("db.example.com", "5433", "shop", "app")),
        ("psql -h /var/run/postgresql shop app", ("localhost", "", "shop", "app")),
        ("psql", ("localhost", "", "", "")),
        ('psql "$UNSET"', ("", "", "", "")),
        ("psql service=shop", ("db.example.com", "5433", "shop", "app")),
        ("PGSERVICE=shop psql", ("db.example.com", "5433", "shop", "app")),
        ("mysql -hdb.example.com -P 5433 -uapp shop", ("db.example.com", "5433", "shop", "app")),
        ("MYSQL_HOST=db.example.com mysql -D shop -u app -P5433", ("db.example.com", "5433", "shop", "app")),
        ("mysql", ("localhost", "", "", "")),
        ("sqlite3 data/app.db", ("localhost", "", "/home/dev/work/app/data/app.db", "")),
        ("sqlite3 'file:app.db?mode=rw'", ("localhost", "", "/home/dev/work/app/app.db", "")),
        ("sqlcmd -S tcp:db.example.com,5433 -d shop -U app", ("db.example.com", "", "shop", "app")),
        ("clickhouse-client --host=db.example.com -dshop -uapp --port 5433", ("db.example.com", "5433", "shop", "app")),
    ],
)
def test_where_a_client_connects(command: str, expected: tuple[str, str, str, str]) -> None:
    service = {"~/.pg_service.conf": "[shop]\nhost=db.example.com\nport=5433\ndbname=shop\nuser=app\n[x]\nhost=y\n"}
    (fact,) = statements(f"{command} <<< 'DROP TABLE t'", files=service)
    database = fact.database
    assert (database.host, database.port, database.name, database.user) == expected


def test_a_script_that_connects_elsewhere_hits_the_other_database() -> None:
    text = "psql -h a.example.com one <<'EOF'\nDROP TABLE x;\n\\c two - b.example.com\nDROP TABLE y;\nEOF"
    found = [(fact.name, fact.database.host, fact.database.name) for fact in statements(text)]
    assert found == [("x", "a.example.com", "one"), ("y", "b.example.com", "two")]
    text = "mysql -h a.example.com <<'EOF'\nUSE shop;\nDROP TABLE x;\nEOF"
    assert [fact.database.name for fact in statements(text)] == ["shop"]


@pytest.mark.parametrize(
    ("command", "shell"),
    [
        ("psql -c '\\! ls -l'", "ls -l"),
        ("psql <<'EOF'\n\\copy t from program 'ls -l'\nEOF", "ls -l"),
        ("psql <<'EOF'\n\\o |ls -l\nEOF", "ls -l"),
        ("psql <<'EOF'\nSELECT 1 \\g |ls -l\nEOF", "ls -l"),
        ("psql <<'EOF'\n\\set x `ls -l`\nEOF", "ls -l"),
        ("mysql -e 'system ls -l'", "ls -l"),
        ("mysql -e '\\! ls -l'", "ls -l"),
        ("sqlite3 app.db '.shell ls -l'", "ls -l"),
        ("sqlite3 app.db '.system ls -l'", "ls -l"),
        ("sqlite3 app.db '.output |ls -l'", "ls -l"),
        ("sqlite3 app.db '.read |ls -l'", "ls -l"),
        ("sqlcmd -S a <<'EOF'\n:!! ls -l\nEOF", "ls -l"),
    ],
)
def test_what_a_client_hands_to_a_shell(command: str, shell: str) -> None:
    words = [[str(word) for word in invocation.argv] for invocation in look(command).invocations]
    assert shell.split() in words


@pytest.mark.parametrize(
    ("command", "path"),
    [
        ("psql -o out.txt -c 'SELECT 1'", "out.txt"),
        ("psql <<'EOF'\n\\o out.txt\nEOF", "out.txt"),
        ("psql <<'EOF'\n\\copy t to 'out.txt' csv\nEOF", "out.txt"),
        ("sqlite3 app.db '.backup out.txt'", "out.txt"),
        ("pg_dump shop -f out.txt", "out.txt"),
        ("mysqldump shop -r out.txt", "out.txt"),
    ],
)
def test_files_that_are_written(command: str, path: str) -> None:
    written = [str(op.path) for op, _ in look(command).operations if isinstance(op, FileOverwrite)]
    assert written == [f"/home/dev/work/app/{path}"]


def test_what_cannot_be_read_is_said() -> None:
    for command in ("psql -f gone.sql", "psql -c 'CALL nightly()'", "ls | psql", "mongosh shop gone.js"):
        assert any(isinstance(op, Opaque) for op, _ in look(command).operations), command


@pytest.mark.parametrize(
    ("command", "scratch"),
    [
        ("psql -h localhost app_test -c 'TRUNCATE t'", True),
        ("psql -h localhost test_app -c 'TRUNCATE t'", True),
        ("psql -h localhost latest -c 'TRUNCATE t'", False),
        ("psql -h localhost contest -c 'TRUNCATE t'", False),
        ("psql -h localhost app -c 'TRUNCATE t'", False),
        ("psql -h db.example.com app_test -c 'TRUNCATE t'", False),
        ("psql -h localhost prod_test -c 'TRUNCATE t'", False),
        ("psql -h localhost app -c 'DROP DATABASE app_test'", True),
        ("psql -h localhost app_test -c 'DROP DATABASE app'", False),
        ("docker exec db psql -d app_test -c 'TRUNCATE t'", True),
        ("ssh db1 \"psql -d app_test -c 'TRUNCATE t'\"", False),
        ("sqlite3 :memory: 'DROP TABLE t'", True),
        ("sqlite3 /tmp/x.db 'DROP TABLE t'", True),
        ("sqlite3 app.db 'DROP TABLE t'", False),
    ],
)
def test_scratch_databases(command: str, scratch: bool) -> None:
    found = {"SCRATCH" in fact.detail for fact in statements(command)}
    assert found == {scratch}


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("mongosh shop --eval 'db.users.drop()'", ("DROP", "COLLECTION", "users", None)),
        ("mongosh shop --eval 'db.dropDatabase()'", ("DROP", "DATABASE", "shop", None)),
        ("mongosh shop --eval 'db[\"users\"].drop()'", ("DROP", "COLLECTION", "users", None)),
        ('mongosh shop --eval \'db["users"]["drop"]()\'', ("DROP", "COLLECTION", "users", None)),
        ("mongosh shop --eval 'db.users.deleteMany({})'", ("DELETE", "ROWS", "users", False)),
        ("mongosh shop --eval 'db.users.deleteMany({a: 1})'", ("DELETE", "ROWS", "users", True)),
        ("mongosh shop --eval 'db.users.remove({_id: {$exists: true}})'", ("DELETE", "ROWS", "users", False)),
        ("redis-cli flushall async", ("FLUSHALL", "SERVER", "", None)),
        ("redis-cli del a b", ("DEL", "KEYS", "a b", True)),
        ("redis-cli config set dir /tmp", ("CONFIG", "SET", "dir", None)),
        ("dropdb shop", ("DROP", "DATABASE", "shop", None)),
        ("dropuser app", ("DROP", "USER", "app", None)),
        ("mysqladmin -f drop shop", ("DROP", "DATABASE", "shop", None)),
        ("pg_restore -c -d shop x.dump", ("REPLACE", "SCHEMA", "shop", None)),
    ],
)
def test_stores_and_tools_become_statements(command: str, expected: tuple[str, str, str, bool | None]) -> None:
    (fact,) = statements(command)
    assert (fact.verb, fact.object, fact.name, fact.where) == expected


@pytest.mark.parametrize(
    "command",
    [
        "mongosh shop --eval '// db.dropDatabase()'",
        "mongosh shop --eval 'print(\"db.users.drop()\")'",
        "redis-cli get FLUSHALL",
        "redis-cli replicaof no one",
        "dropdb --help",
        "dropdb -i shop",
        "pg_restore -c -l x.dump",
        "sqlite3 -readonly app.db 'DROP TABLE t'",
        "bq query --dry_run 'DROP TABLE t'",
    ],
)
def test_what_changes_nothing(command: str) -> None:
    assert statements(command) == []


@pytest.mark.parametrize(
    ("command", "environment"),
    [
        ("DATABASE_URL=postgres://db.prod.example.com/shop prisma migrate reset", "production"),
        ("DATABASE_URL=postgres://localhost/shop prisma migrate reset", "local"),
        ("RAILS_ENV=production rails db:drop", "production"),
        ("rails db:drop", "unknown"),
        ("flyway -url=jdbc:postgresql://db.prod.example.com/shop clean", "production"),
        ("goose postgres 'host=localhost dbname=shop' reset", "local"),
    ],
)
def test_the_database_of_an_application(command: str, environment: str) -> None:
    assert [finding.environment for finding in look(command).findings][:1] == [environment]


def test_the_env_file_of_the_project_names_the_database() -> None:
    found = look("prisma migrate reset", files={".env": 'export DATABASE_URL="postgres://db.prod.example.com/shop"\n'})
    assert [(finding.target, finding.environment) for finding in found.findings] == [
        ("db.prod.example.com/shop", "production")
    ]


def test_every_client_is_described() -> None:
    from agentguard.programs.databases import CLIENTS

    for name in CLIENTS:
        described = book().table(name)
        assert described is not None, name
        call = parse(described, ())
        assert any("databases:client" in ref for ref in table.ADAPTERS[call.program]), name


def test_inner_scripts_keep_unknown_pieces() -> None:
    from agentguard.programs.sql_session import value_of

    value = value_of("rm -rf \ufffc/x")
    assert value.unknown and str(value) == "rm -rf …/x"
    assert InnerScript(value, "psql").text is value
    assert Database("postgres").host == ""
