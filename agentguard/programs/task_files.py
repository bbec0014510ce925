"""Tasks that are written in the language of the project: Rakefiles, ``tasks.py`` of invoke, noxfiles.

Only the tasks asked for, and those they need first, are read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from agentguard import regex
from agentguard.interpret.invocation import Effect, InnerCommand, Invocation
from agentguard.interpret.values import Value, literal
from agentguard.light import dataclass
from agentguard.operations import Opaque, ProgramCall
from agentguard.programs.contract import absolute, read_text
from agentguard.programs.streams import join
from agentguard.world.protocol import World

#: More tasks of one file than this are not followed.
MAX_TASKS = 50


@dataclass(frozen=True, slots=True)
class RakeTask:
    """What a task needs first, and its lines."""

    needs: tuple[str, ...]
    body: str


_TASK = regex.compile(
    r"""^(?P<indent>[ \t]*)(?:multi)?task[ \t(]+(?:[:'"])?(?P<name>[\w:.-]*\w)(?P<rest>.*)$""", re.MULTILINE
)
_NAMESPACE = regex.compile(r"""^(?P<indent>[ \t]*)namespace[ \t(]+[:'"]?(?P<name>\w+)""", re.MULTILINE)
_ONE_LINE = regex.compile(r"\{(.*)\}\s*$|\bdo\b(?:\s*\|[^|]*\|)?(.*)\bend\s*$")


def rake(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """``rake TASK…``: the blocks of the tasks in the Rakefile, read as Ruby."""
    if invocation.name != "rake" or call.has("--tasks", "--dry-run", "--help", "--version", "-D", "-P"):
        return
    named = call.value("-f", "--rakefile")
    text = Value()
    for path in [named] if named is not None else [literal(n) for n in ("Rakefile", "rakefile", "Rakefile.rb")]:
        text = read_text(path, invocation, world)
        if text.known is not None:
            break
    words = (*call.subcommand, *(word.known or "" for word in call.operands))
    wanted = [re.sub(r"\[.*", "", word) for word in words if "=" not in word]
    tasks = rake_tasks(text.known or "")
    pending, done = wanted or ["default"], set[str]()
    while pending and len(done) < MAX_TASKS:
        name = pending.pop(0)
        if name in done:
            continue
        done.add(name)
        if name not in tasks:
            yield Opaque(f"the task {name} of rake is not read")
        for task in tasks.get(name, ()):
            pending += task.needs
            if task.body.strip():
                yield InnerCommand((literal("ruby"), literal("-e"), literal(task.body, *text.sources)), f"rake {name}")


def rake_tasks(text: str) -> dict[str, list[RakeTask]]:
    """The tasks of a Rakefile by their full names; a name may be given several blocks."""
    spaces = [(match.start(), match["indent"], match["name"]) for match in _NAMESPACE.finditer(text)]
    tasks: dict[str, list[RakeTask]] = {}
    for match in _TASK.finditer(text):
        around = [
            name
            for start, indent, name in spaces
            if start < match.start() < _end(text, start, indent) and len(indent) < len(match["indent"])
        ]
        name = ":".join((*around, match["name"]))
        tasks.setdefault(name, []).append(RakeTask(_needs(match["rest"], around), _body(text, match)))
    return tasks


def _end(text: str, start: int, indent: str) -> int:
    """Where the block that begins at ``start`` ends: at an ``end`` as far to the left."""
    found = re.compile(rf"^{indent}end\b", re.MULTILINE).search(text, start)
    return found.start() if found else len(text)


def _body(text: str, match: re.Match[str]) -> str:
    rest = match["rest"]
    single = _ONE_LINE.search(rest)
    if single is not None:
        return single[1] or single[2] or ""
    if not re.search(r"\bdo\b|\{\s*(?:\|[^|]*\|\s*)?$", rest):
        return ""
    return text[match.end() : _end(text, match.end(), match["indent"])]


def _needs(rest: str, around: Sequence[str]) -> tuple[str, ...]:
    """``=> :a``, ``=> [:a, 'b:c']``, ``: [:a]`` behind the name."""
    found = re.search(r"(?:=>|^:)\s*(\[[^\]]*\]|[:'\"][\w:.-]+)", rest)
    names = re.findall(r"[\w][\w:.-]*", found[1]) if found else []
    return tuple(name for each in names for name in (each, ":".join((*around, each)))) if around else tuple(names)


_PYTHON = {
    "invoke": (("tasks.py",), "import invoke as _c\n{name}(_c)\n"),
    "fab": (("fabfile.py",), "import fabric as _c\n{name}(_c)\n"),
    "nox": (("noxfile.py",), "import nox as _n\n{name}(_n.session)\n"),
}


def python_tasks(call: ProgramCall, invocation: Invocation, world: World) -> Iterator[Effect]:
    """invoke, fab and nox: the functions asked for, called in the file that defines them."""
    if call.has("--list", "-l", "--help", "-h", "--version", "--dry", "-R", "--dry-run"):
        return
    files, ending = _PYTHON[call.program]
    named = call.value("-f", "--noxfile", "--fabfile", "--collection")
    path = absolute(named if named is not None else literal(files[0]), invocation)
    text = read_text(path, invocation, world)
    if text.known is None:
        yield Opaque(f"{files[0]} cannot be read here, so what {call.program} does is not known")
        return
    defined = re.findall(r"^(?:async )?def (\w+)\(", text.known, re.MULTILINE)
    if call.program == "nox":
        asked = [str(value) for value in call.values("-s", "--session", "-e")] or defined
    else:
        asked = [word.known or "" for word in call.operands]
    calls = [ending.format(name=function) for each in asked if (function := each.replace("-", "_")) in defined]
    if calls:
        program = join((text, *map(literal, calls)), "\n")
        yield InnerCommand((literal("python"), literal("-c"), program), call.program)
    elif asked:
        yield Opaque(f"the task {asked[0]} of {call.program} is not read")
