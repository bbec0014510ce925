"""Reading a pack: whatever is wrong is named with its line and its reason."""

from __future__ import annotations

import pytest

from agentguard.rulebook.pack import read
from tests.rulebook.made_world import EXAMPLES, FACTS, pack, rule

CALL = '[rule.call]\nprogram = "x"'


def reasons(text: str) -> list[str]:
    return [str(problem) for problem in read("t.toml", text.encode()).problems]


def test_a_good_pack_has_no_problems() -> None:
    good = pack(
        '[[program]]\nnames = ["x"]\nvalue = "-a"\n',
        '[[endpoint]]\nid = "api"\nhosts = ["api.x.com"]\n',
        rule(CALL),
    )
    result = read("t.toml", good.encode())
    assert result.problems == []
    assert [record["id"] for record in result.rules] == ["t.r"]
    assert result.endpoints["api"]["hosts"] == ["api.x.com"]


def test_broken_toml_names_its_line() -> None:
    assert reasons(pack("x = [1,")) != []
    assert reasons('[pack]\nid = "t"\nsummary = x\n')[0].startswith("t.toml:3: not TOML")


def test_bytes_that_are_no_text() -> None:
    assert str(read("t.toml", b'[pack]\nid = "\xff"').problems[0]) == "t.toml:2: not UTF-8"


def test_a_problem_names_the_line_of_its_rule() -> None:
    text = pack(rule(CALL), rule("[rule.call]\nprogramme = 'x'", "t.second"))
    line = [number for number, words in enumerate(text.splitlines(), 1) if words == "[[rule]]"][1]
    (problem,) = reasons(text)
    assert problem.startswith(f"t.toml:{line}: rule t.second: call.programme: unknown key")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (rule(""), "exactly one matcher"),
        (rule(CALL + "\n[rule.bomb]"), "exactly one matcher"),
        (rule(CALL, name="other.r"), "does not begin with t."),
        (rule(CALL, severity="terrible"), "severity: one of"),
        (rule(CALL + "\n[rule.when]\nweather = 'good'"), "when.weather: unknown key"),
        (rule(CALL + "\n[rule.when]\ngit = 'messy'"), "'messy' is none of"),
        (rule(CALL + "\noperand = '('"), "no regular expression"),
        (rule(CALL + "\nmin_operands = true"), "a number is needed"),
        (rule("[rule.call]\nany = ['-f']"), "program is needed"),
        (rule("[rule.http]\nhost = '*'\npath = 'v1'"), "does not begin with /"),
        (rule("[rule.files]\naction = 'eat'"), "'eat' is none of"),
        (rule(CALL).replace("removes {target}", "removes {victim}"), "only {target} is filled in"),
        (rule(CALL).replace("'x', 'y'", "'x'", 1), "examples.stop: at least two"),
        (rule(CALL).replace(EXAMPLES, ""), "examples"),
        (rule(CALL).replace("stop = ['x'", "stop = [{ command = 'x', mood = 1 }"), "unknown key mood"),
        (rule(CALL).replace(FACTS, FACTS + "\nseverty = 1"), "unknown key severty"),
        ('[[program]]\nnames = ["x"]\n[program.sub.y]\nvlue = "-a"', "unknown key vlue"),
        ('[[program]]\nvalue = "-x"', "names"),
        ('[[endpoint]]\nid = "x"', "id and hosts"),
        ('[program]\nnames = ["x"]', "[[program]] is needed"),
        ("[surprise]\nx = 1", "unknown table surprise"),
    ],
)
def test_what_is_wrong_is_said(text: str, reason: str) -> None:
    (problem,) = reasons(pack(text))
    assert reason in problem


def test_two_rules_of_one_id() -> None:
    assert "two rules" in reasons(pack(rule(CALL), rule(CALL)))[0]


def test_examples_with_needs() -> None:
    text = rule(CALL).replace("stop = ['x'", "stop = [{ command = 'x', git = 'dirty', files = { a = 'b' } }")
    (record,) = read("t.toml", pack(text).encode()).rules
    assert record["stop"][0] == ("x", {"git": "dirty", "files": {"a": "b"}})  # type: ignore[index]
