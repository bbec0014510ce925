import json

import pytest
from click.testing import CliRunner

from agentguard import policy
from agentguard.cli import rules
from agentguard.cli.newrule import RuleRefused, write

GIVEN = {
    "title": "drops the release {target}",
    "loses": "the release and its artefacts",
    "instead": "keep it, or archive it in the web page",
    "severity": "high",
    "reversible": "no",
    "program": "relctl",
    "subcommand": "drop",
    "options": (),
    "operand": None,
    "stop": ("relctl drop v1.2", "sudo relctl drop v1.2"),
    "run": ("relctl list", "echo relctl drop"),
}


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    """A user whose packs and cache lie in a directory of the test."""
    monkeypatch.setattr(policy, "user_home", lambda: str(tmp_path))
    rules._door.cache_clear()
    yield tmp_path
    rules._door.cache_clear()


def run(*arguments: str):
    return CliRunner().invoke(rules.command, arguments, standalone_mode=False, env={"COLUMNS": "200"})


def test_list_shows_built_in_rules():
    listed = json.loads(run("list", "--json").output)
    assert len(listed) > 20
    assert {"id", "title", "severity", "loses", "instead"} <= set(listed[0])
    chosen = json.loads(run("list", "--json", "git.*").output)
    assert chosen and all(rule["id"].startswith("git.") for rule in chosen)
    assert chosen[0]["id"] in run("list", "git.*").output


def test_show_gives_a_rule_with_its_proof():
    first = json.loads(run("list", "--json").output)[0]
    page = run("show", first["id"])
    assert page.return_value == 0
    assert first["id"] in page.output and "stops" in page.output and "runs" in page.output
    assert run("show", "no.such-rule").return_value == 125


def test_test_proves_the_rules_it_is_asked_for():
    result = run("test", "git.push*")
    assert result.return_value == 0, result.output
    assert result.output.rstrip().endswith("all hold")


def test_a_new_rule_is_written_proved_and_in_force(own_home):
    path = write("mine.release-drop", GIVEN)
    assert path == str(own_home / ".config/agentguard/rules/mine.toml")
    write("mine.release-purge", {**GIVEN, "subcommand": "purge", "stop": ("relctl purge a", "relctl purge b")})
    assert run("test", "mine.*").return_value == 0
    listed = json.loads(run("list", "--json", "mine.*").output)
    assert [rule["id"] for rule in listed] == ["mine.release-drop", "mine.release-purge"]


@pytest.mark.parametrize(
    ("name", "changes", "reason"),
    [
        ("mine.x", {"stop": ("relctl drop v1",)}, "at least two"),
        ("mine.x", {"stop": ("relctl list", "relctl drop v1")}, "does not find it"),
        ("mine.x", {"run": ("relctl list", "relctl drop v1")}, "finds it"),
        ("mine.x", {"operand": "("}, "regular expression"),
        ("nopack", {}, "PACK.NAME"),
        ("../mine.x", {}, "PACK.NAME"),
    ],
)
def test_a_rule_that_does_not_hold_is_not_written(own_home, name, changes, reason):
    with pytest.raises(RuleRefused, match=reason):
        write(name, {**GIVEN, **changes})
    assert not list(own_home.rglob("*.toml"))


def test_the_command_takes_all_that_a_rule_needs(own_home):
    done = run(
        *("new", "mine.release-drop", "--program", "relctl", "--subcommand", "drop", "--title", "drops it"),
        *("--loses", "the release", "--instead", "archive it.", "--severity", "medium"),
        *("--stop", "relctl drop a", "--stop", "relctl drop b", "--run", "relctl list", "--run", "relctl show a"),
    )
    assert done.return_value == 0, done.output
    assert 'severity = "medium"' in (own_home / ".config/agentguard/rules/mine.toml").read_text()


def test_a_broken_pack_of_the_user_is_named_and_left_out(own_home):
    folder = own_home / ".config/agentguard/rules"
    folder.mkdir(parents=True)
    (folder / "broken.toml").write_text("[pack]\nid = 'broken'\nsummary = 'x'\n[[rule]]\nid = 'broken.a'\n")
    result = run("list", "--json")
    assert "broken.toml:4: " in result.stderr
    assert json.loads(result.stdout)
    assert run("test", "git.push*").return_value == 1
