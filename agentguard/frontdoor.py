"""The one way in: text → verdict, whatever happens. The only place that catches everything.

Anything unforeseen on the way is an answer, ``ask`` with the reason, and nothing runs.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from agentguard import kept
from agentguard.judge import ALLOW, ASK, Verdict, judge
from agentguard.light import dataclass
from agentguard.policy import Policy, load, user_rules

TYPE_CHECKING = False
if TYPE_CHECKING:
    from agentguard.analysis import Analysis, Session, Start
    from agentguard.rulebook.load import Rulebook
    from agentguard.rulebook.problem import Problem


@dataclass(frozen=True, slots=True)
class Answer:
    """A verdict with what led to it. ``failure`` is set where agentguard itself failed; then there is no analysis.

    ``start`` is how the shell starts that would run the text, where more than the text says what runs.
    """

    text: str
    verdict: Verdict
    policy: Policy
    analysis: Analysis | None = None
    failure: str = ""
    start: Start | None = None


class FrontDoor:
    """Judges any number of commands with one rulebook. Configuration is read once per working directory."""

    def __init__(self) -> None:
        self._rulebook: Rulebook | None = None
        self._policies: dict[str, Policy] = {}

    def judge(
        self, text: str, *, cwd: str, env: Mapping[str, str], attended: bool = False, start: Start | None = None
    ) -> Answer:
        """The answer for one command. ``attended``: a person can be asked now. Never raises an ``Exception``.

        ``start`` says how the shell was started that would run it: its arguments, and what it runs before.
        """
        return self.sitting(cwd=cwd, env=env, attended=attended, start=start).judge(text)

    def sitting(
        self, *, cwd: str, env: Mapping[str, str], attended: bool = False, start: Start | None = None
    ) -> Sitting:
        """Judges the commands of one shell, one after the other."""
        return Sitting(self, cwd, env, attended, start)

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


class Sitting:
    """The commands of one shell: what one leaves behind (variables, functions, directory) holds for the next."""

    def __init__(
        self, door: FrontDoor, cwd: str, env: Mapping[str, str], attended: bool, start: Start | None
    ) -> None:
        self._door = door
        self._cwd = cwd
        self._env = env
        self._attended = attended
        self._start = start
        self._session: Session | None = None

    def judge(self, text: str) -> Answer:
        """The answer for the next command. Never raises an ``Exception``."""
        policy = Policy()
        try:
            policy = self._door.policy(self._cwd)
            analysis, verdict = self._judge(text, policy)
        except Exception as error:
            failure = describe(error)
            return Answer(text, Verdict(ASK, False, (), f"agentguard failed: {failure}; nothing was run"), policy,
                          failure=failure)
        return Answer(text, verdict, policy, analysis, start=self._start)

    def refused(self) -> None:
        """The last command was not run, so it leaves nothing behind."""
        if self._session is not None:
            self._session.forget()

    def moved(self, cwd: str) -> None:
        """The shell was seen to be in another directory."""
        self._cwd = cwd
        if self._session is not None:
            self._session.moved(cwd)

    def _judge(self, text: str, policy: Policy) -> tuple[Analysis, Verdict]:
        if self._session is None:
            from agentguard.analysis import Session
            from agentguard.world.machine import MachineWorld

            world = MachineWorld(self._env, self._cwd, policy.settings)
            self._session = Session(world, self._door.rulebook(), self._start)
        analysis = self._session.read(text)
        verdict = judge(analysis, policy, attended=self._attended)
        if verdict.decision == ALLOW:
            analysis.confirm()  # the second reading costs time, and only an allow needs it
            verdict = judge(analysis, policy, attended=self._attended)
        kept.keep()
        return analysis, verdict


def describe(error: BaseException) -> str:
    """One line for a person: the message of an error, or its kind where it has none."""
    return " ".join(str(error).split()) or type(error).__name__


def working_directory() -> str:
    """The working directory of this process, or where it was if it was removed: the kernel knows, PWD can be set."""
    try:
        return os.getcwd()
    except FileNotFoundError:
        pass
    try:
        return os.readlink("/proc/self/cwd").removesuffix(" (deleted)")
    except OSError:
        return os.environ.get("PWD", "/")
