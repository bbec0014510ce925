"""The audit log on the terminal. Its commands are an agent's, and the file may be anybody's: nothing is shown raw."""

from __future__ import annotations

from agentguard.output import line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterable

    from rich.table import Table

    from agentguard.audit_reading import Entry, Statistics

_COLOURS = {
    "allow": "green",
    "ask": "yellow",
    "block": "bold red",
    "ran": "green",
    "approved": "green",
    "observed": "cyan",
    "failed": "bold red",
}
_TOP = 10


def log_lines(entries: Iterable[Entry]) -> None:
    """One line for each command: time, verdict, how it was answered, the first rule, where, and the command."""
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False)
    for entry in entries:
        verdict, outcome = _field(entry, "verdict"), _field(entry, "outcome")
        row = Text(f"{_field(entry, 'time')}  ", style="dim")
        row.append(f"{verdict:<6}", style=_COLOURS.get(verdict, "default"))
        row.append(f"{outcome:<9}", style=_COLOURS.get(outcome, "yellow"))
        if rule := _first_rule(entry):
            row.append(f"[{rule}] ", style="cyan")
        row.append(f"{_field(entry, 'cwd')} $ ", style="dim").append(_field(entry, "command"), style="default")
        console.print(row, soft_wrap=True)


def log_statistics(given: Statistics) -> None:
    """Verdicts and outcomes with their shares, the rules that were found most often, prompts per 100 commands."""
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False)
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("", no_wrap=True)
    table.add_column("commands", justify="right")
    table.add_column("share", justify="right")
    for heading, counts in (("verdict", given.verdicts), ("answered", given.outcomes), ("rule", given.rules)):
        _rows(table, heading, counts, given.commands)
    console.print(table)
    prompts = 100 * given.verdicts["ask"] / given.commands if given.commands else 0.0
    console.print(f"{given.commands} commands, {prompts:.1f} prompts per 100 commands")


def _rows(table: Table, heading: str, counts: Counter[str], commands: int) -> None:
    from rich.text import Text

    for name, count in counts.most_common(_TOP):
        label = Text(f"{heading} ", style="dim").append(line(name), style=_COLOURS.get(name, "default"))
        table.add_row(label, str(count), f"{100 * count / commands:.1f} %")


def _field(entry: Entry, key: str) -> str:
    value = entry.get(key)
    return line(value) if isinstance(value, str) else "?"


def _first_rule(entry: Entry) -> str:
    from agentguard.audit_reading import rules

    found = rules(entry)
    more = f" +{len(found) - 1}" if len(found) > 1 else ""
    return f"{line(found[0])}{more}" if found else ""
