"""What a command may change in its shell, read off the tree without walking it: variables, arguments, directory.

For scripts that somebody will run somewhere. A loop whose number of rounds is not known is walked once there, with
all that its rounds change forgotten first; to find that out by walking it again and again takes most of a scan.
"""

from __future__ import annotations

from agentguard import regex
from agentguard.interpret.state import State, Variable
from agentguard.interpret.values import Origin, unknown
from agentguard.light import dataclass, field
from agentguard.syntax.nodes import (
    Arithmetic,
    ArithmeticCommand,
    ArithmeticFor,
    Assignment,
    Coproc,
    For,
    Parameter,
    Redirect,
    Simple,
    Text,
    Word,
)
from agentguard.syntax.walk import Node, nodes, shallow

TYPE_CHECKING = False
if TYPE_CHECKING:
    from agentguard.interpret.interpreter import Interpreter

_DECLARING = frozenset({"declare", "export", "let", "local", "read", "readonly", "typeset", "unset"})
_FILLING = {"getopts": ("OPTARG", "OPTIND"), "mapfile": ("MAPFILE",), "printf": (), "readarray": ("MAPFILE",)}
_MOVING = frozenset({"cd", "popd", "pushd"})
_NAME = regex.compile(r"[A-Za-z_]\w*")
#: An arithmetic text that assigns.
_ASSIGNS = regex.compile(r"\+\+|--|(?<![=<>!])=(?!=)|<<=|>>=")


@dataclass(slots=True)
class Changes:
    """The names that may get another value; whether arguments and directory may change."""

    names: set[str] = field(default_factory=set)
    arguments: bool = False
    directory: bool = False

    def forget(self, state: State, detail: str) -> None:
        """Take from a state what may change. A variable that nothing has set yet stays what the environment gives."""
        for name in self.names & state.variables.keys():
            old = state.variables[name]
            state.variables[name] = Variable(unknown(Origin.LOOP, name), old is not None and old.exported)
        if self.arguments:
            state.positionals = None
        if self.directory:
            state.cwd = unknown(Origin.LOOP, detail)


def changes(shell: Interpreter, roots: tuple[Node, ...], state: State) -> Changes:
    """What commands may change; what ``eval`` and files read by ``.`` do is not seen."""
    found = Changes()
    waiting = [*roots]
    entered = set(map(id, waiting))
    while waiting:
        some, called = _own(shell, waiting.pop())
        found.names |= some.names
        found.arguments |= some.arguments
        found.directory |= some.directory
        for name in called & state.functions.keys():
            body = state.functions[name].body
            if id(body) not in entered:
                entered.add(id(body))
                waiting.append(body)
    return found


def _own(shell: Interpreter, root: Node) -> tuple[Changes, frozenset[str]]:
    """What a command changes itself, and the names of what it calls. Kept, because the tree outlives the walk."""
    kept = shell.changes.get(id(root))
    if kept is None:
        found = Changes()
        called = set()
        for node in shallow(root):
            if isinstance(node, Text | Word):
                continue
            _note(node, found)
            if isinstance(node, Simple):
                called.add(_text(node.words))
        kept = shell.changes[id(root)] = found, frozenset(called)
    return kept


def _note(node: Node, found: Changes) -> None:
    if isinstance(node, Assignment | For):
        found.names.add(node.name)
    elif isinstance(node, Simple):
        _command(node, found)
    elif isinstance(node, Parameter):
        if node.operator in ("=", ":="):
            found.names.add(node.name)
    elif isinstance(node, Arithmetic | ArithmeticCommand):
        _arithmetic(node.expression, found)
    elif isinstance(node, ArithmeticFor):
        for clause in node.clauses:
            _arithmetic(clause, found)
    elif isinstance(node, Redirect):
        if isinstance(node.descriptor, str):
            found.names.add(node.descriptor)
    elif isinstance(node, Coproc):
        found.names.add(node.name or "COPROC")


def _command(node: Simple, found: Changes) -> None:
    name = _text(node.words)
    if name in _DECLARING or name in _FILLING:
        found.names.update(_FILLING.get(name, ()))
        if name == "read":
            found.names.add("REPLY")
        for word in node.words[1:]:
            first = word.parts[0] if word.parts else None
            match = _NAME.match(first.value) if isinstance(first, Text) else None
            if match is not None:
                found.names.add(match[0])
    elif name in _MOVING:
        found.directory = True
    elif name in ("set", "shift"):
        found.arguments = True


def _arithmetic(word: Word, found: Changes) -> None:
    for part in word.parts:
        if isinstance(part, Text) and _ASSIGNS.search(part.value):
            found.names.update(_NAME.findall(part.value))


def _text(words: tuple[Word, ...]) -> str:
    """The command word where it is plain text."""
    parts = words[0].parts if words else ()
    return parts[0].value if len(parts) == 1 and isinstance(parts[0], Text) else ""


def takes_arguments(body: Node) -> bool:
    """Whether what a function does depends on the arguments of a call."""
    return any(
        (isinstance(node, Parameter) and (node.name.isdigit() or node.name in ("@", "*", "#")))
        or (isinstance(node, Simple) and _text(node.words) == "shift")
        for node in nodes(body)
    )
