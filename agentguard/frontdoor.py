"""The one way in: text → verdict, whatever happens. The only place that catches everything.

Anything unforeseen on the way is an answer, ``ask`` with the reason, and nothing runs.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from agentguard import kept, regex
from agentguard.judge import ALLOW, ASK, Verdict, judge
from agentguard.light import dataclass
from agentguard.policy import Policy, load, user_rules

TYPE_CHECKING = False
if TYPE_CHECKING:
    from agentguard.analysis import Analysis
    from agentguard.rulebook.load import Rulebook
    from agentguard.rulebook.problem import Problem


@dataclass(frozen=True, slots=True)
class Answer:
    """A verdict with what led to it. ``failure`` is set where agentguard itself failed; then there is no analysis."""

    text: str
    verdict: Verdict
    policy: Policy
    analysis: Analysis | None = None
    failure: str = ""


class FrontDoor:
    """Judges any number of commands with one rulebook. Configuration is read once per working directory."""

    def __init__(self) -> None:
        self._rulebook: Rulebook | None = None
        self._policies: dict[str, Policy] = {}

    def judge(self, text: str, *, cwd: str, env: Mapping[str, str], attended: bool = False) -> Answer:
        """The answer for one command. ``attended``: a person can be asked now. Never raises an ``Exception``."""
        policy = Policy()
        try:
            policy = self.policy(cwd)
            analysis, verdict = self._judge(text, cwd, env, policy, attended)
        except Exception as error:
            failure = describe(error)
            return Answer(text, Verdict(ASK, False, (), f"agentguard failed: {failure}; nothing was run"), policy,
                          failure=failure)
        return Answer(text, verdict, policy, analysis)

    def policy(self, cwd: str) -> Policy:
        """The policy that holds in a directory.

        Raises:
            ConfigError: a configuration file cannot be used.
        """
        if cwd not in self._policies:
            self._policies[cwd] = load(cwd)
        return self._policies[cwd]

    def rulebook(self) -> Rulebook:
        """The built-in rules and the user's packs, loaded on first use."""
        if self._rulebook is None:
            from agentguard.rulebook.load import load as load_rules

            self._rulebook = load_rules(user=[user_rules()], cache=kept.directory())
        return self._rulebook

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is wrong with packs of the user, as far as rules were needed; such packs are left out."""
        return self._rulebook.problems if self._rulebook is not None else ()

    def _judge(
        self, text: str, cwd: str, env: Mapping[str, str], policy: Policy, attended: bool
    ) -> tuple[Analysis, Verdict]:
        from agentguard.analysis import analyse
        from agentguard.world.machine import MachineWorld

        analysis = analyse(text, MachineWorld(env, cwd, policy.settings), self.rulebook())
        verdict = judge(analysis, policy, attended=attended)
        if verdict.decision == ALLOW:
            analysis.confirm()  # the second reading costs time, and only an allow needs it
            verdict = judge(analysis, policy, attended=attended)
        regex.keep()
        return analysis, verdict


def describe(error: BaseException) -> str:
    """One line for a person: the message of an error, or its kind where it has none."""
    return " ".join(str(error).split()) or type(error).__name__


def working_directory() -> str:
    """The working directory of this process, or where the shell last knew it to be if it was removed."""
    try:
        return os.getcwd()
    except FileNotFoundError:
        return os.environ.get("PWD", "/")
