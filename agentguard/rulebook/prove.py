"""The proof of rules: their own examples, judged the way any command is. Nothing is executed."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from agentguard.light import dataclass
from agentguard.rulebook.load import Rulebook
from agentguard.rulebook.model import Example, Rule, Severity
from agentguard.rulebook.sandbox import Box, Sandboxes

if TYPE_CHECKING:
    from agentguard.frontdoor import Answer, FrontDoor


#: words of a sentence, which a command hardly holds
_PROSE: Final = frozenset(
    (
        *("a", "after", "alone", "and", "before", "by", "first", "for", "from", "if", "instead", "is", "it", "its"),
        *("keeps", "not", "of", "only", "or", "shows", "so", "takes", "that", "the", "then", "to", "what", "which"),
        *("with", "without"),
    )
)


@dataclass(frozen=True, slots=True)
class Failure:
    """An example (``kind`` stop or run, or the ``instead`` of a rule) that did not come out as it should.

    ``answer`` is what came out."""

    rule: str
    kind: str
    command: str
    reason: str
    answer: Answer | None = None

    def __str__(self) -> str:
        command = self.command if len(self.command) < 400 else self.command[:400] + " …"
        return f"{self.rule}: {self.kind}: {command}\n    {self.reason}"


def prove(rules: Sequence[Rule], rulebook: Rulebook) -> Iterator[Failure]:
    """Judge every example of ``rules`` with all rules of ``rulebook`` in the standard policy, and yield what fails.

    A ``stop`` example must be stopped, with this rule among the findings. A ``run`` example must not be found by this
    rule, or only so that it runs: as low in its environment, or supervised. An ``instead`` that is a command must come
    out milder than the rule.
    """
    with tempfile.TemporaryDirectory(prefix=".agentguard-proof-", dir=ground()) as root:
        court = Court(rulebook, root)
        for rule in rules:
            for example in rule.stop:
                yield from court.stop(rule, example)
            for example in rule.run:
                yield from court.run(rule, example)
            yield from court.instead(rule)


def ground() -> str:
    """Where sandboxes are made: not below the temporary directory, which is scratch space for the rules."""
    from agentguard.policy import user_home

    return next((place for place in (user_home(), "/home", os.getcwd()) if os.access(place, os.W_OK)), os.getcwd())


class Court:
    """Judges examples with one rulebook, in sandboxes below ``root``."""

    def __init__(self, rulebook: Rulebook, root: str) -> None:
        self._rulebook = rulebook
        self._boxes = Sandboxes(root)
        self._door = _door(rulebook)

    def box(self, needs: Mapping[str, object]) -> Box:
        """The sandbox that ``needs`` describes."""
        return self._boxes.box(needs)

    def judge(self, command: str, needs: Mapping[str, object]) -> Answer:
        """The answer for a command in the project that ``needs`` describes."""
        box = self._boxes.box(needs)
        return self._door.judge(command, cwd=box.cwd, env=box.environment(needs))

    def stop(self, rule: Rule, example: Example) -> Iterator[Failure]:
        answer = self.judge(example.command, example.needs)
        found = [finding for finding in answer.verdict.findings if finding.rule == rule.id]
        if not found:
            yield Failure(rule.id, "stop", example.command, f"the rule does not find it ({_told(answer)})", answer)
            return
        asks = any(finding.decision == "ask" and finding.severity > Severity.LOW for finding in found)
        if answer.verdict.decision == "allow" and (asks or (rule.severity > Severity.LOW and not rule.maybe)):
            reason = f"it is found and would still run ({_told(answer)})"
            yield Failure(rule.id, "stop", example.command, reason, answer)

    def run(self, rule: Rule, example: Example) -> Iterator[Failure]:
        answer = self.judge(example.command, example.needs)
        if answer.failure:
            yield Failure(rule.id, "run", example.command, answer.failure, answer)
        for finding in answer.verdict.findings:
            lowered = finding.severity is Severity.LOW < rule.severity
            if finding.rule == rule.id and not lowered and finding.decision != "supervise":
                reason = f"the rule finds it: {finding.title} ({finding.certainty.name.lower()}, {finding.decision})"
                yield Failure(rule.id, "run", example.command, reason, answer)
                return

    def instead(self, rule: Rule) -> Iterator[Failure]:
        command = suggestion(rule.instead, self._rulebook)
        if not command:
            return
        answer = self.judge(command, {})
        asking = [finding for finding in answer.verdict.findings if finding.decision == "ask"]
        if answer.verdict.decision != "allow" and not asking:
            yield Failure(rule.id, "instead", command, f"is stopped itself ({_told(answer)})", answer)
        for finding in asking:
            if finding.rule == rule.id or finding.severity >= max(rule.severity, Severity.MEDIUM):
                reason = f"is stopped as hard by {finding.rule}: {finding.title}"
                yield Failure(rule.id, "instead", command, reason, answer)
                return


def suggestion(instead: str, rulebook: Rulebook) -> str:
    """The command that an ``instead`` is, with placeholders filled in; "" where it is a sentence."""
    text = instead.strip().strip("`")
    words = text.split()
    if not words or rulebook.table(words[0]) is None or text.endswith(".") or not _PROSE.isdisjoint(words):
        return ""
    return re.sub(r"<([^<>\s]+)>|\{target\}", lambda found: found[1] or "target", text.split(", ")[0].split("; ")[0])


def _told(answer: Answer) -> str:
    rules = ", ".join(finding.rule for finding in answer.verdict.findings)
    return "; ".join(part for part in (answer.verdict.decision, rules, answer.verdict.reason) if part)


def _door(rulebook: Rulebook) -> FrontDoor:
    from agentguard.frontdoor import FrontDoor
    from agentguard.policy import Policy, load

    class Door(FrontDoor):
        """The front door with these rules, and without the configuration of whoever runs the proof."""

        def rulebook(self) -> Rulebook:
            return rulebook

        def policy(self, cwd: str) -> Policy:
            """Only what the file of the example's project says."""
            nowhere = os.path.join(cwd, "no-such-directory", "file")
            return load(cwd, managed=nowhere, user=nowhere)

    return Door()
