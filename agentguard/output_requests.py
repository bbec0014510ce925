"""How requests look: the list, the panel of one, and the screen of ``agentguard watch``."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence

from agentguard.light import dataclass
from agentguard.output import COLOURS, facts_table, line, visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.panel import Panel
    from rich.text import Text

    from agentguard.confirm.described import Noted
    from agentguard.confirm.requests import Request


@dataclass(frozen=True, slots=True)
class Screen:
    """What ``watch`` shows: the open requests, which is selected, whether it is shown whole, and one line of news."""

    requests: Sequence[Request]
    selected: int = 0
    whole: bool = False
    first_line: int = 0
    news: str = ""


def listing(requests: Sequence[Request]) -> None:
    """The open requests on standard output, and how to answer."""
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False)
    if not requests:
        console.print("nothing waits for an answer")
        return
    for request in requests:
        console.print(Text(f"{request.id}  ", style="bold").append(_summary(request)), soft_wrap=True)
        console.print(Text(f"         {line(request.text, 300)}", style="dim"), soft_wrap=True)
    console.print(Text("agentguard approve ID  or  agentguard deny ID  in your own terminal answers"))


def page(request: Request) -> None:
    """One request with everything that is known of it, on standard output."""
    from rich.console import Console

    Console(highlight=False).print(panel(request))


def panel(request: Request) -> Panel:
    """The whole command, where it would run, and what it would do."""
    from rich.console import Group
    from rich.panel import Panel
    from rich.text import Text

    parts: list[RenderableType] = [Text(visible(request.text), style="bold"), Text()]
    parts.append(facts_table((("in", line(request.cwd, 300)), ("asked", _age(request)))))
    if not request.findings:
        parts.append(Text(line(request.reason, 600)))
    for noted in request.findings:
        parts += [Text(), *_noted(noted)]
    return Panel(Group(*parts), title=f"request {request.id}", border_style="yellow")


def watched(screen: Screen, width: int, height: int) -> RenderableType:
    """The screen of ``watch`` in exactly so many columns and rows."""
    from rich.console import Group
    from rich.text import Text

    rows = max(height - 2, 1)
    if screen.requests and screen.whole:
        body = _cut(panel(screen.requests[screen.selected]), width, rows, screen.first_line)
        keys = "a approve  d deny  j/k scroll  Enter back  q quit"
    else:
        body = _rows(screen, width, rows)
        keys = "a approve  d deny  j/k select  Enter whole request  q quit"
    news = Text(line(screen.news, width), style="yellow", no_wrap=True, overflow="ellipsis")
    return Group(*body, news, Text(keys[:width], style="reverse", no_wrap=True))


def _rows(screen: Screen, width: int, rows: int) -> list[Text]:
    from rich.text import Text

    count = len(screen.requests)
    shown = [Text(f"agentguard: {count} waiting" if count else "agentguard: nothing waits for an answer", style="bold")]
    room = max((rows - 1) // 2, 1)
    first = max(0, min(screen.selected - room // 2, count - room))
    for number, request in enumerate(screen.requests[first : first + room], first):
        style = "reverse" if number == screen.selected else ""
        head = Text(f"{'>' if style else ' '} {request.id}  ", style="bold").append(_summary(request))
        text = Text(f"           {line(request.text, max(width - 11, 10))}", style="dim")
        for part in (head, text):
            part.stylize(style)
            part.no_wrap, part.overflow = True, "ellipsis"
            shown.append(part)
    return (shown + [Text("")] * rows)[:rows]


def _cut(renderable: RenderableType, width: int, rows: int, first: int) -> list[Text]:
    """The rows from ``first`` on, so that a long command can be read to its end."""
    from rich.console import Console
    from rich.text import Text

    console = Console(width=width, highlight=False, force_terminal=True)
    lines = console.render_lines(renderable, console.options.update(width=width), pad=False)
    first = max(0, min(first, len(lines) - rows))
    texts = [
        Text.assemble(*((segment.text, segment.style or "") for segment in row), no_wrap=True, overflow="crop")
        for row in lines[first : first + rows]
    ]
    if first + rows < len(lines):
        texts[-1] = Text(f"… {len(lines) - first - rows + 1} more rows, j goes on", style="yellow")
    return (texts + [Text("")] * rows)[:rows]


def _noted(noted: Noted) -> Iterable[RenderableType]:
    from rich.text import Text

    yield Text(line(noted.title), style=COLOURS.get(noted.severity, ""))
    yield facts_table((line(label), line(text, 600)) for label, text in noted.facts)


def _summary(request: Request) -> str:
    title = request.findings[0].title if request.findings else request.reason
    return f"{_age(request)}  {line(title, 200)}"


def _age(request: Request) -> str:
    seconds = max(0, int(time.time() - request.created))
    return f"{seconds} s ago" if seconds < 120 else f"{seconds // 60} min ago"
