import re

import pytest
from made import made_answer, made_finding

from agentguard import output
from agentguard.interpret.invocation import Step
from agentguard.interpret.values import Truth
from agentguard.rulebook.model import Severity


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain text\nand more", "plain text\nand more"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("a\rb", "a\\x0db"),
        ("bidi \u202e here", "bidi \\u202e here"),
        ("zero\u200bwidth", "zero\\u200bwidth"),
        ("\udcff", "\\udcff"),
        ("\U000e0041", "\\U000e0041"),
        ("line\u2028end", "line\\u2028end"),
        ("Grüße 日本 ✓", "Grüße 日本 ✓"),
    ],
)
def test_only_printable_text_is_shown(text, shown):
    assert output.visible(text) == shown


def test_a_line_is_one_line_and_bounded():
    assert output.line("a\n b\t\tc") == "a b c"
    assert len(output.line("x" * 5000)) == 200


def test_a_refusal_says_what_where_what_is_lost_and_what_to_do():
    trail = (Step("sudo", (0, 4)), Step("bash -c", (5, 9)))
    text = "\n".join(output.refusal_lines(made_answer(made_finding(environment="production", trail=trail))))
    for part in (
        "not run: overwrites the remote branch origin/main",
        "git push --force",
        "sudo → bash -c",
        "origin/main (production)",
        "commits that others pushed",
        "can be undone only in part",
        "git push --force-with-lease",
        "git.push-force, high",
        "[[allow]]",
    ):
        assert part in text
    assert len(text.splitlines()) <= 12


def test_a_refusal_on_the_floor_offers_no_way_round():
    floor = made_finding("files.root", Severity.CRITICAL, floor=True, target="/")
    text = "\n".join(output.refusal_lines(made_answer(floor)))
    assert "[[allow]]" not in text and "no setting lifts this" in text


def test_a_refusal_says_when_it_is_not_certain():
    text = "\n".join(output.refusal_lines(made_answer(made_finding(certainty=Truth.MAYBE))))
    assert "not certain" in text


def test_more_findings_are_listed_and_bounded():
    findings = [made_finding(f"x.rule-{number}") for number in range(9)]
    lines = output.refusal_lines(made_answer(*findings))
    assert sum("also" in text for text in lines) == 3


def test_a_refusal_without_findings_gives_the_problem():
    lines = output.refusal_lines(made_answer(problem="the quote at 4 is not closed"))
    assert "the quote at 4 is not closed" in lines[0]


def test_escapes_never_reach_the_terminal(capsys):
    nasty = made_finding(target="\x1b]0;owned\x07", words=("echo", "\x1b[2J"))
    output.refusal(made_answer(nasty))
    captured = capsys.readouterr()
    assert captured.out == ""
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", captured.err)


def test_a_token_in_the_words_is_not_shown():
    token = "ghp_aB3dE5gH7jK9mN1pQ2rS4tU6vW8xY0zaB3dE"
    finding = made_finding(words=("gh", "api", "-X", "DELETE", "-H", f"Authorization: Bearer {token}", "repos/a/b"))
    (part,) = [text for label, text in output.details(finding) if label == "part"]
    assert token[8:] not in part
    assert "repos/a/b" in part
