"""Three-valued matching must be right about what it is sure of, whatever the unknown pieces turn out to hold."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentguard.interpret.values import Origin, Pattern, Truth, Unknown, Value, concat, literal
from agentguard.rulebook.text import LIKELY, NO, OPEN, YES, Outcome, both, either, globs, search

HOLE = Value((Unknown(Origin.OUTPUT),))
PATTERNS = (
    *(r"^main$", r"^(main|prod)", r"^a\.b", r"^a|b", r"main$", r"\bab\b", r"^\+", r"^(?!.*ab)", r"b+", r"^ab?$"),
    *(r"(?i)^MAIN", r"^(?:ab|ba)*$", r"[^a]$", r"^$", r"", r"a.b", r"^a{2}"),
)
GLOBS = ("*", "main", "ma*", "*ab", "a*b", "?", "[ab]*", "a?b", "", "*.ab.*", "ab*ab")
PARTS = st.lists(st.one_of(st.text("ab.+mainprod", max_size=4), st.none()), max_size=4)


def known(text: str) -> Value:
    return literal(text)


@pytest.mark.parametrize(
    ("pattern", "value", "outcome"),
    [
        ("^main$", known("main"), YES),
        ("^main$", known("mainly"), NO),
        ("^main$", HOLE, OPEN),
        ("^main$", concat((known("ma"), HOLE)), LIKELY),
        ("^main$", concat((known("x"), HOLE)), NO),
        (r"^\+", concat((known("+"), HOLE)), YES),
        (r"^\+", concat((known("-"), HOLE)), NO),
        ("^(main|prod)$", concat((known("feature/"), HOLE)), NO),
        ("^(main|prod)$", concat((known("pro"), HOLE)), LIKELY),
        (":main$", concat((HOLE, known(":main"))), YES),
        (r"\bmain\b", concat((known("main"), HOLE)), LIKELY),
        ("^(?!.*dry)", concat((known("x"), HOLE)), LIKELY),
        ("^-", Value((Pattern("*"),)), NO),
    ],
)
def test_search(pattern: str, value: Value, outcome: object) -> None:
    assert search((pattern,), value) == outcome


def test_alternatives_and_conjunctions() -> None:
    assert search(("^x", "y$"), known("ay")) is YES
    assert either([NO, OPEN, LIKELY]) == LIKELY
    assert both([YES, OPEN]) == Outcome(Truth.MAYBE, True)
    assert both([OPEN, OPEN]) == OPEN
    assert both([YES, NO, YES]) == NO
    assert both([]).truth is Truth.YES


def test_a_huge_text_is_searched_in_windows() -> None:
    text = "a" * 60_000
    assert search(("^a",), known(text)) is YES
    assert search(("b$",), known(text + "b")) is YES
    assert search(("ba{500}c",), known(text + "b" + "a" * 500 + "c" + text)) is YES
    assert search(("^b", "bb"), known(text + "b" + text)) is NO


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(PATTERNS), PARTS, st.lists(st.text("ab.+-mainx\n", max_size=5), min_size=4, max_size=4))
def test_a_sure_answer_holds_for_every_filling(pattern: str, parts: list[str | None], fillings: list[str]) -> None:
    value = concat(HOLE if part is None else literal(part) for part in parts)
    fill = iter(fillings)
    text = "".join(next(fill) if part is None else part for part in parts)
    truth = search((pattern,), value).truth
    if truth is not Truth.MAYBE:
        assert bool(re.search(pattern, text, re.DOTALL)) is (truth is Truth.YES)


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(GLOBS), PARTS, st.lists(st.text("ab.mainx", max_size=5), min_size=4, max_size=4))
def test_a_sure_glob_holds_for_every_filling(pattern: str, parts: list[str | None], fillings: list[str]) -> None:
    value = concat(HOLE if part is None else literal(part) for part in parts)
    fill = iter(fillings)
    text = "".join(next(fill) if part is None else part for part in parts)
    truth = globs((pattern,), value).truth
    if truth is not Truth.MAYBE:
        assert fnmatchcase(text, pattern) is (truth is Truth.YES)
