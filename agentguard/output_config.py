"""The configuration on the terminal. Files of a project are not ours: their text is never written as it is."""

from __future__ import annotations

from collections.abc import Iterable

from agentguard.output import line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from agentguard.effective import Effective, Plain


def config_table(values: Iterable[Effective]) -> None:
    """One line for each value: the key, what it is, and the file and line that says so."""
    from rich.console import Console
    from rich.text import Text

    rows = [(line(value.key), line(shown(value.value), 600), value) for value in values]
    keys = max(len(key) for key, _, _ in rows)
    widest = max(len(text) for _, text, _ in rows if len(text) <= _SHORT)
    console = Console(highlight=False)
    for key, text, value in rows:
        source = f"{value.layer} {value.file}" if value.file else value.layer
        if value.line:
            source += f":{value.line}"
        row = Text(f"{key:<{keys}}  ", style="bold").append(f"{text:<{widest}}  ", style="default")
        console.print(row.append(line(source), style=_COLOURS[value.layer]), soft_wrap=True)


def shown(value: Plain) -> str:
    """A value in a few words."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ", ".join(shown(item) for item in value)
    if isinstance(value, dict):
        return "; ".join(f"{name} {shown(item)}" for name, item in value.items() if item)
    return str(value)


_SHORT = 40
_COLOURS = {"default": "default dim", "managed": "magenta", "user": "green", "project": "cyan"}
