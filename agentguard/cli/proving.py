"""``agentguard rules test``: the examples of rules judged, and each failure said so that one sees what to change."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from agentguard.rulebook.installed import installed
from agentguard.rulebook.load import Rulebook, compiled
from agentguard.rulebook.model import Rule
from agentguard.rulebook.problem import Problem

if TYPE_CHECKING:
    from agentguard.frontdoor import Answer
    from agentguard.rulebook.prove import Failure

#: how a text begins that ``rules new`` leaves to be written
BLANK: Final = "FILL IN"
_EXPECTED: Final = {
    "stop": "{rule} stops it",
    "run": "{rule} finds nothing in it",
    "instead": "a suggestion that is not stopped as hard as what it stands for",
}


def is_file(name: str) -> bool:
    """Whether an argument names a pack file: ids of rules hold no slash, and none ends in .toml."""
    return "/" in name or name.endswith(".toml")


def read(path: str, user: str) -> tuple[Rulebook, list[Rule], list[Problem]]:
    """The rulebook of the installed packs, those in ``user`` and the file; the rules of the file, and what is wrong
    with it. Where something is, its rules are left out. Raises OSError where the file cannot be read."""
    from agentguard.rulebook.pack import read as read_pack

    with open(path, "rb") as file:
        wanted = {str(record["id"]) for record in read_pack(path, file.read()).rules}
    own, users = ([name for name in _packs(folder) if not _same(name, path)] for folder in (installed(), user))
    rulebook = Rulebook.of(compiled(own, [*users, path]))
    problems = [problem for problem in rulebook.problems if problem.file == path]
    rules = [] if problems else [rule for rule in rulebook.rules if rule.id in wanted]
    return rulebook, rules, problems


def report(rules: Sequence[Rule], rulebook: Rulebook) -> Iterator[list[str]]:
    """The lines about each failure: which example, what was expected, what came out, what was found instead."""
    from agentguard.rulebook.prove import prove

    blank: set[tuple[str, str]] = set()
    for rule in rules:
        for label, text in _texts(rule):
            if text.startswith(BLANK):
                blank.add((rule.id, text))
                yield [f"{rule.id}: {label} is still to be written", f"  now       {text}"]
    by_id = {rule.id: rule for rule in rules}
    for failure in prove(rules, rulebook):
        if (failure.rule, failure.command) not in blank:
            yield list(_lines(failure, by_id[failure.rule]))


def _texts(rule: Rule) -> Iterator[tuple[str, str]]:
    yield from (("title", rule.title), ("loses", rule.loses), ("instead", rule.instead))
    for kind, examples in (("stop", rule.stop), ("run", rule.run)):
        yield from ((f"{kind} example {n}", example.command) for n, example in enumerate(examples, 1))


def _lines(failure: Failure, rule: Rule) -> Iterator[str]:
    from agentguard.output import line

    examples = [example.command for example in {"stop": rule.stop, "run": rule.run}.get(failure.kind, ())]
    which = "instead"
    if failure.command in examples:
        which = f"{failure.kind} example {examples.index(failure.command) + 1} of {len(examples)}"
    yield f"{rule.id}: {which} fails"
    yield f"  command   {line(failure.command, 400)}"
    yield f"  expected  {_EXPECTED[failure.kind].format(rule=rule.id)}"
    if failure.answer is None:
        yield f"  came out  {line(failure.reason)}"
        return
    yield from _came_out(failure.answer, rule.id)


def _came_out(answer: Answer, own: str) -> Iterator[str]:
    """The verdict, the rules that found something, and the programs that would be started."""
    from agentguard.output import line

    verdict = answer.verdict
    shown = verdict.decision + (" (supervise)" if verdict.supervise else "")
    yield f"  came out  {shown}" + (f": {line(verdict.reason)}" if verdict.reason and not verdict.findings else "")
    found = list(dict.fromkeys((item.rule, item.severity.name.lower(), item.title) for item in verdict.findings))
    for rule, severity, title in found[:4]:
        whose = "this rule" if rule == own else rule
        yield f"  found by  {whose} ({severity}): {line(title)}"
    if not found:
        yield "  found by  no rule"
    if answer.analysis is not None:
        for invocation in answer.analysis.invocations[:4]:
            words = " ".join("…" if word.known is None else word.known for word in invocation.argv)
            yield f"  starts    {line(words, 160)}"


def _same(one: str, other: str) -> bool:
    return os.path.realpath(one) == os.path.realpath(other)


def _packs(directory: str) -> list[str]:
    try:
        names = sorted(os.listdir(directory))
    except OSError:
        return []
    return [os.path.join(directory, name) for name in names if name.endswith(".toml")]
