"""The only owner of the terminal. Text that came from a command is never written as it is: see :func:`visible`."""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, TextIO

from agentguard import regex
from agentguard.interpret.values import Truth
from agentguard.judge import BLOCK
from agentguard.rulebook.model import Severity

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

    from agentguard.analysis import Analysis
    from agentguard.frontdoor import Answer
    from agentguard.interpret.invocation import Invocation
    from agentguard.rulebook.model import Finding, Rule
    from agentguard.rulebook.problem import Problem

UNDO = {
    "no": "cannot be undone",
    "grace": "can be undone for a short while",
    "partly": "can be undone only in part",
    "yes": "can be undone",
}

#: how severities look
COLOURS = {"critical": "bold red", "high": "red", "medium": "yellow", "low": "cyan"}

_PLAINER = "write it in a plainer way, or let a person run it"
_SUSPECT = regex.compile(r"[^\n\x20-\x7e]")


def visible(text: str, limit: int = 0) -> str:
    """``text`` with control, bidi, zero-width and undecodable characters spelled out; cut at ``limit`` if given."""
    if limit and len(text) > limit:
        text = f"{text[: limit - 1]}…"
    return _SUSPECT.sub(_spelled, text)


def _spelled(match: re.Match[str]) -> str:
    character = match[0]
    if character == "\t":
        return character
    if unicodedata.category(character)[0] != "C" and character not in "\u2028\u2029":
        return character
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def line(text: str, limit: int = 200) -> str:
    """One printable line of ``text``."""
    return visible(" ".join(text.split()), limit)


def error(message: str) -> None:
    """One line about agentguard itself, on standard error."""
    _write(sys.stderr, f"agentguard: {line(message, 600)}\n")


def left_out(problems: Iterable[Problem]) -> None:
    """Name the packs of the user that could not be loaded, on standard error."""
    for problem in problems:
        error(f"{problem} (this pack is left out)")


def refusal(answer: Answer, message: str = "") -> None:
    """Why a command was not run: a few plain lines on standard error. ``message`` says what has come of asking."""
    _write(sys.stderr, "".join(f"{text}\n" for text in refusal_lines(answer, message)))


def refusal_lines(answer: Answer, message: str = "") -> list[str]:
    """What, where, what is lost, what to do instead, and how a person can allow it."""
    verdict = answer.verdict
    told = [finding for finding in verdict.findings if finding.decision == "ask" or finding.floor]
    if not told:
        return [
            f"agentguard: not run: {line(verdict.reason, 600)}",
            *([] if answer.failure else [f"  allow    {message or _PLAINER}"]),
        ]
    first, others = told[0], told[1:4]
    lines = [f"agentguard: not run: {line(first.title)}"]
    lines += [f"  {label:<8} {text}" for label, text in details(first)]
    lines += [f"  also     {line(finding.title)} [{finding.rule}]" for finding in others]
    lines.append(f"  allow    {message or _way_to_allow(first, verdict.decision)}")
    return lines


def details(finding: Finding) -> list[tuple[str, str]]:
    """The labelled facts of a finding, each one printable line."""
    sure = "" if finding.certainty is Truth.YES else " (not certain: part of it is known only when it runs)"
    where = line(finding.target)
    if finding.environment != "unknown":
        where = f"{where} ({finding.environment})".strip()
    elif where and finding.severity is Severity.CRITICAL:
        where = f"{where} (environment unknown)"
    facts = [
        ("part", _words(finding.invocation) + sure),
        ("reached", " → ".join(line(step.label, 40) for step in finding.invocation.trail)),
        ("where", where),
        ("lost", line(finding.loses)),
        ("undo", UNDO.get(finding.reversible, finding.reversible)),
        ("instead", line(finding.instead)),
        ("rule", f"{finding.rule}, {finding.severity.name.lower()}"),
    ]
    return [(label, text) for label, text in facts if text]


def explanation(answer: Answer) -> None:
    """The verdict, its findings, and everything that would be started, on standard output."""
    from rich.console import Console, Group
    from rich.panel import Panel
    from rich.text import Text

    verdict, analysis = answer.verdict, answer.analysis
    console = Console(highlight=False)
    console.print(_headline(verdict.decision, verdict.supervise, verdict.reason), soft_wrap=True)
    for finding in verdict.findings:
        heading = Text(line(finding.title), style=COLOURS[finding.severity.name.lower()])
        console.print(Panel(Group(heading, facts_table(details(finding))), border_style="dim"))
    for why in dict.fromkeys(analysis.opaque if analysis else ()):
        console.print(Text(f"unread: {line(why)}", style="yellow"))
    if analysis and analysis.invocations:
        console.print(_started(analysis))


def question(answer: Answer, screen: TextIO) -> None:
    """The panel above the question: the command, the parts that matter, what is lost."""
    from rich.console import Console, Group, RenderableType
    from rich.panel import Panel
    from rich.text import Text

    told = [finding for finding in answer.verdict.findings if finding.decision == "ask" or finding.floor]
    parts: list[RenderableType] = [_marked(answer.text, [_outermost(finding) for finding in told]), Text()]
    if not told:
        parts.append(Text(line(answer.verdict.reason, 600)))
    explained: list[tuple[int, int]] = []
    for finding in told[:4]:
        heading = Text(line(finding.title), style=COLOURS[finding.severity.name.lower()])
        if finding.invocation.span in explained:  # the same command once more
            parts.append(Text("also ").append_text(heading))
        else:
            parts += [heading, facts_table(details(finding))]
        explained.append(finding.invocation.span)
    if len(told) > 4:
        parts.append(Text(f"and {len(told) - 4} more findings: agentguard explain shows all"))
    Console(file=screen, highlight=False).print(Panel(Group(*parts), title="agentguard asks", border_style="yellow"))


def _outermost(finding: Finding) -> tuple[int, int]:
    """Where in the command as written the part stands that leads to a finding."""
    trail = finding.invocation.trail
    return trail[0].span if trail else finding.invocation.span


def _marked(text: str, spans: Iterable[tuple[int, int]], limit: int = 2000) -> Text:
    """A command with the parts marked that findings are about."""
    from rich.text import Text

    shown, end = Text(), 0
    for start, stop in sorted(spans):
        start, stop = max(start, end), min(stop, limit)
        if start < stop:
            shown.append(visible(text[end:start])).append(visible(text[start:stop]), style="bold red")
            end = stop
    return shown.append(visible(text[end:], max(0, limit - end)) if end < limit else "…")


def facts_table(facts: Iterable[tuple[str, str]]) -> Table:
    """Labels and what they say, side by side; both must be printable lines."""
    from rich.table import Table
    from rich.text import Text

    grid = Table.grid(padding=(0, 2))
    for label, text in facts:
        grid.add_row(Text(label, style="dim"), Text(text))
    return grid


def rule_table(rules: Iterable[Rule]) -> None:
    """One line for each rule."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for heading in ("rule", "severity", "title"):
        table.add_column(heading, no_wrap=heading == "rule")
    for rule in rules:
        severity = rule.severity.name.lower()
        table.add_row(Text(line(rule.id)), Text(severity, style=COLOURS[severity]), Text(line(rule.title)))
    Console(highlight=False).print(table)


def rule_page(rule: Rule) -> None:
    """A rule with everything it says, and its proof."""
    from rich.console import Console
    from rich.text import Text

    severity = rule.severity.name.lower()
    console = Console(highlight=False)
    console.print(Text(f"{line(rule.id)}  {line(rule.title)}", style=COLOURS[severity]))
    facts = [
        ("severity", severity + (", on the floor" if rule.floor else "")),
        ("lost", line(rule.loses)),
        ("undo", UNDO.get(rule.reversible, rule.reversible)),
        ("instead", line(rule.instead)),
        ("source", line(rule.source)),
        *(("stops", visible(example.command)) for example in rule.stop),
        *(("runs", visible(example.command)) for example in rule.run),
    ]
    console.print(facts_table([(label, text) for label, text in facts if text]))


_VERDICTS = {"allow": "bold green", "ask": "bold yellow", "block": "bold red"}


def _headline(decision: str, supervise: bool, reason: str) -> Text:
    from rich.text import Text

    headline = Text(decision, style=_VERDICTS[decision])
    if supervise and decision == "allow":
        headline.append(" (supervise)", style="yellow")
    return headline.append(f"  {line(reason, 600)}", style="default") if reason else headline


def _started(analysis: Analysis) -> Table:
    from rich.table import Table
    from rich.text import Text

    table = Table(title="would be started", title_justify="left", box=None, padding=(0, 2, 0, 0), header_style="dim")
    for heading in ("words", "reached through", "does"):
        table.add_column(heading)
    for invocation in analysis.invocations:
        does = [
            re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(operation).__name__).lower()
            for operation, source in analysis.operations
            if source is invocation and type(operation).__name__ != "ProgramCall"
        ]
        trail = " → ".join(line(step.label, 40) for step in invocation.trail)
        table.add_row(Text(_words(invocation)), Text(trail), Text(", ".join(dict.fromkeys(does))))
    return table


def _words(invocation: Invocation) -> str:
    """The words a program would get, quoted as one would type them, with ``…`` for what is not known and without
    secrets."""
    from agentguard.redaction import redacted
    from agentguard.syntax.quoting import quote

    shown = (str(word) if word.known is None else quote(word.known) for word in invocation.argv)
    return line(redacted(" ".join(shown)), 160)


def _way_to_allow(finding: Finding, decision: str) -> str:
    if finding.floor and decision == BLOCK:
        return "no setting lifts this rule; a person has to do it outside agentguard"
    return (
        "do not rephrase it: tell the person you work for. They can run it at their own terminal, or add\n"
        f'           [[allow]] rule = "{finding.rule}" to their ~/.config/agentguard/config.toml'
    )


def _write(stream: TextIO | None, text: str) -> None:
    if stream is None:  # our caller closed it
        return
    with suppress(OSError):  # nobody listens any more; what was decided holds all the same
        stream.write(text.encode("utf-8", "backslashreplace").decode("utf-8"))
        stream.flush()
