"""A scan on the terminal. The files may be anybody's: nothing of them is shown raw."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from agentguard.output import COLOURS, UNDO, visible
from agentguard.redaction import redacted
from agentguard.scan.model import Hit, Place

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rich.console import Console
    from rich.progress import Progress
    from rich.text import Text

    from agentguard.scan.model import Report

_PATIENCE = 1.0  # seconds before a progress bar is worth its lines
_TAB = "    "
_INDENT = 2


def findings(report: Report) -> None:
    """The findings with their source lines, what could not be read, and a summary, on standard output.

    A command with several findings is shown once, by the strictest; the others are named below it.
    """
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False)
    for hit, *others in _by_command(report.hits):
        severity = hit.severity.name.lower()
        heading = Text(_where(hit.place), style="bold")
        heading.append(f"{severity}: ", style=COLOURS[severity]).append(_flat(hit.title))
        _hanging(console, heading, 2 * _INDENT)
        _source(console, hit, COLOURS[severity])
        for label, text in _facts(hit, others):
            _hanging(console, Text(f"{'':{_INDENT}}{label:<8} ", style="dim").append(text, style="default"), 11)
        console.print()
    for problem in report.problems:
        unread = Text(_where(problem.place), style="bold").append("not read: ", style="yellow")
        _hanging(console, unread.append(_flat(problem.message)), 2 * _INDENT)
    _hanging(console, Text(_summary(report)), _INDENT)


@contextmanager
def progress() -> Iterator[Callable[[int], None]]:
    """A function that is told how many files are done; a bar shows on standard error if that is a terminal and it
    takes long."""
    if not sys.stderr.isatty():
        yield lambda done: None
        return
    import threading

    bar: Progress | None = None
    count, over = 0, False
    lock = threading.Lock()

    def begin() -> None:
        nonlocal bar
        with lock:
            if not over:
                bar = _bar()
                bar.update(bar.task_ids[0], completed=count)
                bar.start()

    def advance(done: int) -> None:
        nonlocal count
        count = done
        if bar is not None:
            bar.update(bar.task_ids[0], completed=done)

    waiting = threading.Timer(_PATIENCE, begin)
    waiting.daemon = True
    waiting.start()
    try:
        yield advance
    finally:
        waiting.cancel()
        with lock:
            over = True
        if bar is not None:
            bar.stop()


def _bar() -> Progress:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("scanning"), BarColumn(), TextColumn("{task.completed} files"), TimeElapsedColumn())
    bar = Progress(*columns, console=Console(stderr=True), transient=True)
    bar.add_task("scanning", total=None)
    return bar


def named(path: str) -> str:
    """How a scanned file is called: without a leading ``./``, and standard input by its name."""
    return "stdin" if path == "-" else os.path.normpath(path)


def _where(place: Place) -> str:
    return f"{_flat(named(place.path))}:{place.line}:{place.column}: "


def _by_command(hits: Sequence[Hit]) -> list[list[Hit]]:
    """The findings on one command together, the strictest first; several commands may stand at one place."""
    found: dict[tuple[Place, str], list[Hit]] = {}
    for hit in hits:
        found.setdefault((hit.place, hit.part), []).append(hit)
    return [sorted(group, key=lambda hit: -hit.severity) for group in found.values()]


def _facts(hit: Hit, others: Sequence[Hit]) -> list[tuple[str, str]]:
    facts = [
        ("command", hit.part if hit.part and hit.part not in hit.source else ""),
        ("where", hit.target if hit.target not in hit.title else ""),
        ("lost", hit.loses),
        ("undo", UNDO.get(hit.reversible, hit.reversible)),
        ("instead", hit.instead),
        ("rule", hit.rule),
        *(("also", f"{other.severity.name.lower()}: {other.title} [{other.rule}]") for other in others),
    ]
    return [(label, _flat(text)) for label, text in facts if text]


def _source(console: Console, hit: Hit, colour: str) -> None:
    """The line of the file with what the finding is about underlined; of a long line the part around it."""
    from rich.cells import cell_len, set_cell_size
    from rich.text import Text

    before, middle, after = (_drawn(part) for part in _split(hit))
    if not (before + middle + after).strip():
        return
    stripped = before.lstrip(" ") if before.strip() or middle.strip() else ""
    number = f"{hit.place.line:>5}"
    room = max(console.width - cell_len(number) - 3 - _INDENT, 20)
    if cell_len(stripped) + cell_len(middle) > room:  # what is before it matters less
        keep = max(room - cell_len(middle) - 1, min(10, room // 4))
        if cell_len(stripped) > keep:
            stripped = f"…{set_cell_size(stripped[::-1], keep).rstrip()[::-1]}"
    left = cell_len(stripped)
    if left + cell_len(middle) > room:
        middle, after = f"{set_cell_size(middle, room - left - 1).rstrip()}…", ""
    elif left + cell_len(middle) + cell_len(after.rstrip()) > room:
        after = f"{set_cell_size(after, room - left - cell_len(middle) - 1)}…"
    shown = Text(f"{number} │ ", style="dim").append(stripped + middle + after.rstrip(), style="default")
    console.print(shown, soft_wrap=True)
    marked = Text(f"{'':5} │ ", style="dim").append(f"{'':{left}}{'^' * max(cell_len(middle), 1)}", style=colour)
    console.print(marked, soft_wrap=True)


def _split(hit: Hit) -> tuple[str, str, str]:
    """The source line before, in and after the finding, without secrets."""
    source, start = hit.source, hit.place.column - 1
    end = hit.place.end_column - 1 if hit.place.end_line == hit.place.line else len(source)
    end = max(start, min(end, len(source)))
    clean = redacted(source)
    if clean != source:
        tail = source[end:] if clean.endswith(source[end:]) else ""
        start = start if clean.startswith(source[:start]) else len(clean) - len(clean.lstrip())
        source, end = clean, len(clean) - len(tail)
    middle = source[start:end]
    return source[:start], middle.rstrip(), middle[len(middle.rstrip()) :] + source[end:]


def _drawn(text: str) -> str:
    return visible(text.rstrip("\r\n")).replace("\t", _TAB)


def _flat(text: str) -> str:
    return visible(" ".join(text.split()))


def _hanging(console: Console, text: Text, indent: int) -> None:
    """Print with later lines indented. Words are not broken: a path stays whole."""
    from rich.text import Text

    lines = text.divide(_breaks(text.plain, max(console.width - indent, 20)))
    for number, line in enumerate(lines):
        line.rstrip()
        console.print(Text(" " * indent if number else "").append_text(line), soft_wrap=True)


def _breaks(text: str, width: int) -> list[int]:
    """The offsets of the words that begin a new line."""
    from rich.cells import cell_len

    found: list[int] = []
    start = 0
    for word in re.finditer(r"\S+", text):
        if word.start() > start and cell_len(text[start : word.end()]) > width:
            start = word.start()
            found.append(start)
    return found


def _summary(report: Report) -> str:
    counts: dict[str, int] = {}
    for hit in sorted(report.hits, key=lambda hit: -hit.severity):
        counts[hit.severity.name.lower()] = counts.get(hit.severity.name.lower(), 0) + 1
    found = ", ".join(f"{count} {name}" for name, count in counts.items()) or "no findings"
    parts = [f"{found} in {report.files} {'file' if report.files == 1 else 'files'}"]
    parts += [f"{report.silenced} silenced"] if report.silenced else []
    parts += [f"{report.excluded} excluded"] if report.excluded else []
    parts += [f"{len(report.problems)} not read"] if report.problems else []
    return f"agentguard: {'; '.join(parts)} ({report.seconds:.1f} s)"
