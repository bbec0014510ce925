"""One fragment through the engine: what running it would destroy, and where in the file that stands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from itertools import compress

from agentguard import regex
from agentguard.analysis import Analysis, Session, Start
from agentguard.interpret.invocation import Invocation
from agentguard.interpret.values import Truth, literal
from agentguard.light import replace
from agentguard.operations import FileDelete, Opaque, Operation, ProgramCall
from agentguard.policy import Policy
from agentguard.programs.first_line import command
from agentguard.rulebook.load import Rulebook
from agentguard.rulebook.model import Finding, Severity
from agentguard.scan import building, unguarded, weighing
from agentguard.scan import guards as checks
from agentguard.scan.in_scripts import IDLE, heard, severity
from agentguard.scan.model import Fragment, Hit, Place, Problem
from agentguard.scan.own_tables import made
from agentguard.scan.places import Lines, place
from agentguard.scan.within import Within
from agentguard.scan.world import ScriptWorld
from agentguard.syntax.errors import ShellSyntaxError
from agentguard.syntax.nodes import Script, Span
from agentguard.syntax.parser import parse
from agentguard.syntax.text import MOST, refused
from agentguard.syntax.walk import functions

#: Parts of a text that are left out because they are not understood, at most.
MAX_PROBLEMS = 8
#: Characters of a command that are shown.
_SHOWN = 200
#: A file of the machine that is read into a shell: one of settings, most often.
_OF_THE_MACHINE = regex.compile(r"(?:\.|source)\s+[\"']?/")
_LETTER = regex.compile(r"\w")
#: What stands for a character that is not read.
_REFUSED = "\ufffd"


class Judge:
    """Judges the fragments of any number of files with one rulebook."""

    def __init__(self, rulebook: Rulebook) -> None:
        self._rulebook = rulebook

    def judge(
        self, fragment: Fragment, lines: Lines, world: ScriptWorld, policy: Policy, script: str = ""
    ) -> tuple[list[Hit], list[Problem]]:
        """The findings in one fragment and what in it could not be read.

        ``lines`` is the text of the file; ``script`` the absolute path of the file where it is a script itself.
        """
        if fragment.kind == "sql":
            from agentguard.scan.judging_sql import judge_sql

            return judge_sql(fragment, lines, world, self._rulebook), []
        problems: list[Problem] = []
        analysis = self._analysis(fragment.text, fragment, world, script)
        tree = _tree(analysis)
        if tree is None:  # not one text in a hundred; to parse each of them here, too, took a tenth of a scan
            text, problems = _understood(fragment)
            analysis = self._analysis(text, fragment, world, script)
            tree = _tree(analysis)
        if analysis.problem is not None:
            problems.append(_problem(fragment, analysis.problem.reason, analysis.problem.span))
        if not analysis.findings and not _unknown_deletions(analysis):
            return [], problems
        own = frozenset(node.name for node in functions(tree)) if tree is not None else frozenset()
        within = Within(analysis.text, tree, analysis) if tree is not None else None
        hits = [*self._findings(analysis, fragment, own, policy, within, world)]
        if severity(unguarded.RULE, fragment.kind, Severity.HIGH) is not None:
            hits += _unguarded(analysis, tree, fragment, own, world, within)
        hits.sort(key=lambda hit: (hit.place.line, hit.place.column, hit.rule))
        return _distinct(_with_source(hit, lines) for hit in hits), problems

    def _analysis(self, text: str, fragment: Fragment, world: ScriptWorld, script: str) -> Analysis:
        if not text.strip():
            return Analysis(text)
        before = (("the shell", fragment.before),) if fragment.before else ()
        start = Start(script, before=before, unknown=True, passed=IDLE, heard=partial(heard, fragment.kind))
        return Session(world, self._rulebook, start, limit=MOST).read(text)

    def _findings(
        self, analysis: Analysis, fragment: Fragment, own: frozenset[str], policy: Policy, within: Within | None,
        world: ScriptWorld,
    ) -> Iterator[Hit]:  # fmt: skip
        traps = _traps(analysis, own)

        def described(name: str) -> bool:
            return self._rulebook.table(name) is not None

        its_own = made(analysis.operations)
        for finding in analysis.findings:
            weight = weighing.weight(finding, fragment.kind, described)
            if weight is None or policy.allows(finding) or not self._named(finding, world):
                continue
            if its_own(finding.operation):
                continue
            outer = _span(finding.invocation, own, traps)
            at, by = _places(fragment, outer, finding.invocation, finding.operation, within)
            yield Hit(
                at, finding.rule, weight, finding.title, finding.target, finding.loses, finding.reversible,
                finding.instead, "", _shown(finding.invocation), fragment.kind, by,
            )  # fmt: skip

    def _named(self, finding: Finding, world: ScriptWorld) -> bool:
        """Whether the words that can be read speak for what may hold, and not only one that may be any."""
        call = finding.operation
        if finding.certainty is Truth.YES or not isinstance(call, ProgramCall):
            return True
        texts = ["".join(piece for piece in word.pieces if isinstance(piece, str)) for word in call.operands]
        kept = [_LETTER.search(text) is not None for text in texts]
        dashes = None if call.after_dashes is None else sum(kept[: call.after_dashes])
        words = tuple(literal(text) for text in compress(texts, kept))
        named = replace(call, operands=words, after_dashes=dashes)
        again = self._rulebook.findings(named, finding.invocation, world)
        return any(one.rule == finding.rule for one in again)


def _understood(fragment: Fragment) -> tuple[str, list[Problem]]:
    """The text without characters that nobody sees and lines that cannot be parsed, and a problem for each."""
    problems: list[Problem] = []
    characters = list(fragment.text)
    for error in refused(fragment.text):
        if len(problems) < MAX_PROBLEMS:
            problems.append(_problem(fragment, error.reason, error.span))
        characters[error.span[0]] = _REFUSED
    text = "".join(characters)
    most = len(problems) + MAX_PROBLEMS
    while len(problems) < most:
        try:
            parse(text)
        except ShellSyntaxError as error:
            if error.kind == "limit":
                break  # reading it says so again
            problems.append(_problem(fragment, error.reason, error.span))
            shorter = _without(text, error.span)
            if shorter == text:
                return "", problems
            text = shorter
        else:
            return text, problems
    return (text, problems) if len(problems) < most else ("", problems)


def _without(text: str, span: Span) -> str:
    """The text with the line of an error blanked, with its continuation."""
    at = min(span[0], max(0, len(text) - 1))
    start = text.rfind("\n", 0, at) + 1
    end = text.find("\n", at)
    end = len(text) if end < 0 else end
    if not text[start:end].strip():  # the end of the text, where something is still open: what opened it is unknown
        return text
    return text[:start] + " " * (end - start) + text[end:]


def _problem(fragment: Fragment, reason: str, span: Span) -> Problem:
    return Problem(place(fragment, *span), reason)


def _tree(analysis: Analysis) -> Script | None:
    """The text itself, where it could be parsed."""
    return next((script for read, script in analysis.texts if read == analysis.text), None)


def _traps(analysis: Analysis, own: frozenset[str]) -> tuple[Invocation, ...]:
    """The ``trap`` commands of the outermost text, its own functions and the files it reads: the last first, its own
    before those of files."""
    calls = [call for call in reversed(analysis.invocations) if call.name == "trap" and len(call.argv) > 1]
    return tuple(sorted(calls, key=lambda call: not all(_function(step.label) in own for step in call.trail)))


def _function(label: str) -> str:
    return label.removeprefix("function ") if label.startswith("function ") else ""


def _same_shell(labels: Iterable[str]) -> bool:
    """Whether functions and files that are read led somewhere, so that what was checked before still holds there."""
    return all(label == "source" or label.startswith("function ") for label in labels)


def _trapped(invocation: Invocation, index: int, own: frozenset[str], traps: tuple[Invocation, ...]) -> Span:
    """Where an invocation stands that a trap led to: in a function, else where that trap, or the file with it, was set.

    ``index`` is that of the next step of its trail.
    """
    steps = invocation.trail[index:]
    if steps and all(_function(step.label) in own for step in steps):
        return invocation.span
    word = _function(steps[0].label) if steps else str(invocation.argv[0]) if invocation.argv else ""
    return next((_span(call, own, ()) for call in traps if word in str(call.argv[1])), (0, 0))


def _span(invocation: Invocation, own: frozenset[str], traps: tuple[Invocation, ...]) -> Span:
    """Where an invocation stands in the outermost text: inside of its own functions, else the word that leads there."""
    for index, step in enumerate(invocation.trail, 1):
        if step.label == "trap":
            return _trapped(invocation, index, own, traps)
        name = step.label.removeprefix("function ")
        if name == step.label or name not in own:
            return step.span
    return invocation.span


def _places(
    fragment: Fragment, outer: Span, invocation: Invocation, operation: Operation | None, within: Within | None
) -> tuple[Place, Place | None]:
    """Where a command stands, and the one that leads there where that begins on another line."""
    inner = within.find(outer, invocation, operation) if within is not None else None
    by = place(fragment, *outer)
    return (by, None) if inner is None else (place(fragment, *inner), by)


def _unknown_deletions(analysis: Analysis) -> bool:
    return any(isinstance(operation, FileDelete) and operation.path.unknown for operation, _ in analysis.operations)


def _unguarded(
    analysis: Analysis, tree: Script | None, fragment: Fragment, own: frozenset[str], world: ScriptWorld,
    within: Within | None,
) -> Iterator[Hit]:  # fmt: skip
    if not _unknown_deletions(analysis):
        return
    guards = None
    if tree is not None:
        shebang = command(fragment.text.partition("\n")[0])
        before = building.before(fragment.before, building.shell_of(" ".join(shebang))[1])
        guards = checks.guards(tree, len(fragment.text), parse(before))
    traps = _traps(analysis, own)
    end = len(fragment.text)
    places: dict[int, Span] = {}
    unread = unread_own = end
    for operation, invocation in analysis.operations:
        labels = [step.label for step in invocation.trail]
        if labels[:1] == ["trap"] and _same_shell(labels[1:]):
            places[id(invocation)] = (end, end)  # what is checked anywhere on the way to the end was checked
        elif _same_shell(labels):
            places[id(invocation)] = _span(invocation, own, traps)
        if isinstance(operation, Opaque) and invocation.name in (".", "source"):
            start = _span(invocation, own, traps)[0]
            unread = min(unread, start)
            if not _OF_THE_MACHINE.match(analysis.text, start):
                unread_own = min(unread_own, start)
    if guards is not None:
        guards.unread, guards.unread_own = unread, unread_own
    for found in unguarded.unguarded(analysis.operations, guards, places, world):
        name = f"${found.name}"
        title = f"deletes {found.becomes} where {name} is empty" if found.becomes else f"deletes whatever {name} names"
        at, by = _places(fragment, _span(found.invocation, own, traps), found.invocation, None, within)
        yield Hit(
            at, unguarded.RULE, found.severity, title, name, "everything below that directory", "no",
            unguarded.INSTEAD.format(name=found.name), "", _shown(found.invocation), fragment.kind, by,
        )  # fmt: skip


def _shown(invocation: Invocation) -> str:
    text = " ".join(str(word) or "''" for word in invocation.argv)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def _with_source(hit: Hit, lines: Lines) -> Hit:
    return replace(hit, source=lines.line(hit.place.line))


def _distinct(hits: Iterable[Hit]) -> list[Hit]:
    """One hit for each rule and place; several ways to the same command are one. What a rule says of targets of which
    one that weighs more speaks at the same place is left out."""
    first: dict[tuple[Place, str], Hit] = {}
    targets: dict[tuple[Place, str], set[str]] = {}
    for hit in hits:
        key = (hit.place, hit.rule)
        first.setdefault(key, hit)
        targets.setdefault(key, set()).add(hit.target or hit.rule)
    said: dict[Place, set[str]] = {}
    kept = set()
    for key, _ in sorted(first.items(), key=lambda item: item[1].severity, reverse=True):
        known = said.setdefault(key[0], set())
        if not targets[key] <= known:
            kept.add(key)
        known |= targets[key]
    return [hit for key, hit in first.items() if key in kept]
