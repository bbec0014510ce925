"""The ``call`` matcher, and what a MAYBE comes to."""

from __future__ import annotations

from pathlib import Path

import pytest

from agentguard.interpret.values import Origin, Truth, Unknown, Value, literal, unknown
from agentguard.rulebook.load import Rulebook
from tests.rulebook.made_world import MadeWorld, book, called, invocation, rule

GIT = """
[[program]]
names = ["git"]
value = "-C -c"
inherit = false
abbreviate = true
[program.sub.push]
same = ["-f --force", "-d --delete"]
[program.sub.volume]
[program.sub."volume delete"]
aliases = ["rm"]
"""
MANY = unknown(Origin.POSITIONAL, "@", many=True)


def git(tmp_path: Path, keys: str, severity: str = "high") -> Rulebook:
    return book(tmp_path, GIT, rule(f'[rule.call]\nprogram = "git"\n{keys}', severity=severity))


@pytest.mark.parametrize("words", ["push --force", "push -uf o b", "-C /x push --forc", "push o b -f", "push -fu"])
def test_any_option_in_every_spelling(tmp_path: Path, words: str) -> None:
    assert called(git(tmp_path, 'subcommand = "push"\nany = "-f"'), "git", *words.split())


@pytest.mark.parametrize(
    "words", ["push o b", "pull --force", "push --force-with-lease", "push -- -f", "status push -f"]
)
def test_near_misses(tmp_path: Path, words: str) -> None:
    rulebook = git(tmp_path, 'subcommand = "push"\nany = "-f"\nnone = "--force-with-lease"')
    assert called(rulebook, "git", *words.split()) == []


def test_an_alias_in_a_rule_means_the_subcommand(tmp_path: Path) -> None:
    rulebook = git(tmp_path, 'subcommand = "volume rm"')
    assert called(rulebook, "git", "volume", "delete", "x")[0].target == "x"
    assert called(rulebook, "git", "volume", "rm")
    assert called(rulebook, "git", "volume", "list") == []


def test_any_word_in_a_path(tmp_path: Path) -> None:
    rulebook = git(tmp_path, 'subcommand = ["* destroy", "a * b"]')
    assert called(rulebook, "git", "anything", "destroy")
    assert called(rulebook, "git", "a", "x", "b", "c")
    assert called(rulebook, "git", "a", "b") == []


def test_all_and_none(tmp_path: Path) -> None:
    rulebook = git(tmp_path, 'subcommand = "push"\nall = ["-f", "--delete"]\nnone = "--dry-run"')
    assert called(rulebook, "git", "push", "-fd")
    assert called(rulebook, "git", "push", "-f") == []
    assert called(rulebook, "git", "push", "-fd", "--dry-run") == []


def test_values(tmp_path: Path) -> None:
    rulebook = git(tmp_path, 'values = { "-c" = "^alias\\\\." }\nno_values = { "-c" = "safe" }')
    assert called(rulebook, "git", "-c", "alias.x=!y", "x")
    assert called(rulebook, "git", "-calias.x=!y", "x")
    assert called(rulebook, "git", "-c", "user.name=alias.", "x") == []
    assert called(rulebook, "git", "-c", "alias.x=safe", "x") == []


def test_operands(tmp_path: Path) -> None:
    rulebook = git(
        tmp_path,
        'subcommand = "push"\noperand = "^\\\\+"\nno_operand = "keep"\nfirst = "^o"\nlast = "b$"\n'
        "min_operands = 2\nmax_operands = 3",
    )
    assert called(rulebook, "git", "push", "origin", "+b")
    for words in ("origin b", "+origin b", "origin +b keepb", "origin +b c", "+ob", "o +a c b"):
        assert called(rulebook, "git", "push", *words.split()) == [], words


def test_dashes(tmp_path: Path) -> None:
    rulebook = git(tmp_path, 'subcommand = "push"\ndashes = true')
    assert called(rulebook, "git", "push", "--", "x")
    assert called(rulebook, "git", "push", "x") == []


def test_environment_place_and_input(tmp_path: Path) -> None:
    rulebook = git(tmp_path, 'env = { X = "^1$" }\nplace = "^ssh prod"\nstdin = "DROP"')
    at = invocation("git", "a", place="ssh prod1", env={"X": literal("1")}, stdin=literal("DROP TABLE"))
    assert called(rulebook, at=at)[0].environment == "production"
    assert called(rulebook, at=invocation("git", "a", place="ssh prod1", stdin=literal("DROP"))) == []
    world = MadeWorld(env={"X": "1"})
    assert called(rulebook, at=invocation("git", "a", place="ssh prod1", stdin=literal("DROP")), world=world)
    assert called(rulebook, at=invocation("git", "a", stdin=literal("DROP")), world=world) == []


def test_every_program(tmp_path: Path) -> None:
    rulebook = book(tmp_path, rule('[rule.call]\nprogram = "*"\nany = "--wipe"'))
    assert called(rulebook, "whatever", "--wipe")


def test_a_name_that_stands_for_words(tmp_path: Path) -> None:
    tables = '[[program]]\nnames = ["docker"]\nvalue = "-H"\n[program.sub.compose]\nvalue = "-f"\n'
    alias = '[[program]]\nnames = ["docker-compose"]\nstands_for = ["docker", "compose"]\n'
    rulebook = book(
        tmp_path, tables, alias, rule('[rule.call]\nprogram = "docker"\nsubcommand = "compose down"\nany = "-v"')
    )
    assert called(rulebook, "docker-compose", "-f", "x.yml", "down", "-v")
    assert called(rulebook, "docker", "compose", "-f", "x.yml", "down", "-v")
    assert called(rulebook, "docker-compose", "down") == []


# ------------------------------------------------------------------------------------------- unknown


def test_options_that_may_be_there_are_supervised(tmp_path: Path) -> None:
    (finding,) = called(git(tmp_path, 'subcommand = "push"\nany = "-f"', "critical"), "git", "push", MANY)
    assert (finding.certainty, finding.decision) == (Truth.MAYBE, "supervise")


def test_an_unknown_operand_beside_what_was_seen_asks(tmp_path: Path) -> None:
    rulebook = git(tmp_path, 'subcommand = "push"\nany = "-f"\noperand = "^main$"')
    (finding,) = called(rulebook, "git", "push", "--force", "origin", MANY)
    assert (finding.certainty, finding.decision) == (Truth.MAYBE, "ask")


def test_an_unknown_branch_is_not_a_forced_one(tmp_path: Path) -> None:
    rulebook = git(tmp_path, 'subcommand = "push"\noperand = "^\\\\+"')
    (finding,) = called(rulebook, "git", "push", "origin", MANY)
    assert finding.decision == "supervise"
    plus = Value(("+", Unknown(Origin.OUTPUT)))
    (finding,) = called(rulebook, "git", "push", "origin", plus)
    assert (finding.certainty, finding.decision) == (Truth.YES, "ask")
    assert called(rulebook, "git", "push", "origin", Value(("x", Unknown(Origin.OUTPUT)))) == []


def test_an_unknown_subcommand(tmp_path: Path) -> None:
    rulebook = git(tmp_path, 'subcommand = "reset"\nany = "--hard"')
    (finding,) = called(rulebook, "git", unknown(Origin.OUTPUT), "--hard")
    assert (finding.certainty, finding.decision) == (Truth.MAYBE, "ask")
    (finding,) = called(rulebook, "git", MANY)
    assert finding.decision == "supervise"


def test_a_rule_may_say_what_maybe_means(tmp_path: Path) -> None:
    for maybe, decisions in (("ask", ["ask"]), ("supervise", ["supervise"]), ("ignore", [])):
        text = rule('[rule.call]\nprogram = "git"\nsubcommand = "push"\nany = "-f"').replace(
            'severity = "high"', f'severity = "high"\nmaybe = "{maybe}"'
        )
        rulebook = book(tmp_path, GIT, text)
        assert [finding.decision for finding in called(rulebook, "git", "push", MANY)] == decisions


def test_texts_are_filled_in(tmp_path: Path) -> None:
    rulebook = git(tmp_path, 'subcommand = "push"')
    assert called(rulebook, "git", "push", "a", "b")[0].title == "removes a/b"
    assert called(rulebook, "git", "push")[0].title == "removes origin"


@pytest.mark.parametrize("words", ["db delete x", "compute disks delete x", "a purge-all", "delete"])
def test_the_verb_of_a_program_with_many_nouns(tmp_path: Path, words: str) -> None:
    rulebook = git(tmp_path, 'verb = ["delete", "purge-*"]\nnot_verb = ["list", "create"]')
    assert called(rulebook, "git", *words.split())


@pytest.mark.parametrize(
    "words", ["db list delete", "db create delete", "a b c d delete", "status", "db delete --help"]
)
def test_a_word_that_is_not_the_verb(tmp_path: Path, words: str) -> None:
    rulebook = git(tmp_path, 'verb = ["delete", "purge-*"]\nnot_verb = ["list", "create"]')
    assert called(rulebook, "git", *words.split()) == []


def test_an_unknown_verb_is_supervised(tmp_path: Path) -> None:
    rulebook = git(tmp_path, 'verb = "delete"\nnot_verb = "list"')
    assert [found.decision for found in called(rulebook, "git", "db", MANY)] == ["supervise"]
    assert called(rulebook, "git", "db", "list", MANY) == []


def test_kill_acts_before_it_helps(tmp_path: Path) -> None:
    rulebook = book(tmp_path, rule('[rule.call]\nprogram = ["kill", "git"]\noperand = "^1$"'))
    assert called(rulebook, "kill", "1", "--help")
    assert called(rulebook, "git", "1", "--help") == []
