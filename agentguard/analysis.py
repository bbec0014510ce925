"""From text to findings: the one driver of all stages.

Pure but for what the given ``World`` reads. The result is complete even where reading stopped early: ``problem``
then says why, and the findings up to there stand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from agentguard.interpret import calls, texts
from agentguard.interpret.interpreter import MAX_STEPS, Interpreter
from agentguard.interpret.invocation import Effect, InnerCommand, InnerScript, Invocation, Output, Written
from agentguard.interpret.passing import Passing
from agentguard.interpret.state import Frame, State
from agentguard.interpret.values import EMPTY, Origin, Truth, literal, unknown
from agentguard.light import dataclass, field
from agentguard.operations import CodeExecution, Opaque, Operation, ProgramCall
from agentguard.programs import (
    environment,
    guard,
    options,
    redirect,
    secret_words,
    secrets,
    secrets_told,
    table,
    unlisted,
)
from agentguard.rulebook.load import Rulebook
from agentguard.rulebook.model import Finding, Severity
from agentguard.syntax.errors import ShellSyntaxError
from agentguard.syntax.nodes import Script
from agentguard.syntax.parser import parse
from agentguard.syntax.text import LIMIT, check, lookalike
from agentguard.world.protocol import World

#: Where the names of programs mean what they say.
_SYSTEM_DIRECTORIES = (
    "/bin",
    "/usr/bin",
    "/sbin",
    "/usr/sbin",
    "/usr/local/bin",
    "/usr/local/sbin",
    "/opt/homebrew/bin",
)
#: Alternatives that are kept apart in a script of which neither arguments nor environment are known.
SCRIPT_WAYS = 1
#: Calls of one function that are followed there; each call tells what the function does.
SCRIPT_CALLS = 3


@dataclass(slots=True)
class Analysis:
    """What one command line comes to.

    ``operations`` pairs each operation with the invocation it belongs to; ``opaque`` are the reasons why a part
    cannot be seen before it runs; ``texts`` are all shell texts that were read, for the second reading.
    """

    text: str
    invocations: list[Invocation] = field(default_factory=list)
    operations: list[tuple[Operation, Invocation]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    problem: ShellSyntaxError | None = None
    opaque: list[str] = field(default_factory=list)
    texts: list[tuple[str, Script]] = field(default_factory=list)

    def confirm(self) -> None:
        """Let the second parser read everything; a disagreement becomes the ``problem``.

        Needed only where the verdict would be ``allow``.
        """
        from agentguard.syntax.witness import agree

        try:
            for text, script in self.texts:
                agree(text, script)
        except ShellSyntaxError as error:
            self.problem = error


class _Programs:
    """The host of the interpreter: parses inner texts and asks tables and adapters what a program does."""

    def __init__(self, world: World, rulebook: Rulebook, script: bool) -> None:
        self.world = world
        self.rulebook = rulebook
        self.script = script
        self.texts: dict[str, Script] = {}
        self.extended = False  # whether anything so far may have switched extended patterns on

    def parse(self, text: str) -> Script:
        script = self.texts.get(text)
        if script is None:
            self.extended |= "extglob" in text
            script = self.texts[text] = parse(text, extended=self.extended)
        return script

    def effects(self, invocation: Invocation) -> Iterator[Effect]:
        printed, call = False, None
        for effect in self._direct(invocation):
            if call is None and isinstance(effect, ProgramCall):
                call = effect
            printed = printed or isinstance(effect, Output)
            if isinstance(effect, Output) and effect.text.sources and secret_words.names_only(invocation):
                effect = Output(secret_words.without_values(effect.text, self.world))
            yield effect
            if not isinstance(effect, InnerCommand | InnerScript | Output | Written):
                yield from secrets.secrets(effect, invocation, self.world)
                yield from guard.tamper(effect, invocation, self.world)
        if not printed and (place := guard.located(invocation)) is not None:
            yield Output(place)
        elif not printed and call is not None and (secret := secrets_told.told(call, invocation)) is not None:
            yield Output(secret)

    def _direct(self, invocation: Invocation) -> Iterable[Effect]:
        if invocation.redirections:
            yield from redirect.redirections(invocation, self.world)
        if invocation.env:
            yield from environment.environment(invocation, self.world)
        if not invocation.argv:
            return
        word = invocation.argv[0]
        name = invocation.name
        if word.known is None:
            yield from _unknown_program(invocation)
        if name is None:
            from agentguard.programs.unknown_word import unknown as behind  # most commands have a name

            yield from behind(invocation, self._described, sure=self.script)
            return
        if not name.isascii() and (letter := lookalike(name)) is not None:
            yield Opaque(f"the program name {name} holds {letter}, which looks like another letter", Truth.MAYBE)
        for source in word.sources:
            if source.startswith("env:"):
                yield Opaque(f"which program runs is taken from the variable {source[4:]} of the environment")
        yield from _unset(invocation, self.world)
        described = self.rulebook.table(name)
        call = options.parse(described or options.default_table(name), invocation.argv)
        yield call
        known = word.known or ""
        if "/" in known and known.rsplit("/", 1)[0] not in _SYSTEM_DIRECTORIES:
            for adapter in table.adapters(table.BY_PATH):
                yield from adapter(call, invocation, self.world)
        found = table.adapters(call.program)
        for adapter in found:
            yield from adapter(call, invocation, self.world)
        if not found or call.program in unlisted.ALSO:
            judged = bool(found) or self.rulebook.judged(call.program)
            yield from unlisted.started(call, invocation, self._described, judged)
        if described is None and not found and name:
            yield Opaque(f"what {name} does is not known")

    def _described(self, name: str) -> bool:
        return self.rulebook.table(name) is not None


def _unset(invocation: Invocation, world: World) -> Iterable[Effect]:
    """Variables that are not set here: with them the command would be another one."""
    names = {
        source[4:]
        for word in invocation.argv
        for source in word.sources
        if source.startswith("env:") and source[4:] not in world.env and source[4:] not in invocation.env
    }
    for name in sorted(names):
        yield Opaque(f"the variable {name} is not set here; the words that it would give are not known")


def _unknown_program(invocation: Invocation) -> Iterable[Effect]:
    """The command word itself is known only at run time."""
    word = invocation.argv[0]
    if any(source.startswith("net:") for source in word.sources):
        yield CodeExecution("network", "the shell")
    elif "decoded" in word.sources:
        yield CodeExecution("decoded", "the shell")
    risk = Truth.MAYBE if not word.unknown else Truth.NO
    yield Opaque(f"which program {word} is, is known only when it runs", risk)


@dataclass(frozen=True, slots=True)
class Start:
    """How the shell was started that reads a text: ``$0``, ``$1``… and what it runs before, as (label, text).

    ``fed``: its standard input comes from whoever wants the text run, so that programs may be on it. ``unknown``: it
    is a script that somebody will start somewhere. Then ``arguments`` and the variables of the environment may be
    anything, its functions are read even where nothing calls them, and one round stands for all rounds of a loop.
    ``passed`` are the programs of which nobody needs to hear while nothing takes what they print; ``heard`` tells
    which rules are asked, by their ids (None for all).
    """

    name: str = ""
    arguments: tuple[str, ...] = ()
    before: tuple[tuple[str, str], ...] = ()
    fed: bool = False
    unknown: bool = False
    passed: frozenset[str] = frozenset()
    heard: Callable[[str], bool] | None = None


class Session:
    """One shell, read text by text: what a text leaves behind (variables, functions, directory) holds in the next.

    Pure but for what the given ``World`` reads.
    """

    def __init__(self, world: World, rulebook: Rulebook, start: Start | None = None, *, limit: int = LIMIT) -> None:
        self._world = world
        self._rulebook = rulebook
        start = start or Start()
        self._programs = _Programs(world, rulebook, start.unknown)
        self._limit = limit
        state = State(
            literal(world.cwd),
            positionals=None if start.unknown else tuple(map(literal, start.arguments)),
            script_name=literal(start.name) if start.name else EMPTY,
            stdin=unknown(Origin.INPUT, many=True) if start.fed else None,
            tainted="the environment of the script is not known" if start.unknown else "",
        )
        if start.unknown:
            state.ways = SCRIPT_WAYS
        self._states = [state]
        self._earlier: list[State] = []
        self._start = start
        self._before = start.before

    def read(self, text: str) -> Analysis:
        """What running ``text`` now comes to. Raises nothing that the text causes."""
        analysis = Analysis(text)
        interpreter = Interpreter(self._world, self._programs, budget=max(MAX_STEPS, len(text) // 2))
        interpreter.enough = SCRIPT_CALLS if self._start.unknown else 0
        interpreter.passing = Passing(self._start.passed)
        self._programs.texts = {}
        self._earlier = [state.fork() for state in self._states]
        for state in self._states:
            state.ended = ""  # whoever asks again knows that the shell goes on
        try:
            for label, prepared in self._before:
                self._prepare(interpreter, label, prepared)
            check(text, self._limit)
            if not text.strip():
                raise ShellSyntaxError("empty", "there is no command", (0, len(text)))
            script = self._programs.parse(text)
            interpreter.walking = [id(script)]
            self._states = interpreter.script(script, self._states)
            interpreter.finish([state.fork() for state in self._states])
            if self._start.unknown:
                calls.uncalled(interpreter, script, self._states[0])
        except ShellSyntaxError as error:
            analysis.problem = error
            for state in self._states:  # should it run all the same, nothing is known of what it leaves behind
                state.tainted = state.tainted or "a command before this one was not understood"
        self._before = ()
        analysis.texts = list(self._programs.texts.items())
        analysis.invocations = interpreter.invocations
        analysis.operations = interpreter.operations
        self._find(analysis)
        return analysis

    def forget(self) -> None:
        """The last text did not run."""
        self._states = self._earlier

    def moved(self, cwd: str) -> None:
        """The shell was seen to be in this directory."""
        for state in self._states:
            state.cwd = literal(cwd)

    def _prepare(self, interpreter: Interpreter, label: str, text: str) -> None:
        """Text from outside of the command: the words of the refusal must say where it comes from."""
        for state in self._states:
            state.frame = texts.deeper(state.frame, label, (0, 0))
        try:
            self._states = interpreter.script(self._programs.parse(text), self._states)
        except ShellSyntaxError as error:
            raise ShellSyntaxError(error.kind, f"in {label}: {error.reason}", (0, 0)) from error
        for state in self._states:
            state.frame = Frame()

    def _find(self, analysis: Analysis) -> None:
        seen: set[tuple[str, str, object, object]] = set()
        for operation, invocation in analysis.operations:
            guessed = unlisted.GUESSED in invocation.tags
            if isinstance(operation, Opaque) and not guessed and operation.why not in analysis.opaque:
                analysis.opaque.append(operation.why)
            for finding in self._rulebook.findings(operation, invocation, self._world, self._start.heard):
                # in a script the same text may be read at several places, each of which is reported
                way = invocation.trail[0].span if self._start.unknown and invocation.trail else None
                key = (finding.rule, finding.target, invocation.span, way)
                if key not in seen and not (guessed and finding.severity < Severity.CRITICAL):
                    seen.add(key)
                    analysis.findings.append(finding)


def analyse(text: str, world: World, rulebook: Rulebook, start: Start | None = None, *, limit: int = LIMIT) -> Analysis:
    """Read a command line completely: invocations, operations and findings. Raises nothing that the text causes.

    ``limit`` is the longest text (bytes of UTF-8) that is read; the steps allowed grow with what was given.
    """
    return Session(world, rulebook, start, limit=limit).read(text)
