"""The matchers of files, statements, secrets, code and the guard itself; conditions; environments of targets."""

from __future__ import annotations

from pathlib import Path

import pytest

from agentguard.interpret.values import Origin, Truth, Unknown, Value, literal
from agentguard.operations import (
    CodeExecution,
    CredentialRead,
    CredentialUse,
    Database,
    DeviceWrite,
    FileDelete,
    FileMove,
    FileOverwrite,
    Opaque,
    PermissionChange,
    PolicyTamper,
    ProcessBomb,
    SqlStatement,
)
from agentguard.rulebook.model import Severity
from agentguard.world.settings import Settings
from tests.rulebook.made_world import MadeRepository, MadeWorld, book, called, found, invocation, rule


def delete(path: str, **changes: object) -> FileDelete:
    return FileDelete(literal(path), True, **changes)  # type: ignore[arg-type]


def test_files_by_name_and_kind(tmp_path: Path) -> None:
    names = 'name = ["*.tfstate", "/srv/*/db"]\nnot_name = "old*"'
    rulebook = book(tmp_path, rule(f'[rule.files]\naction = ["delete", "move"]\n{names}\nrecursive = true'))
    assert found(rulebook, delete("/a/x.tfstate"))[0].environment == "local"
    assert found(rulebook, delete("/srv/a/db/"))
    assert found(rulebook, delete("/a/db")) == []
    assert found(rulebook, delete("/a/old.tfstate")) == []
    assert found(rulebook, FileDelete(literal("/a/x.tfstate"), False)) == []
    assert found(rulebook, FileOverwrite(literal("/a/x.tfstate"))) == []
    assert found(rulebook, delete("/a/x.tfstate", only="*.log")) == []
    assert found(rulebook, delete("/a", only="*.tfstate"))
    unknown = FileDelete(Value(("/a/", Unknown(Origin.OUTPUT))), True)
    assert found(rulebook, unknown)[0].certainty is Truth.MAYBE


def test_moves_appends_wipes_and_modes(tmp_path: Path) -> None:
    names = 'name = "x"'
    rulebook = book(
        tmp_path,
        rule(f'[rule.files]\naction = "move"\n{names}', "t.move"),
        rule(f'[rule.files]\naction = "append"\n{names}', "t.append"),
        rule(f'[rule.files]\naction = "wipe"\n{names}', "t.wipe"),
        rule(f'[rule.files]\naction = "chmod"\nmode = "777"\n{names}', "t.chmod"),
    )
    x, y = literal("/x"), literal("/y")

    def rules(operation: FileMove | FileOverwrite | PermissionChange) -> list[str]:
        return [finding.rule for finding in found(rulebook, operation)]

    assert rules(FileMove(x, y)) == ["t.move"]
    assert rules(FileMove(y, x)) == []
    assert rules(FileOverwrite(x, append=True)) == ["t.append"]
    assert rules(FileOverwrite(x, secure=True)) == ["t.wipe"]
    assert rules(PermissionChange(x, "0777", True)) == ["t.chmod"]
    assert rules(PermissionChange(x, "644", True)) == []


def test_devices_bombs_and_the_guard(tmp_path: Path) -> None:
    rulebook = book(
        tmp_path,
        rule('[rule.device]\ndevice = "^/dev/sd"', "t.device"),
        rule("[rule.bomb]", "t.bomb"),
        rule('[rule.tamper]\nwhat = ["config", "state"]', "t.tamper"),
        rule('[rule.code]\norigin = "network"\ninterpreter = "*sh"', "t.code"),
    )
    assert found(rulebook, DeviceWrite(literal("/dev/sda1")))[0].rule == "t.device"
    assert found(rulebook, DeviceWrite(literal("/dev/null"))) == []
    assert found(rulebook, ProcessBomb(":"))[0].title == "removes :"
    assert found(rulebook, PolicyTamper("config", "~/x"))[0].target == "~/x"
    assert found(rulebook, PolicyTamper("approve")) == []
    assert found(rulebook, CodeExecution("network", "bash"))
    assert found(rulebook, CodeExecution("network", "python")) == []
    assert found(rulebook, CodeExecution("decoded", "bash")) == []


def test_secrets(tmp_path: Path) -> None:
    rulebook = book(tmp_path, rule('[rule.credential]\nhow = ["print", "use"]\nsource = ["*railway*", "header"]'))
    assert found(rulebook, CredentialRead("railway token", "print"))
    assert found(rulebook, CredentialRead("railway token", "read")) == []
    assert found(rulebook, CredentialUse("header", "sk_…9f"))
    assert found(rulebook, CredentialUse("body", "sk_…9f")) == []


def test_what_is_opaque_is_a_finding_only_with_a_risk(tmp_path: Path) -> None:
    rulebook = book(tmp_path, rule('[rule.opaque]\nwhy = "decoded"'))
    assert found(rulebook, Opaque("decoded text")) == []
    assert found(rulebook, Opaque("decoded text", Truth.MAYBE))[0].decision == "ask"
    assert found(rulebook, Opaque("decoded text", Truth.YES))[0].certainty is Truth.YES
    assert found(rulebook, Opaque("a script", Truth.MAYBE)) == []


# ------------------------------------------------------------------------------------------------ sql

PRODUCTION = Database("postgres", "db.prod.example.com", "5432", "shop")


def test_statements(tmp_path: Path) -> None:
    rulebook = book(
        tmp_path,
        rule('[rule.sql]\nverb = "DROP"\nobject = ["TABLE", "SCHEMA"]\nname = "^users$"', "t.drop"),
        rule('[rule.sql]\nverb = ["DELETE", "UPDATE"]\nwhere = false', "t.all-rows"),
        rule('[rule.sql]\nverb = "ALTER"\ndetail = "COLUMN"\nnot_detail = "ADD"\nengine = "postgres"', "t.column"),
        rule('[rule.sql]\nverb = "UNKNOWN"', "t.unknown"),
        rule('[rule.sql]\nverb = "*"\nname = "^vault"', "t.vault"),
    )

    def rules(verb: str, thing: str = "", name: str = "", **changes: object) -> list[str]:
        statement = SqlStatement(PRODUCTION, verb, thing, name, **changes)  # type: ignore[arg-type]
        return [finding.rule for finding in found(rulebook, statement)]

    assert rules("DROP", "TABLE", "users") == ["t.drop"]
    assert rules("DROP", "INDEX", "users") == []
    assert rules("DROP", "TABLE", "logs") == []
    assert rules("DROP", "TABLE", "users", rolled_back=True) == []
    assert rules("DELETE", where=False) == ["t.all-rows"]
    assert rules("DELETE", where=True) == rules("DELETE") == []
    assert rules("ALTER", detail=frozenset({"COLUMN"})) == ["t.column"]
    assert rules("ALTER", detail=frozenset({"COLUMN", "ADD"})) == []
    assert rules("UNKNOWN") == ["t.unknown"]
    assert rules("GRANT", "", "vault_keys") == ["t.vault"]


@pytest.mark.parametrize(
    ("database", "place", "environment"),
    [
        (PRODUCTION, "", "production"),
        (Database("postgres", "localhost", "", "shop"), "", "local"),
        (Database("postgres", "localhost", "", "shop_production"), "", "unknown"),
        (Database("postgres", "10.0.0.4", "", "shop_test"), "", "staging"),
        (Database("postgres", "10.0.0.4", "", "shop"), "", "unknown"),
        (Database("postgres", "", "", "shop"), "ssh prod-db", "production"),
        (Database("postgres", "localhost", "", "shop"), "ssh db7.example.com", "unknown"),
        (Database("postgres", "localhost", "", "shop"), "container app-db-1", "local"),
        (Database("postgres", "staging.example.com", "", "production"), "", "production"),
    ],
)
def test_where_a_database_lies(tmp_path: Path, database: Database, place: str, environment: str) -> None:
    rulebook = book(tmp_path, rule('[rule.sql]\nverb = "DROP"'))
    (finding,) = found(rulebook, SqlStatement(database, "DROP", "TABLE", "users"), at=invocation("psql", place=place))
    assert finding.environment == environment


def test_a_target_is_named(tmp_path: Path) -> None:
    rulebook = book(tmp_path, rule('[rule.sql]\nverb = "DROP"'))
    (finding,) = found(rulebook, SqlStatement(PRODUCTION, "DROP", "TABLE", "users"))
    assert finding.title == "removes users in db.prod.example.com:5432/shop"


@pytest.mark.parametrize(
    ("words", "name", "environment"),
    [
        (("x", "delete", "ns"), "delete ns", "unknown"),
        (("x", "a", "--context", "kind-dev"), "a (context kind-dev)", "local"),
        (("x", "--app=shop-prod"), "(app shop-prod)", "production"),
        (("x", "--env", "staging", "--app", "shop"), "(env staging) (app shop)", "staging"),
        (("x", "y", "--prod"), "y", "production"),
        (("x", "postgres://me:secret@db/shop"), "postgres://me:…@db/shop", "unknown"),
    ],
)
def test_what_a_call_hits(tmp_path: Path, words: tuple[str, ...], name: str, environment: str) -> None:
    table = '[[program]]\nnames = ["x"]\nvalue = "--context --app --env"\n'
    rulebook = book(tmp_path, table, rule('[rule.call]\nprogram = "x"'))
    (finding,) = called(rulebook, *words)
    assert (finding.target, finding.environment) == (name, environment)


def test_severity_by_environment(tmp_path: Path) -> None:
    text = rule('[rule.sql]\nverb = "DROP"\n[rule.severity_in]\nlocal = "low"\nstaging = "medium"', severity="critical")
    rulebook = book(tmp_path, text)

    def severity(host: str) -> Severity:
        return found(rulebook, SqlStatement(Database("postgres", host), "DROP"))[0].severity

    assert severity("localhost") is Severity.LOW
    assert severity("staging.db.com") is Severity.MEDIUM
    assert severity("db.com") is Severity.CRITICAL


# ----------------------------------------------------------------------------------------- conditions


def holds(tmp_path: Path, condition: str, world: MadeWorld, severity: str = "high", **where: str) -> list[Truth]:
    rulebook = book(tmp_path, rule(f'[rule.call]\nprogram = "git"\n{condition}', severity=severity))
    at = invocation("git", "push", "origin", "x", **where)
    return [finding.certainty for finding in called(rulebook, world=world, at=at)]


@pytest.mark.parametrize(
    ("state", "repository", "hits"),
    [
        ("dirty", MadeRepository(dirty=True), True),
        ("dirty", MadeRepository(), False),
        ("untracked", MadeRepository(untracked=True), True),
        ("clean", MadeRepository(), True),
        ("clean", MadeRepository(untracked=True), False),
        ("unpushed", MadeRepository(ahead=2), True),
        ("unpushed", MadeRepository(ahead=None), False),
        ("stash", MadeRepository(stashes=1), True),
        ("none", None, True),
        ("none", MadeRepository(), False),
        ("dirty", None, False),
    ],
)
def test_the_state_of_the_repository(tmp_path: Path, state: str, repository: MadeRepository | None, hits: bool) -> None:
    world = MadeWorld(git=repository)
    assert bool(holds(tmp_path, f'[rule.when]\ngit = "{state}"', world)) is hits
    assert bool(holds(tmp_path, f'[rule.unless]\ngit = "{state}"', world)) is not hits


def test_the_state_elsewhere_is_not_known(tmp_path: Path) -> None:
    world = MadeWorld(git=MadeRepository())
    assert holds(tmp_path, '[rule.when]\ngit = "dirty"', world, place="ssh x") == [Truth.MAYBE]
    assert holds(tmp_path, '[rule.unless]\ngit = "clean"', world, place="ssh x") == [Truth.MAYBE]


def test_git_works_where_it_is_told(tmp_path: Path) -> None:
    rulebook = book(
        tmp_path,
        '[[program]]\nnames = ["git"]\nvalue = "-C"\n',
        rule('[rule.call]\nprogram = "git"\n[rule.when]\ngit = "none"'),
    )
    world = MadeWorld(git=MadeRepository())
    assert called(rulebook, "git", "x", world=world) == []
    assert called(rulebook, "git", "-C", "/else", "x", world=world)
    assert called(rulebook, "git", "-C", "sub", "x", world=world) == []


@pytest.mark.parametrize(
    ("words", "protected"),
    [
        (("push", "origin", "main"), True),
        (("push", "origin", "+HEAD:refs/heads/release/1"), True),
        (("push", "origin", "topic"), False),
        (("push", "origin", "HEAD"), False),
        (("push",), False),
        (("branch", "-D", "main"), True),
    ],
)
def test_protected_branches(tmp_path: Path, words: tuple[str, ...], protected: bool) -> None:
    table = '[[program]]\nnames = ["git"]\n[program.sub.push]\n[program.sub.branch]\n'
    rulebook = book(tmp_path, table, rule('[rule.call]\nprogram = "git"\n[rule.when]\nbranch = "protected"'))
    world = MadeWorld(git=MadeRepository(branch="topic"))
    assert bool(called(rulebook, "git", *words, world=world)) is protected


def test_other_conditions(tmp_path: Path) -> None:
    world = MadeWorld(env={"CI": "true"}, files={"/work/a.tf": ""})
    assert holds(tmp_path, '[rule.when]\nenv = { CI = "." }', world)
    assert holds(tmp_path, '[rule.unless]\nenv = { CI = "." }', world) == []
    assert holds(tmp_path, '[rule.when]\nfile = "*.tf"', world)
    assert holds(tmp_path, '[rule.when]\nfile = "b.tf"', world) == []
    assert holds(tmp_path, '[rule.when]\nplace = "^ssh"', world) == []
    assert holds(tmp_path, '[rule.when]\nplace = "^ssh"', world, place="ssh x")
    assert holds(tmp_path, '[rule.when]\ntag = "privileged"', world) == []


def test_an_unknown_environment_counts_as_production_for_critical_rules(tmp_path: Path) -> None:
    when = '[rule.when]\nenvironment = "production"'
    assert holds(tmp_path, when, MadeWorld(), "critical") == [Truth.YES]
    assert holds(tmp_path, when, MadeWorld(), "high") == [Truth.MAYBE]
    assert holds(tmp_path, '[rule.unless]\nenvironment = "staging"', MadeWorld()) == [Truth.YES]
    assert holds(tmp_path, '[rule.unless]\nenvironment = ["staging"]', MadeWorld(), place="ssh qa1") == []
    settings = Settings(environments={"production": {"hosts": ("box*",)}})
    assert holds(tmp_path, when, MadeWorld(settings=settings), place="ssh box7") == [Truth.YES]
